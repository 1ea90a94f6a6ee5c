#!/usr/bin/env bats
# bats file_tags=step:4
# What step 4 adds: many clients at once. Threads, processes or one event loop all pass.

load report/suite
lesson step4 "The change, piece by piece"

# waits_hint: a client is not served while others are connected. The hint goes by whether it was accepted.
waits_hint() {
  if server_has_unaccepted; then
    hint "nobody calls accept() for it: does a recv(), send() or wait() of another client hold up the server? \
An event loop calls accept() until EAGAIN"
  else
    hint "it is accepted, and waits: does a lock, a send() or a wait() hold up all while one is served?"
  fi
}

@test "a second client is served while the first is connected" {
  start_server
  connect_nc anna
  exchange anna "first" || hint "call recv() and send() in a loop"
  connect_nc ben
  exchange ben "second" || waits_hint
  exchange anna "again" ||
    hint "the second client was served, but the first no longer is"
}

@test "150 clients at once each get their own bytes" {
  need_descriptors 170
  start_server
  note "150 clients connect and exchange 'hello'; then each sends its name, and reads it in turn"
  (serve_at_once 150)
}

# serve_at_once COUNT: serves so many clients, all of them connected until the end.
serve_at_once() {
  local i
  for ((i = 1; i <= $1; i++)); do
    # It is served before the next one comes, because the accept queue may be short.
    connect "client$i" && exchange "client$i" "hello" ||
      if ((i < 4)); then
        waits_hint
      else
        hint "%s clients are connected, and no more are served: is there a fixed number?" $((i - 1))
      fi || return 1
  done
  for ((i = 1; i <= $1; i++)); do send "client$i" "bytes of client$i"; done
  for ((i = $1; i >= 1; i--)); do # the last one first
    receive "client$i" "bytes of client$i" ||
      if fewer_came; then
        hint "the others are connected, and %s waits: does each have a thread of its own?" "client$i"
      else
        hint "do two clients share a buffer or a descriptor?"
      fi || return 1
  done
}

@test "what waits to be sent to one client is not overwritten by another's bytes" {
  start_server
  connect anna
  flood anna
  await_blocked_send || hint "the client does not read: send() should wait"
  freeze_server # so that what ben sends is read in one go
  head -c 32K /dev/zero >"$SCRATCH/zeros"
  connect ben
  send_file ben "$SCRATCH/zeros"
  eventually server_recv_queue 32768
  continue_server
  receive_file ben "$SCRATCH/zeros" || waits_hint
  receive_file anna "$FLOOD" ||
    if fewer_came; then
      hint "send() may take less than you gave it, and returns how much: send the rest in a loop"
    else
      hint "do two clients share a buffer? All threads share a static or global one"
    fi
}

@test "a client that never reads is held back: its bytes do not pile up in the server" {
  start_server
  truncate -s 64M "$SCRATCH/message"
  connect anna
  send_file anna "$SCRATCH/message"
  await_blocked_send || hint "the client does not read: send() should wait"
  is_held_back anna ||
    hint "it has read 64 MiB that the client does not take back: do not recv() from a client that does not read"
  connect ben
  exchange ben "hello" || waits_hint
}

@test "clients that are accepted in one go are all served" {
  start_server
  for round in {1..10}; do
    freeze_server
    connect_many 4 || hint "the accept queue has no room for 4 clients: which backlog do you give listen()?"
    continue_server
    for client in "${CLIENTS[@]}"; do
      exchange "$client" "round $round" ||
        hint "give each thread its descriptor, not the address of a variable that the next accept() overwrites"
      disconnect "$client"
    done
  done
}

@test "six times 60 clients that come and go at once do not disturb each other" {
  start_server
  for _ in {1..6}; do
    (close_inherited && in_a_row 60 exchanges_and_leaves) </dev/null >/dev/null 2>&1 &
    workers+=($!)
  done
  note "six workers at once: each has 60 clients, one after another"
  for worker in "${workers[@]}"; do
    wait "$worker" ||
      hint "close() a descriptor once: closed twice, the second time it may be another client's"
  done
}

