#!/usr/bin/env bats
# bats file_tags=step:4
# What step 4 adds: many clients at once. Threads, processes or one event loop all pass.

load report/suite
lesson step4 "The change, piece by piece"

# are_served NAME...: each connects, and gets its bytes back while the others are connected.
are_served() {
  local client
  for client; do connect "$client" && exchange "$client" "hello" || waits_hint || return 1; done
}

# are_still_served NAME...: each gets its bytes back again.
are_still_served() {
  local client
  for client; do exchange "$client" "still here" || return 1; done
}

# send_hello NAME...: some servers have turned them away.
send_hello() {
  local client
  for client; do send "$client" "hello" 2>/dev/null || true; done
}

leave() {
  local client
  for client; do disconnect "$client"; done
}

# is_served_or_closed NAME: it has got 'hello' back, or reads the end of the file or a reset.
is_served_or_closed() {
  IFS= read -r -t "$DEADLINE" -N 5 -u "${CLIENT_FD[$1]}" _ 2>/dev/null ||
    (($? <= 128)) # otherwise nothing has come
}

# a_client_is_served: for eventually; the first ones that come now may still be turned away.
a_client_is_served() {
  local served=1
  server_is_running && connect fay || return 1
  exchange fay "hello" 2>/dev/null && served=0
  disconnect fay
  return $served
}

@test "a second client is served while the first is connected" {
  start_server
  are_served anna ben
  exchange anna "again" || hint "the second client was served, but the first no longer is"
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
    are_served "client$i" || {
      ((i < 4)) ||
        hint "%s clients are connected, and no more are served: is there a fixed number?" $((i - 1))
      return 1
    }
  done
  for ((i = 1; i <= $1; i++)); do send "client$i" "bytes of client$i"; done
  for ((i = $1; i >= 1; i--)); do # the last one first
    receive "client$i" "bytes of client$i" ||
      if fewer_came; then
        hint "%s waits: does each client have a thread of its own?" "client$i"
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
  are_served ben
  for _ in {1..5}; do
    take anna 1000001 && await_blocked_send && exchange ben "hello" || waits_hint
    freeze_server # interrupts the send() for anna, as in the test of step 2
    continue_server
  done
  freeze_server # so that what ben sends is read in one go
  head -c 32K /dev/zero >"$SCRATCH/zeros"
  send_file ben "$SCRATCH/zeros"
  eventually server_recv_queue 32768
  continue_server
  receive_file ben "$SCRATCH/zeros" || waits_hint
  receive_file anna "$FLOOD" ||
    hint "do two clients share a buffer, or a number of bytes? All threads share a static variable"
}

@test "clients that are accepted in one go are all served" {
  start_server
  for round in {1..10}; do
    freeze_server
    connect_many 4 || hint "the accept queue has no room for 4: which backlog does listen() get?"
    continue_server
    for client in "${CLIENTS[@]}"; do
      exchange "$client" "round $round" ||
        if server_has_unaccepted; then
          waits_hint
        else
          hint "hand over the descriptor, not the address of a variable: accept() overwrites that"
        fi
    done
    leave "${CLIENTS[@]}"
  done
}

@test "six times 60 clients that come and go at once do not disturb each other" {
  start_server
  note "six workers at once: each has 60 clients, one after another"
  for _ in {1..6}; do
    in_background in_a_row 60 exchanges_and_leaves
    workers+=($!)
  done
  for worker in "${workers[@]}"; do
    wait "$worker" ||
      hint "close() a descriptor once: closed twice, the second time it may be another client's"
  done
}

@test "a silent client, one that never reads and one that resets do not delay the others" {
  start_server
  connect anna
  connect ben
  truncate -s 64M "$SCRATCH/message"
  send_file ben "$SCRATCH/message"
  await_blocked_send || hint "the client does not read: send() should wait"
  is_held_back ben ||
    hint "it has read 64 MiB that the client does not take back: call recv() when all is sent"
  connect cora
  reset cora || waits_hint
  are_served dan
  is_served_after_silence anna
  receive_file ben "$SCRATCH/message" 12000000 ||
    hint "a client that reads slowly is not an error: does send() have a time-out (SO_SNDTIMEO)?"
}

@test "out of descriptors it does not spin, keeps its clients, and serves again when they have left" {
  start_server
  acceptor=$(ss -Hltnp "sport = :$PORT" | grep -o 'pid=[0-9]*' | sort -u | cut -d= -f2)
  [[ $acceptor != *$'\n'* ]] ||
    not_asked "several of its processes accept: no one table of descriptors fills"
  limit=$(awk '/^Max open files/ { print $4 }' "/proc/$acceptor/limits")
  are_served anna ben cora
  fill_the_descriptor_table "$acceptor"
  eventually server_sleeps && server_wakes_up_less_than 25 ||
    hint "accept() fails with EMFILE at once, again and again: wait a little before you try again"
  are_still_served anna ben cora ||
    hint "accept() failed with EMFILE: clients that are connected should not notice"
  leave anna ben cora "${CLIENTS[@]}"
  limit_process "$acceptor" --nofile="$limit": # a child may need more than one to serve a client
  eventually a_client_is_served ||
    hint "accept() failed with EMFILE: that is over when a client leaves, so try again"
}

# fill_the_descriptor_table PID: this process may open one more descriptor above those it has (a
# server that starts a process for each client needs that one). More clients come than there is room
# for: that one, those that are free below, and one that a sleeping accept() has reserved.
fill_the_descriptor_table() {
  local open highest
  open=("/proc/$1/fd/"*)
  highest=$(printf '%s\n' "${open[@]##*/}" | sort -n | tail -n 1)
  limit_process "$1" --nofile=$((highest + 2)):
  note "the server may have no descriptor above %s; more clients come" $((highest + 1))
  connect_many $((highest + 1 - ${#open[@]} + 4)) || true
  send_hello "${CLIENTS[@]}"
}

@test "a client whose descriptor is above 1023 is served, or turned away" {
  server_gets_descriptors_up_to_1018
  start_server
  are_served anna
  connect_many 20 || hint "accept() each client, whatever its descriptor"
  send_hello "${CLIENTS[@]}"
  for client in "${CLIENTS[@]}"; do
    is_served_or_closed "$client" ||
      hint "a set of select() ends at 1023 (FD_SETSIZE): close() what is beyond, or use poll()"
  done
  are_still_served anna ||
    hint "a set of select() ends at 1023 (FD_SETSIZE): FD_SET writes past its end"
}

@test "out of threads or processes it loses the newest clients at most, and serves again afterwards" {
  start_server
  more=1 # MiB: less than the stack of a thread
  ! server_has_its_own_heap || more=20
  greet anna
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
  done
  leave ben cora dan eve
  eventually a_client_is_served ||
    hint "pthread_create() or fork() failed: close that client, go on, and detach each thread"
}

@test "50 clients that leave at once leave no thread and no process behind" {
  start_server
  tasks=$(server_tasks)
  connect_many 50 || waits_hint
  for client in "${CLIENTS[@]}"; do exchange "$client" "hello" || waits_hint; done
  freeze_server # so that all of them have left when it looks
  leave "${CLIENTS[@]}"
  continue_server
  eventually server_has_tasks_below $((tasks + 10)) ||
    hint "%s tasks remain: one SIGCHLD may stand for many children" "$(server_tasks)"
}
