#!/usr/bin/env bats
# The models of docs/models: each passes step 4's suite, keeps step 4's promises and its text; and
# what a model cannot do is seen.
# shellcheck disable=SC2030,SC2031 # each test runs in a subshell of its own

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/docs/models/bench/crowd.bash"
. "$ROOT/tests/repository/make.bash"

setup() {
  trace_only_the_test
  SCRATCH=$BATS_TEST_TMPDIR
  trap '' PIPE
}

teardown() {
  stop_clients
  stop_server
}

# serve MODEL: starts that server.
serve() {
  SERVER_COMMAND=("$ROOT/docs/models/$1_server")
  start_server 127.0.0.1
}

# --- step 4's suite, and what step 4 promises beyond it

@test "each model passes step 4's suite" {
  local -A suites=()
  for model in fork select poll epoll; do # at the same time: a suite mostly waits
    make -C "$ROOT" test-step4 SERVER="docs/models/${model}_server" \
      >"$SCRATCH/$model" 2>&1 3>&- 4>&- &
    suites[$model]=$!
  done
  for model in "${!suites[@]}"; do
    wait "${suites[$model]}" || { cat "$SCRATCH/$model" && failed=yes; }
    (($(grep -c '^ok' "$SCRATCH/$model") > 25)) # should the suite not be found
  done
  [[ ! ${failed:-} ]]
}

# keeps_promises MODEL TEST: it passes those tests of shipped.bats; that of the default port is
# below.
keeps_promises() {
  run -0 outside env SERVER="docs/models/$1_server" FROM="$ROOT" STEP=4 \
    bats --filter-tags step:4 --filter "$2" "$ROOT/tests/shipped.bats"
  (($(grep -c '^ok' <<<"$output") >= 8))
}

@test "the models take the arguments, print the lines and report the failures of step 4" {
  local promises='refused|in use|below 1024|no IPv6|although nothing|descriptor 3|16384|says who'
  keeps_promises fork "$promises"
  keeps_promises select "$promises|out of descriptors"
  keeps_promises poll "$promises|out of descriptors"
  # With epoll the first client has descriptor 5: 4 is epoll's own.
  keeps_promises epoll "${promises%|descriptor 3*}|16384"
}

@test "each model has a default port of its own" {
  local number=8885
  for model in fork select poll epoll; do
    SERVER_COMMAND=("$ROOT/docs/models/${model}_server")
    PORT=$number
    [[ ! $(ss -Htan "sport = :$PORT") ]] || skip "a socket on this machine uses port $PORT"
    launch_server
    eventually server_has_said "listening on 0.0.0.0:$number (fd 3)"
    stop_server
    number=$((number + 1))
  done
}

# --- the same text

# text FUNCTION FILE...: prints the function without its comment, in one line.
text() {
  sed 's/static inline/static/' "${@:2}" | awk -v name="$1" '
    $0 ~ "^[a-z].*[ *]" name "\\(" && !/;$/ { inside = 1 }
    inside { printf "%s ", $0 }
    inside && /^}/ { exit }' | tr -s ' '
}

# same FUNCTION FILE FILE: it is in both, and the same.
same() {
  [[ $(text "$1" "$2") && $(text "$1" "$2") == "$(text "$1" "$3")" ]] ||
    { echo "$1: $2, $3" && return 1; }
}

@test "what the models share with step 4, and with each other, is the same to the character" {
  cd "$ROOT/docs/models"
  step4=$ROOT/step4_threads/server.c
  for function in open_listener parse_address format_address die; do
    same $function "$step4" address.h
  done
  for function in accept_client send_all serve_client; do
    same $function "$step4" fork_server.c
  done
  for function in accept_client send_some serve_client; do
    same $function select_server.c poll_server.c
    same $function poll_server.c epoll_server.c
  done
}

@test "each model is under 150 lines" {
  for file in "$ROOT"/docs/models/*_server.c; do
    (($(wc -l <"$file") < 150)) || { echo "$file" && return 1; }
  done
}

# --- what is different

@test "fork has a process for each client, the others one thread for all" {
  for model in fork:21 select:1 poll:1 epoll:1; do
    serve "${model%:*}"
    connect_many 20
    for client in "${CLIENTS[@]}"; do exchange "$client" "hello"; done
    (($(server_tasks) == ${model#*:}))
    stop_clients
    eventually server_has_tasks 1
    stop_server
  done
}

server_has_tasks() { (($(server_tasks) == $1)); }

@test "a client that never reads costs select, poll and epoll one buffer" {
  for model in select poll epoll; do
    serve $model
    connect anna
    exchange anna "hello"
    memory=$(server_status VmRSS)
    flood anna
    eventually server_send_is_blocked
    (($(server_status VmRSS) - memory < 128)) # KiB; 24 MiB were sent
    connect ben
    exchange ben "hello"
    stop_clients
    stop_server
  done
}

# more_descriptors COUNT: this test and its server may have so many.
more_descriptors() { ulimit -n "$1" 2>/dev/null || skip "this user may not have $1 descriptors"; }

@test "select refuses a client whose descriptor is 1024 or more, and serves the others on" {
  more_descriptors 1100
  serve select
  connect anna # has descriptor 4
  exchange anna "hello"
  connect_crowd 1019
  connect zoe
  [[ $(ending zoe) == closed ]]
  server_has_said "client gone (fd 1024): refused, there is room below 1024 only"
  exchange anna "still here"
  leave_crowd
  eventually server_has_descriptors 5
  connect ben
  exchange ben "hello"
}

@test "poll and epoll serve a client whose descriptor is 1024 or more" {
  more_descriptors 1100
  for model in poll epoll; do
    serve $model
    connect_crowd 1020
    connect zoe
    exchange zoe "hello"
    server_has_said "connected (fd 1024)"
    stop_clients
    stop_server
  done
}

@test "fork: the clients of a parent that was killed are served on" {
  serve fork
  connect anna
  exchange anna "hello"
  kill -KILL "$SERVER_PID"
  eventually server_has_ended
  exchange anna "still here"
}

@test "a printf() that sleeps holds up every client of epoll, and no connected one of step 4" {
  local expected=0
  for server in step4_threads/server docs/models/epoll_server; do
    rm -f "$SCRATCH/output"
    mkfifo "$SCRATCH/output"
    exec {unread}<>"$SCRATCH/output"
    # shellcheck disable=SC2016 # for the other bash to expand
    SERVER_COMMAND=(bash -c 'exec "$0" "$@" >"$OUTPUT"' "$ROOT/$server")
    OUTPUT=$SCRATCH/output start_server 127.0.0.1
    connect anna
    exchange anna "hello"
    run -1 "$ROOT/docs/models/bench/load" -c -n 10 -s 10 -t 0.3 "$PORT" # until the pipe is full
    DEADLINE=1 run -$expected exchange anna "still here"
    expected=1
    stop_clients
    stop_server
    exec {unread}>&-
  done
}
