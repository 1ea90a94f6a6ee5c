#!/usr/bin/env bats
# bats file_tags=step:4
# What step 4 adds: many clients at once. Threads, processes or one event loop all pass.

load helpers/suite
lesson step4 "What just happened"

@test "a second client is served while the first is connected" {
  start_server
  connect_nc anna
  exchange anna "first"
  connect_nc ben
  exchange ben "second" || hint "the first client is being served: who calls accept() meanwhile?"
  exchange anna "again"
}

@test "100 clients at once each get their own bytes" {
  need_descriptors 120
  start_server
  clients=()
  for i in {1..100}; do
    connect "client$i"
    clients+=("client$i")
    # It is served before the next one comes: the queue of accept() may be short.
    exchange "client$i" "hello" || hint "$((i - 1)) stay connected. While they do, who calls accept()?"
  done
  for client in "${clients[@]}"; do send "$client" "bytes of $client"; done
  # The last one first: all of them are connected until the end.
  for i in {100..1}; do
    receive "client$i" "bytes of client$i" || hint "do two clients share a buffer?"
  done
}

@test "what waits to be sent to one client is not overwritten by another's bytes" {
  start_server
  connect anna
  flood anna
  eventually server_send_is_blocked
  freeze_server # so that what ben sends is read at one go
  head -c 32K /dev/zero >"$SCRATCH/zeros"
  connect ben
  send_file ben "$SCRATCH/zeros"
  eventually server_recv_queue 32768
  continue_server
  receive_file ben "$SCRATCH/zeros" || hint "a send() that sleeps must hold up one client only"
  receive_file anna "$FLOOD" ||
    hint "do two clients share a buffer? a static or global one is there once, for all threads"
}

@test "clients that are accepted in one go are all served" {
  start_server
  for round in {1..10}; do
    freeze_server
    connect_many 4 || hint "4 clients cannot wait for accept(): how long is the queue, listen()?"
    continue_server
    for client in "${CLIENTS[@]}"; do
      exchange "$client" "round $round" ||
        hint "give each thread its descriptor, not the address of a variable that the next accept() overwrites"
      disconnect "$client"
    done
  done
}

@test "a silent client, one that never reads and one that resets do not delay the others" {
  start_server
  connect anna
  connect ben
  flood ben
  eventually server_send_is_blocked
  connect cora
  reset cora
  connect_nc dan
  exchange dan "hello" || hint "a recv() or send() that sleeps must hold up one client only"
}

@test "out of descriptors it waits without spinning, and serves again when a client has left" {
  start_server
  note "the server may have three descriptors more"
  prlimit --pid "$SERVER_PID" --nofile=$(($(server_descriptors) + 3)):
  for client in anna ben cora; do
    connect "$client"
    exchange "$client" "hello" ||
      hint "the table is full, so accept() fails with EMFILE: those who are connected should not notice"
  done
  connect dan
  send dan "waits"
  eventually server_sleeps || hint "accept() fails with EMFILE at once, again and again: wait before the next try"
  disconnect anna
  receive dan "waits" || hint "accept() failed with EMFILE: that passes when a client leaves, so try again"
}

@test "out of threads it loses the newest clients at most, and serves again afterwards" {
  start_server
  connect anna
  exchange anna "hello"
  note "the server may map 20 MiB more"
  prlimit --pid "$SERVER_PID" --as=$((($(server_status VmSize) + 20 * 1024) * 1024)):
  for client in ben cora dan eve; do
    connect "$client"
    send "$client" "hello"
  done
  exchange anna "still here" || hint "pthread_create() failed: that ends the new client, not the old ones"
  for client in anna ben cora dan eve; do disconnect "$client"; done
  eventually a_client_is_served || hint "pthread_create() failed: close that client and go on"
}

a_client_is_served() {
  local served=1
  server_is_running && connect fay || return 1
  exchange fay "hello" 2>/dev/null && served=0
  disconnect fay
  return $served
}

@test "200 clients in a row leave no thread, no process and no memory behind" {
  SERVER_LIMIT="-s 8192" start_server # the usual stack of a thread: 8 MiB
  serve_clients 20 || hint "who calls accept() when a client has left?" # a pool may grow
  tasks=$(server_tasks)
  memory=$(server_status VmSize)
  serve_clients 200 || hint "who calls accept() when a client has left?"
  eventually server_has_tasks_below $((tasks + 100)) ||
    hint "it had $tasks threads and processes, and has $(server_tasks): do they end? who waits for a child?"
  eventually server_has_memory_below $((memory + 800 * 1024)) ||
    hint "it had $memory KiB mapped, and has $(server_status VmSize) (VmSize): detach each thread, or join it"
}

server_has_tasks_below() { (($(server_tasks) < $1)); }
server_has_memory_below() { (($(server_status VmSize) < $1)); }