@test "the descriptor of a client is closed once" {
  strace -o /dev/null true 2>/dev/null || skip "$(translated "strace is missing here, or forbidden")"
  server_runs_as "exec strace -D -f -qq -e trace=close -o '$SCRATCH/closes' \"\$@\""
  start_server
  before=$(closes_that_failed)
  for _ in {1..10}; do
    connect anna
    exchange anna "hello" || hint "after close() go back to accept()"
    disconnect anna
    eventually server_has_no_connection || hint "call close() for every client that is gone"
  done
  (($(closes_that_failed) < before + 10)) ||
    hint "close() a descriptor once: closed twice (EBADF), the second time it may be another client's"
}

closes_that_failed() { grep -c 'close(.*EBADF' "$SCRATCH/closes" || true; }

@test "a silent client, one that never reads and one that resets do not delay the others" {
  start_server
  connect anna
  connect ben
  flood ben
  await_blocked_send || waits_hint
  connect cora
  reset cora || waits_hint
  connect_nc dan
  exchange dan "hello" || waits_hint
  note "anna says nothing, and ben reads nothing, for three seconds"
  DEADLINE=3 eventually client_is CLOSE-WAIT || true
  exchange anna "still here" || hint "a silent client is no mistake: does recv() have a time-out (SO_RCVTIMEO)?"
  receive_file ben "$FLOOD" ||
    hint "a client that reads slowly is no mistake: does send() have a time-out (SO_SNDTIMEO)?"
}

@test "out of descriptors it does not spin, keeps its clients, and serves again when they have left" {
  start_server
  find_acceptor
  are_served anna ben cora ||
    hint "while one client is connected, does your server call accept() for the next?"
  fill_the_descriptor_table
  eventually server_sleeps && server_wakes_up_less_than 25 ||
    hint "accept() fails with EMFILE at once, again and again: wait a little before you try again"
  are_still_served anna ben cora ||
    hint "accept() failed with EMFILE: clients that are connected should not notice"
  for client in anna ben cora "${CLIENTS[@]}"; do disconnect "$client"; done
  limit_process "$acceptor" --nofile="$limit": # a child may need more than one to serve a client
  eventually a_client_is_served ||
    hint "accept() failed with EMFILE: that is over when a client leaves, so try again"
}

are_served() {
  local client
  for client; do greet "$client" || return 1; done
}
are_still_served() {
  local client
  for client; do exchange "$client" "still here" || return 1; done
}

