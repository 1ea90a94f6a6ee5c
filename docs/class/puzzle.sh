#!/usr/bin/env bash
# A broken server whose mistake is to be found from outside. It is built as mine/puzzle/server, without
# its source, started on a free port, and what one of its users reports is printed. On Enter it is
# ended and started again; Ctrl-C ends it for good. `make answer` checks what you think.
# Arguments: STEP, 1 to 4, or empty for any; SEED, a number that stands for one mistake, or empty for
# a random one.
# With --key as the first: for the teacher, prints seeds with their key, and starts nothing.
# Arguments: STEP as above; SEEDS, numbers with spaces between them, or empty for up to ten random
# ones, each with another mistake.
# Status 2 for another STEP or SEED; 1 when the server cannot be built.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/all.bash
. tests/helpers/all.bash
# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=docs/class/puzzles.bash
. docs/class/puzzles.bash

temporary=$(mktemp -d)
clean_up() {
  stop_server
  rm -rf "$temporary"
}
at_the_end clean_up

require_step() {
  [[ $1 =~ ^[1-4]?$ ]] || {
    tell "Which step? STEP=1, 2, 3 or 4, or none for any. You said: STEP='%s'" "$1" >&2
    exit 2
  }
}

require_seed() {
  [[ $1 =~ ^[0-9]{1,9}$ ]] || {
    tell "A seed is a number of at most nine digits. You said: '%s'" "$1" >&2
    exit 2
  }
}

random_seed() { echo $((1 + (RANDOM * 32768 + RANDOM) % 9999)); }

# --- the teacher's form

# print_key STEP SEED: what to give out, and what it is.
print_key() {
  local name
  name=$(rank "$2" "$1" | head -n 1)
  printf '%-30s %s\n' "make puzzle ${1:+STEP=$1 }SEED=$2" "$name"
  spoken_header mistake "$PUZZLES/$name.patch" | wrap 90 | sed 's/^/    /'
}

# distinct_seeds STEP: prints ten random seeds, or as many as there are mistakes, each for another.
distinct_seeds() {
  local seed name names wanted
  local -A drawn=()
  mapfile -t names < <(puzzle_names "$1")
  wanted=$((${#names[@]} < 10 ? ${#names[@]} : 10))
  while ((${#drawn[@]} < wanted)); do
    seed=$(random_seed)
    name=$(rank "$seed" "$1" | sed 1q)
    [[ ! ${drawn[$name]:-} ]] || continue
    drawn[$name]=$seed
    echo "$seed"
  done
}

print_keys() {
  local seed seeds
  if [[ -e $PUZZLE_ARCHIVE ]]; then
    tell "The key is with the teacher: this is a student's copy." >&2
    exit 1
  fi
  require_step "$1"
  read -r -a seeds <<<"$2"
  for seed in "${seeds[@]}"; do require_seed "$seed"; done
  ((${#seeds[@]})) || mapfile -t seeds < <(distinct_seeds "$1")
  for seed in "${seeds[@]}"; do print_key "$1" "$seed"; done
}

# --- the puzzle

# The server, or a child of it, listens somewhere, on whatever port; or it has ended.
has_settled() {
  local server_pids
  find_server_pids
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

find_puzzles "$temporary/puzzles"
if [[ ${1:-} == --key ]]; then
  print_keys "${2:-}" "${3:-}"
  exit
fi

step=${1:-}
seed=${2:-$(random_seed)}
require_step "$step"
require_seed "$seed"
patch=$PUZZLES/$(rank "$seed" "$step" | sed 1q).patch
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
