#!/usr/bin/env bash
# A broken server whose mistake is to be found from outside. It is built as mine/puzzle/server, without
# its source, started on a free port, and what one of its users reports is printed. On Enter it is
# ended and started again; Ctrl-C ends it for good. `make answer` checks what you think.
# Arguments: STEP, 1 to 4, or empty for any; SEED, a number that stands for one mistake, or empty for
# a random one.
# Status 2 for another STEP or SEED; 1 when the server cannot be built.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/all.bash
. tests/helpers/all.bash
# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=docs/class/puzzles.bash
. docs/class/puzzles.bash

at_the_end stop_server

# The server, or a child of it, listens somewhere, on whatever port; or it has ended.
has_settled() {
  local server_pids
  find_server_pids server_pids
  server_has_ended || ss -Hltnp | grep -qE "pid=($(IFS='|' && echo "${server_pids[*]}")),"
}

# start_it: on the same port every time; a step 1 leaves its TIME-WAIT there, and takes another.
start_it() {
  if [[ $(header step "$patch") == 1 || ! ${PORT:-} ]]; then PORT=$(free_port); fi
  launch_server "$PORT"
  eventually has_settled || true
  tell "It was started as: server %s (process %s); its output is in %s" \
    "$PORT" "$SERVER_PID" "$SERVER_LOG"
}

# say_that_it_ended: once, with the status.
say_that_it_ended() {
  local status=0
  [[ ! $ended ]] && server_has_ended || return 0
  await_server || status=$?
  ended=yes
  tell "It has ended, with status %s." "$status"
}

show_tools() {
  tell "Look at it from outside, in another terminal:"
  cat <<END_OF_TOOLS
  nc 127.0.0.1 $PORT
  make states PORT=$PORT
  make watch PORT=$PORT
  ss -tanp 'sport = :$PORT or dport = :$PORT'
  top -p $SERVER_PID
  ls -l /proc/$SERVER_PID/fd
  make test-step$(header step "$patch") SERVER=$PUZZLE/server HINTS=0
  make timeline SERVER=$PUZZLE/server
END_OF_TOOLS
  tell "Then say what it is: make answer; HINT=1 tells what one sees."
}

# play: until Ctrl-C. Without a terminal, until the server has ended.
play() {
  local status ended='' input=yes
  tell "Enter ends it and starts it again; Ctrl-C ends it for good."
  while :; do
    status=0
    if [[ $input ]]; then read -r -t 0.3 _ || status=$?; else sleep 0.1; fi
    say_that_it_ended
    if ((status > 0 && status <= 128)); then input=''; fi # the end of the input
    if [[ ! $input && $ended ]]; then return; fi
    if [[ $input ]] && ((status == 0)); then
      stop_server
      ended=''
      start_it
    fi
  done
}

step=${1:-}
seed=${2:-$(random_seed)}
require_step "$step"
require_seed "$seed"
patch=$MISTAKES/$(drawn "$seed" "$step").patch
rm -rf "$PUZZLE"
mkdir -p "$PUZZLE"
build_puzzle "$(basename "$patch" .patch)" "$PUZZLE/server"
echo "$seed $step" >"$PUZZLE/seed"

SCRATCH=$PUZZLE
SERVER_COMMAND=("$PUZZLE/server")
tell "Puzzle %s: a server of step %s, with one mistake in it." \
  "${step:+STEP=$step }SEED=$seed" "$(header step "$patch")"
start_it
tell "One of its users reports:"
spoken_header report "$patch" | wrap 76 | sed 's/^/  /'
show_tools
play
