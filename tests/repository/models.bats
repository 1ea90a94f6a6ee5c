#!/usr/bin/env bats
# The models of docs/models: each passes step 4's suite and keeps step 4's promises; and what a
# model cannot do is seen.

load make
. "$ROOT/docs/models/io_uring.bash"

MODELS=(fork select poll epoll)
if ! NO_IO_URING=$(why_no_io_uring); then MODELS+=(io_uring); fi

# serve MODEL [FUNCTION]: starts it, in place of the one before; the function changes how.
serve() {
  stop_clients
  stop_server
  SERVER_COMMAND=("$ROOT/docs/models/$1_server")
  "${@:2}"
  start_server 127.0.0.1
}

# --- step 4's suite, and what step 4 promises beyond it

@test "each model passes step 4's suite" {
  local -A suites=()
  for model in "${MODELS[@]}"; do # at the same time: a suite mostly waits
    PATIENCE=4 make -C "$ROOT" test-step4 SERVER="docs/models/${model}_server" \
      >"$SCRATCH/$model" 2>&1 3>&- 4>&- &
    suites[$model]=$!
  done
  for model in "${!suites[@]}"; do
    wait "${suites[$model]}" || { cat "$SCRATCH/$model" && failed=yes; }
    (($(grep -c '^ok' "$SCRATCH/$model") > 25)) # should the suite not be found
  done
  [[ ! ${failed:-} ]]
}

# keeps_promises MODEL STEP WORDS: it passes the tests of shipped.bats with these words. STEP is the
# last digit of its default port.
keeps_promises() {
  run -0 outside env SERVER="docs/models/$1_server" FROM="$ROOT" STEP="$2" \
    bats --filter-tags step:4 --filter "$3" "$ROOT/tests/shipped.bats"
  (($(grep -c '^ok' <<<"$output") >= 4))
}

@test "the models take the arguments, print the lines and report the failures of step 4" {
  promises='refused|in use|16384|without arguments'
  says='descriptor 3|says who'
  keeps_promises fork 5 "$promises|$says|accept"
  keeps_promises select 6 "$promises|$says"
  keeps_promises poll 7 "$promises|$says"
  keeps_promises epoll 8 "$promises" # its first client has descriptor 5: one is epoll's own
  [[ $NO_IO_URING ]] || keeps_promises io_uring 9 "${promises%|*}" # 3 is its ring
}

@test "fork serves a client in the very words of step 4" {
  cd "$ROOT"
  . docs/pages/pieces.bash
  for function in accept_client send_all serve_client; do
    diff <(body step4_threads/server.c $function) <(body docs/models/fork_server.c $function)
  done
}

# --- what is different

@test "fork has a process for each client, the others one thread for all" {
  for model in "${MODELS[@]}"; do
    serve "$model"
    connect_many 20
    for client in "${CLIENTS[@]}"; do exchange "$client" "hello"; done
    (($(server_tasks) == $([[ $model == fork ]] && echo 21 || echo 1)))
    stop_clients
    eventually server_has_tasks_below 2
  done
}

@test "a client that never reads costs an event loop one buffer" {
  for model in "${MODELS[@]:1}"; do
    serve "$model"
    connect anna
    exchange anna "hello"
    memory=$(server_status VmRSS)
    flood anna
    eventually server_send_is_blocked
    (($(server_status VmRSS) - memory < 128)) # KiB; 24 MiB were sent
    connect ben
    exchange ben "hello"
  done
}

# serve_many MODEL: starts it with descriptors up to 1018 open, and connects clients.
serve_many() {
  serve "$1" server_gets_descriptors_up_to_1018
  connect_many 11
  for client in "${CLIENTS[@]}"; do exchange "$client" "hello"; done
}

@test "select refuses a client whose descriptor is 1024 or more, and serves the others on" {
  serve_many select
  connect zoe
  eventually ending_is zoe closed
  server_has_said "client gone (fd 1024): refused, there is room below 1024 only"
  exchange client1 "still here"
  disconnect client11
  eventually server_has_said "(fd 1023): closed"
  connect ben
  exchange ben "hello"
}

