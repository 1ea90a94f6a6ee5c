#!/usr/bin/env bash
# SO_REUSEADDR must be set in both runs, the old one and the new one.
# Takes PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

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
  printed "$(translated "the server served a client and closed first: TIME-WAIT on port %s" \
    "$PORT")"
}

# rerun OLD NEW EXPECTED: after a run of step OLD, starts step NEW on the same port; it must print EXPECTED.
rerun() {
  leave_time_wait "$1"
  SERVER_COMMAND=("$ROOT"/step"$2"_*/server)
  typed "$(basename "$(dirname "${SERVER_COMMAND[0]}")")/server $PORT"
  launch_server "$PORT"
  check "$(translated "'%s'" "$3")" server_has_said "$3"
  printed "$(cat "$SERVER_LOG")"
  stop_server
}

for step in 1 3; do
  "$ROOT/docs/class/written.sh" $step
  make -s --no-print-directory -C "$ROOT"/step${step}_*
done
title "Two runs on one port, with and without SO_REUSEADDR"
# Step 1 has no SO_REUSEADDR, step 3 has it.
pause "The old run without SO_REUSEADDR, the new one without SO_REUSEADDR:"
rerun 1 1 "Address already in use"
pause "The old run without SO_REUSEADDR, the new one with SO_REUSEADDR:"
rerun 1 3 "Address already in use"
say "This is why \"add the option, build, run\" fails once more: the old run did not have it."
pause "The old run with SO_REUSEADDR, the new one without SO_REUSEADDR:"
rerun 3 1 "Address already in use"
pause "The old run with SO_REUSEADDR, the new one with SO_REUSEADDR:"
rerun 3 3 "listening on"
remember "SO_REUSEADDR helps against a TIME_WAIT only if the old run had set it too. Always set it."