# fill_the_descriptor_table: the acceptor may have no descriptor above the next one (a server that starts
# a process for each client needs that one), and more clients come than it has room for: that one, the
# free ones below, and the one that a sleeping accept() has reserved. Their names are in CLIENTS.
fill_the_descriptor_table() {
  local descriptors highest newcomers
  limit=$(awk '/^Max open files/ { print $4 }' "/proc/$acceptor/limits")
  descriptors=("/proc/$acceptor/fd/"*)
  highest=$(printf '%s\n' "${descriptors[@]##*/}" | sort -n | tail -n 1)
  newcomers=$((highest + 1 - ${#descriptors[@]} + 4))
  note "the server may have no descriptor above %s; %s more clients come" $((highest + 1)) "$newcomers"
  limit_process "$acceptor" --nofile="$((highest + 2)):"
  connect_many "$newcomers" || true
  for client in "${CLIENTS[@]}"; do send "$client" "hello" 2>/dev/null || true; done # some turn away
}

@test "a client whose descriptor is above 1023 is served, or turned away" {
  (($(ulimit -Hn) >= 1100)) || skip "$(translated "this user may not open that many descriptors")"
  server_runs_as 'ulimit -Sn 1100; for _ in {10..1018}; do exec {fd}</dev/null; done; exec "$@"'
  note "the server has descriptors up to 1018 open already"
  start_server
  are_served anna || hint "call recv() and send() in a loop"
  connect_many 20 || hint "accept() each client, whatever its descriptor"
  for client in "${CLIENTS[@]}"; do send "$client" "hello" 2>/dev/null || true; done
  for client in "${CLIENTS[@]}"; do
    is_served_or_closed "$client" ||
      hint "a set of select() ends at 1023 (FD_SETSIZE): close() what is beyond, or use poll()"
  done
  are_still_served anna || hint "a set of select() ends at 1023 (FD_SETSIZE): FD_SET writes past its end"
}

# find_acceptor: sets acceptor to the pid of the process that owns the listener; skips when there are
# several: the table of one of them proves nothing.
find_acceptor() {
  local owners
  owners=$(ss -Hltnp "sport = :$PORT" | grep -oE 'pid=[0-9]+' | sort -u)
  [[ $owners != *$'\n'* ]] || not_asked "several of its processes accept: no one table of descriptors fills"
  acceptor=${owners#pid=}
}

@test "out of threads or processes it loses the newest clients at most, and serves again afterwards" {
  start_server
  more=1 # MiB: less than the stack of a thread
  ! server_has_its_own_heap || more=20
  greet anna || hint "call recv() and send() in a loop"
  note "the server may map %s MiB more, and, unless it is root's, start no process" "$more"
  processes=$(awk '/^Max processes/ { print $4 }' "/proc/$SERVER_PID/limits") # the hard limit
  limit_process "$SERVER_PID" --as=$((($(server_status VmSize) + more * 1024) * 1024)):
  [[ $(stat -c %u "/proc/$SERVER_PID") == 0 ]] || limit_process "$SERVER_PID" --nproc=1:
  for client in ben cora dan eve; do
    connect "$client" ||
      hint "pthread_create() or fork() failed: that ends the new client, not the server"
    send "$client" "hello"
  done
  exchange anna "still here" ||
    hint "pthread_create() or fork() failed: close the new client, and keep the old ones"
  disconnect anna
  limit_process "$SERVER_PID" --nproc="$processes": # the other processes of its user count too
  limit_process "$SERVER_PID" --as=unlimited:
  for client in ben cora dan eve; do
    is_served_or_closed "$client" ||
      hint "pthread_create() or fork() failed: close that client, or it waits for ever"
    disconnect "$client"
  done
  eventually a_client_is_served || hint "pthread_create() or fork() failed: close that client and go \
on. Are threads that have ended detached?"
}

# is_served_or_closed NAME: it has got 'hello' back, or reads the end of the file or a reset.
is_served_or_closed() {
  local status=0
  IFS= read -r -t "$DEADLINE" -N 5 -u "${CLIENT_FD[$1]}" _ 2>/dev/null || status=$?
  ((status <= 128)) # otherwise nothing has come
}

a_client_is_served() {
  local served=1
  server_is_running && connect fay || return 1
  exchange fay "hello" 2>/dev/null && served=0
  disconnect fay
  return $served
}

@test "200 clients in a row, and 50 at once, leave no thread, no process and no memory behind" {
  server_runs_as 'ulimit -s 8192; exec "$@"' # the usual stack of a thread: 8 MiB
  start_server
  stacks=100                          # MiB: more than the C library keeps of threads that have ended
  ! server_has_its_own_heap || stacks=1000
  serve_clients 20 || hint "when a client has left, is accept() called for the next?" # a pool may grow
  tasks=$(server_tasks)
  memory=$(server_status VmSize)
  serve_clients 200 || hint "when a client has left, is accept() called for the next?"
  eventually server_has_tasks_below $((tasks + 100)) ||
    hint "it had %s threads and processes, and has %s: do they end? Do you wait for each child?" \
      "$tasks" "$(server_tasks)"
  eventually server_has_memory_below $((memory + stacks * 1024)) ||
    hint "it had %s KiB mapped, and has %s (VmSize): detach each thread, or join it" "$memory" \
      "$(server_status VmSize)"
  connect_many 50 || hint "while clients are connected, does your server call accept()?"
  for client in "${CLIENTS[@]}"; do exchange "$client" "hello" || hint "one of 50 clients waits"; done
  freeze_server # so that all of them have left when it looks
  for client in "${CLIENTS[@]}"; do disconnect "$client"; done
  continue_server
  eventually server_has_tasks_below $((tasks + 20)) ||
    hint "50 left at once, and %s threads and processes remain: one SIGCHLD may stand for many children" \
      "$(server_tasks)"
}

server_has_memory_below() { (($(server_status VmSize) < $1)); }