@test "poll, epoll and io_uring serve a client whose descriptor is 1024 or more" {
  for model in "${MODELS[@]:2}"; do
    serve_many "$model"
    connect zoe
    exchange zoe "hello"
    server_has_said "connected (fd 1024)"
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

# serve_unread PATH: runs that server with a pipe for its output that nobody reads, and fills it.
serve_unread() {
  mkfifo "$SCRATCH/output"
  exec {unread}<>"$SCRATCH/output"
  SERVER_COMMAND=("$ROOT/$1")
  server_runs_as "exec \"\$@\" >'$SCRATCH/output'"
  start_server 127.0.0.1
  connect anna
  exchange anna "hello"
  run -1 "$ROOT/docs/models/bench/load" -c -n 10 -s 10 -t 0.3 "$PORT" </dev/null
}

@test "a printf() that sleeps holds up no connected client of step 4" {
  serve_unread step4_threads/server
  exchange anna "still here"
}

@test "a printf() that sleeps holds up every client of epoll" {
  serve_unread docs/models/epoll_server
  DEADLINE=1 run -1 exchange anna "still here"
}

@test "one loop a core: two of the page's epoll share a port and its clients" {
  cp -r "$ROOT/docs/models" "$SCRATCH/models"
  sed -n '/^   .*diff$/,/^$/s/^   //p' "$ROOT/docs/models.md" | patch -d "$SCRATCH/models"
  make -s -C "$SCRATCH/models" epoll_server
  SERVER_COMMAND=("$SCRATCH/models/epoll_server")
  server_runs_as '"$@" & "$@"'
  start_server 127.0.0.1
  eventually two_are_listening
  connect_many 20 # all of them to one: once in half a million runs
  for client in "${CLIENTS[@]}"; do exchange "$client" "hello"; done
  (($(ss -Htnp state established "sport = :$PORT" | grep -o 'pid=[0-9]*' | sort -u | wc -l) == 2))
}
two_are_listening() { (($(ss -Hltn "sport = :$PORT" | wc -l) == 2)); }

# trace OPTION... MODEL: starts it under strace, which writes its calls to $SCRATCH/calls.
trace() {
  needs_strace
  SERVER_COMMAND=(strace -f -o "$SCRATCH/calls" "${@:1:$#-1}" "$ROOT/docs/models/${*: -1}_server")
  start_server 127.0.0.1
  connect anna
  exchange anna "hello"
}

@test "poll reports a client that leaves as readable, and a reset with POLLERR and POLLHUP" {
  trace -e trace=poll poll
  disconnect anna
  eventually server_has_said "(fd 4): closed"
  connect ben
  send ben "hello"
  eventually client_is "ESTAB +5"
  eventually server_sleeps # in poll(), for the next
  disconnect ben # with the reply unread: a reset
  eventually server_has_said "reset or lost"
  (($(grep -c 'fd=4, revents=POLLIN}' "$SCRATCH/calls") > 2)) # hello, the FIN, hello
  grep -q 'fd=4, revents=POLLIN|POLLERR|POLLHUP}' "$SCRATCH/calls"
}

@test "io_uring makes no call of its own to accept, to receive or to send" {
  [[ ! $NO_IO_URING ]] || skip "$NO_IO_URING"
  trace io_uring
  stop_server
  grep -q 'io_uring_enter' "$SCRATCH/calls"
  run ! grep -E ' (accept|recv|send)' "$SCRATCH/calls"
}

@test "where io_uring is switched off, the server says so and ends" {
  [[ -e $ROOT/docs/models/io_uring_server ]] || skip "$NO_IO_URING"
  needs_strace
  for error in EPERM ENOSYS; do # the sysctl and Docker; a kernel without it
    run -1 strace -f -qq -o /dev/null -e inject=io_uring_setup:error=$error \
      "$ROOT/docs/models/io_uring_server"
    [[ $output == "io_uring_setup: "*" (io_uring is switched off on this system)" ]]
  done
}
