#!/usr/bin/env bash
# A storm of clients against steps 3 and 4, bounded in count and time: they connect and leave, send a
# little or a lot, close half, reset, never read, trickle byte by byte, are killed, all in random order,
# while the server is stopped and continued, gets SIGPIPE, and runs out of descriptors. Afterwards the
# server must stand as at the start, and every well-behaved client must have got its bytes exactly.
# Arguments: SEED (random by default; the same seed gives the same clients) and CLIENTS, a step
# (default 2000). Status 1 when anything is not as it should be.
set -euo pipefail
cd "$(dirname "$0")/.."

seed=${1:-$RANDOM}
clients=${2:-2000}
if [[ ! $seed =~ ^[0-9]{1,9}$ || ! $clients =~ ^[1-9][0-9]{0,5}$ ]]; then
  echo "usage: .ci/storm.sh [SEED [CLIENTS]], both numbers; you said: ${*@Q}" >&2
  exit 2
fi

# shellcheck source=tests/helpers/all.bash
. tests/helpers/all.bash

DEADLINE=60 # in step 3 a client waits for all those before it
WORKERS=6
SCRATCH=$(mktemp -d)
trap '' PIPE
clean_up() {
  stop_clients
  stop_server
  rm -rf "$SCRATCH"
}
at_the_end clean_up

# --- one client of each kind. A well-behaved one says how many of its bytes came back right and how
# many it sent: "good RIGHT SENT".

leaves() { connect anna && disconnect anna; }

little() {
  connect anna
  if exchange anna "client $1 says $RANDOM"; then echo "good 1 1"; else echo "good 0 1"; fi
  disconnect anna
}

trickles() {
  local right=0 byte
  connect anna
  for byte in a b c d e f g h; do
    if exchange anna "$byte"; then right=$((right + 1)); fi
  done
  disconnect anna
  echo "good $right 8"
}

# A quarter of a megabyte, then half closed, and all of it has to come back.
half_closes() {
  # shellcheck disable=SC2046 # no option, or one
  timeout "$DEADLINE" nc $(nc_half_close_options) "$HOST" "$PORT" <"$SCRATCH/message" >"$SCRATCH/reply$2" || true
  if cmp -s "$SCRATCH/message" "$SCRATCH/reply$2"; then echo "good 262144 262144"; else echo "good 0 262144"; fi
}

resets() { connect anna && reset anna; }

# Sends a lot, reads nothing and is gone again: the server may be sending just then.
never_reads() {
  connect anna
  local fd=${CLIENT_FD[anna]}
  timeout 0.1 cat "$SCRATCH/message" 2>/dev/null 1>&"$fd" || true
  disconnect anna
}

# Leaves in the middle of what it sends.
sends_and_leaves() {
  connect anna
  local fd=${CLIENT_FD[anna]}
  head -c $((RANDOM + 1)) "$SCRATCH/message" 2>/dev/null 1>&"$fd" || true
  disconnect anna
}

is_killed() {
  connect anna
  printf 'hello' >&"${CLIENT_FD[anna]}"
  (sleep 1 <&"${CLIENT_FD[anna]}") & # holds the connection, and is killed
  disconnect anna
  kill -KILL $!
  wait $! || true
}

# worker NUMBER: its share of the clients, in the random order that the seed gives.
worker() {
  local client kind kinds=(leaves little trickles half_closes resets never_reads sends_and_leaves is_killed)
  RANDOM=$(((seed + $1) % 32768))
  for ((client = 0; client < (clients + WORKERS - 1) / WORKERS; client++)); do
    kind=${kinds[RANDOM % ${#kinds[@]}]}
    echo "kind 1 $kind"
    "$kind" "$client" "$1" || echo "failed 1 $kind"
  done >"$SCRATCH/worker$1" 2>"$SCRATCH/errors$1"
}

# weather: signals that the server does not handle, and for a while no descriptor is free.
weather() {
  local tick=0
  while sleep 0.05; do
    tick=$((tick + 1))
    case $((tick % 8)) in
      1) signal_server STOP ;;
      2) signal_server CONT ;;
      3) signal_server PIPE ;;
      4) prlimit --pid "$SERVER_PID" --nofile=6: ;;
      7) prlimit --pid "$SERVER_PID" --nofile=1024: ;;
    esac
  done
}

# sum WORD COLUMN: adds up a column of the workers' lines that begin with the word.
sum() { cat "$SCRATCH"/worker* | awk -v word="$1" -v column="$2" '$1 == word { n += $column } END { print n + 0 }'; }

# How many clients there were of each kind.
kinds() { cat "$SCRATCH"/worker* | awk '$1 == "kind" { n[$3]++ } END { for (kind in n) print n[kind], kind }' | sort -k 2 | paste -sd ,; }

answers_at_once() { connect anna && exchange anna "still there?" && disconnect anna; }

# expect WHAT COMMAND [ARGUMENT...]
expect() {
  if eventually "${@:2}"; then
    echo "  ok: $1"
  else
    echo "  NOT SO: $1"
    failed=1
  fi
}

# storm STEP
storm() {
  local workers=() number weather_pid descriptors sent lost
  SERVER_COMMAND=("$PWD/step$1"_*/server)
  start_server 127.0.0.1
  descriptors=$(server_descriptors)
  weather 2>/dev/null &
  weather_pid=$!
  for ((number = 1; number <= WORKERS; number++)); do
    worker "$number" &
    workers+=($!)
  done
  wait "${workers[@]}"
  kill "$weather_pid"
  wait "$weather_pid" 2>/dev/null || true
  signal_server CONT
  prlimit --pid "$SERVER_PID" --nofile=1024:

  sent=$(sum good 3)
  lost=$((sent - $(sum good 2)))
  echo "step $1: $(sum kind 2) clients"
  kinds | sed 's/,/, /g' | fmt -w 78 | sed 's/^/  /'
  echo "  faults: $(sum failed 2); bytes that well-behaved clients sent: $sent, lost: $lost"
  ((lost == 0)) || failed=1
  expect "the server is up" server_is_running
  expect "no connection is left at its end" server_has_no_connection
  expect "it answers at once" answers_at_once
  expect "nothing is left but the clients' TIME-WAITs" only_time_wait_is_left
  expect "it holds the $descriptors descriptors of the start" server_has_descriptors "$descriptors"
  expect "it has one thread" server_has_threads 1
  expect "it sleeps" server_sleeps
  stop_server
  rm -f "$SCRATCH"/worker*
}

only_time_wait_is_left() { ! has_line "$(server_sockets && client_sockets)" '^[^LT]'; }

docs/look/doctor.sh nc ss prlimit
make -s --no-print-directory
head -c 262144 /dev/urandom >"$SCRATCH/message"
failed=0
echo "A storm of $clients clients a step; to repeat it: make -C .ci storm SEED=$seed CLIENTS=$clients"
storm 3
storm 4
((failed == 0)) || { echo "The storm has done damage." && exit 1; }
echo "Both steps stand."
