#!/usr/bin/env bash
# A storm of clients against steps 3 and 4: they say a little, close half, reset, or leave without
# reading, in random order, while the server is stopped and continued, gets SIGPIPE, and runs out
# of descriptors. Each well-behaved client must get its bytes exactly; afterwards the server must
# stand as at the start.
# Arguments: SEED (random by default; the same seed gives the same clients) and CLIENTS, a step
# (default 2000). Status 1 when anything is not as it should be; 2 when one of them is no number.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/helpers/all.bash
docs/look/doctor.sh cc nc ss prlimit
make -s --no-print-directory

[[ ${1:-1}${2:-1} =~ ^[0-9]+$ && ${2:-1} != 0 ]] ||
  stop 2 "SEED and CLIENTS are numbers, and CLIENTS is not 0"
seed=$((${1:-RANDOM})) clients=$((${2:-2000})) workers=6 failed=0
DEADLINE=60 # in step 3 a client waits for all those before it
SCRATCH=$(mktemp -d)
head -c 256K /dev/urandom >"$SCRATCH/message"
trap '' PIPE
clean_up() {
  jobs -p | xargs -r kill 2>/dev/null || true
  stop_server
  rm -rf "$SCRATCH"
}
at_the_end clean_up

# --- one client of each kind. It fails when its bytes do not come back as they were sent.

says_little() { connect "$1" && exchange "$1" "$1 says $RANDOM" && disconnect "$1"; }

closes_half() {
  connect_half_closing "$1" "$SCRATCH/message"
  receive_file "$1" "$SCRATCH/message" && disconnect "$1"
}

resets() { connect "$1" && reset "$1"; }

# Sends as much as it can in a moment, and is gone again: the server may be sending just then.
never_reads() {
  connect "$1"
  timeout 0.1 head -c $((RANDOM * 8)) "$SCRATCH/message" 2>/dev/null 1>&"${CLIENT_FD[$1]}" || true
  disconnect "$1"
}

# worker NUMBER: its share of the clients, in the order that the seed gives; writes a line for each.
worker() {
  local kind count kinds=(says_little closes_half resets never_reads)
  RANDOM=$((seed + $1))
  for ((count = $1; count <= clients; count += workers)); do
    kind=${kinds[RANDOM % ${#kinds[@]}]}
    if "$kind" "client$1"; then echo "$kind"; else echo "$kind: FAILED"; fi
  done >"$SCRATCH/worker$1"
}

# weather: signals that the server does not handle, and for a while no descriptor is free.
weather() {
  while :; do
    signal_server STOP
    sleep 0.1
    signal_server CONT
    signal_server PIPE
    prlimit --pid "$SERVER_PID" --nofile=6:
    sleep 0.1
    prlimit --pid "$SERVER_PID" --nofile=1024:
    sleep 0.1
  done
}

no_client_has_failed() { ! grep -q FAILED "$SCRATCH"/worker*; }
only_time_wait_is_left() { server_has_no_connection && ! has_line "$(client_sockets)" '^[^T]'; }

# storm STEP
storm() {
  local pids=() number weather descriptors promise verdict
  SERVER_COMMAND=("$PWD/step$1"_*/server)
  start_server 127.0.0.1
  descriptors=$(server_descriptors)
  in_background weather
  weather=$!
  for ((number = 1; number <= workers; number++)); do
    in_background worker "$number"
    pids+=($!)
  done
  wait "${pids[@]}"
  kill "$weather"
  wait "$weather" || true # 143
  signal_server CONT
  prlimit --pid "$SERVER_PID" --nofile=1024:

  echo "step $1:"
  sort "$SCRATCH"/worker* | uniq -c
  for promise in no_client_has_failed "says_little anna" only_time_wait_is_left server_sleeps \
    "server_has_threads 1" "server_has_descriptors_below $((descriptors + 1))"; do
    verdict=ok
    # shellcheck disable=SC2086 # words
    eventually $promise || verdict="NOT SO" failed=1
    echo "  $verdict: $promise"
  done
  stop_server
}

echo "A storm of $clients clients a step; again: make -C .ci storm SEED=$seed CLIENTS=$clients"
storm 3
storm 4
((failed == 0))
