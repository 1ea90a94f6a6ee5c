#!/usr/bin/env bash
# A broken server whose mistake is to be found from outside. It is built as mine/puzzle/server,
# without its source, started on a free port, and what one of its users reports is printed. On Enter
# it is ended and started again; Ctrl-C ends it for good. `make answer` checks what you think.
# Arguments: STEP, 1 to 4, or empty for any; SEED, the number of one mistake, or empty for any.
# Status 2 for another STEP or SEED; 1 when the server cannot be built.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/helpers/all.bash
. docs/class/puzzles.bash

at_the_end stop_server

# start_it: on the same port every time; a step 1 leaves its TIME-WAIT there, and takes another.
start_it() {
  if [[ $step_of_it == 1 || ! ${PORT:-} ]]; then PORT=$(free_port); fi
  launch_server "$PORT"
  tell "It was started as: server %s (process %s); its output is in %s" \
    "$PORT" "$SERVER_PID" "$SERVER_LOG"
}

step=${1:-}
require_puzzles "$step"
count=$(puzzle_names "$step" | wc -l)
seed=${2:-$((1 + RANDOM % count))}
[[ $seed =~ ^[1-9][0-9]?$ && $seed -le $count ]] ||
  stop 2 "A seed is a number from 1 to %s here. You said: '%s'" "$count" "$seed"
patch=$MISTAKES/$(drawn "$seed" "$step").patch
step_of_it=$(header step "$patch")
docs/look/doctor.sh cc patch
rm -rf "$PUZZLE"
# Without the warnings that would tell.
server=$(CFLAGS='-O2 -w' LDFLAGS=-s build_patches "$PUZZLE/source" "$patch")
cp "$server" "$PUZZLE/server"
rm -r "$PUZZLE/source"
echo "$seed $step" >"$PUZZLE/seed"

SCRATCH=$PUZZLE
SERVER_COMMAND=("$PUZZLE/server")
tell "Puzzle %s: a server of step %s, with one mistake in it." "${step:+STEP=$step }SEED=$seed" \
  "$step_of_it"
start_it
tell "One of its users reports:"
spoken_header report "$patch" | wrap 76 | sed 's/^/  /'
tell "Look at it from outside, in another terminal:"
cat <<END_OF_TOOLS
  nc 127.0.0.1 $PORT
  make states PORT=$PORT
  make watch PORT=$PORT
  ss -tanp 'sport = :$PORT or dport = :$PORT'
  top -p $SERVER_PID
  ls -l /proc/$SERVER_PID/fd
  make test-step$step_of_it SERVER=$PUZZLE/server HINTS=0
  make timeline SERVER=$PUZZLE/server
END_OF_TOOLS
tell "Then say what it is: make answer; with HINT=1 it describes the symptom."
tell "Enter ends it and starts it again; Ctrl-C ends it for good."
while read -r; do
  if server_has_ended; then
    status=0
    await_server || status=$?
    tell "It has ended, with status %s." "$status"
  fi
  stop_server
  start_it
done
