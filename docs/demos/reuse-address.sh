#!/usr/bin/env bash
# SO_REUSEADDR must be set in both runs, the old one and the new one.
. "$(dirname "$0")/helpers.bash"

# rerun OLD NEW EXPECTED: step OLD runs and leaves a TIME-WAIT; then step NEW is started on the same
# port, and must print EXPECTED. Step 1 has no SO_REUSEADDR, step 3 has it.
rerun() {
  run_step "$1"
  dial anna
  talk anna "hello"
  stop_server # which closes first; step 1 has done so by itself
  check server_is FIN-WAIT-2
  hang_up anna
  check server_is TIME-WAIT
  result "the server served a client and closed first: TIME-WAIT on port %s" "$PORT"
  choose_step "$2"
  run_to_see "$3"
  stop_server
}

title "Two runs on one port, with and without SO_REUSEADDR"
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
