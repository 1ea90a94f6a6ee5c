#!/usr/bin/env bash
# SO_REUSEADDR must be set in both runs, the old one and the new one.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# Step 1 has no SO_REUSEADDR, step 3 has it.
option_of() { if [[ $1 == 1 ]]; then echo "without SO_REUSEADDR"; else echo "with SO_REUSEADDR"; fi; }

# leave_time_wait STEP: runs that step on a free port, so that it leaves a TIME-WAIT there.
leave_time_wait() {
  PORT=$(free_port)
  SERVER_COMMAND=("$ROOT"/step"$1"_*/server)
  run_again
  hold anna
  stop_server # which closes first; step 1 has done so by itself
  check "FIN-WAIT-2 at the server's end" server_is FIN-WAIT-2
  release anna
  check "TIME-WAIT at the server's end" server_is TIME-WAIT
  printed "the server served a client and closed first: TIME-WAIT on port $PORT"
}

# rerun OLD NEW EXPECTED: after a run of step OLD, starts step NEW on the same port; it must print EXPECTED.
rerun() {
  pause "The old run $(option_of "$1"), the new one $(option_of "$2"):"
  leave_time_wait "$1"
  SERVER_COMMAND=("$ROOT"/step"$2"_*/server)
  typed "$(basename "$(dirname "${SERVER_COMMAND[0]}")")/server $PORT"
  launch_server "$PORT"
  check "'$3'" server_has_said "$3"
  printed "$(cat "$SERVER_LOG")"
  stop_server
}

make -s --no-print-directory -C "$ROOT" step1_single_shot step3_close_detect
title "Two runs on one port, with and without SO_REUSEADDR"
rerun 1 1 "Address already in use"
rerun 1 3 "Address already in use"
say "This is why \"add the option, build, run\" fails once more: the old run did not have it."
rerun 3 1 "Address already in use"
rerun 3 3 "listening on"
remember "SO_REUSEADDR helps against a TIME_WAIT only if the old run had set it too. Always set it."
