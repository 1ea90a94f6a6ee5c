#!/usr/bin/env bats
# bats file_tags=stage:4
# What stage 4 adds: many clients at once. Threads, processes or one event loop all pass.

load helpers/suite
lesson step4 "What just happened"

@test "a second client is served while the first is connected" {
  start_server
  nc_connect first
  nc_send first "first"
  eventually nc_received first "first"
  nc_connect second
  nc_send second "second"
  eventually nc_received second "second" ||
    hint "the first client is being served: who calls accept() meanwhile?"
  nc_send first " again"
  eventually nc_received first "first again"
}

@test "100 clients at once each get their own bytes" {
  start_server
  sockets=()
  for ((i = 0; i < 100; i++)); do
    exec {client}<>"/dev/tcp/$HOST/$PORT"
    sockets+=("$client")
    # It is served before the next one comes: the queue of accept() may be short.
    exchange "$client" "hello" || hint "connected before: $i. While they stay, who calls accept()?"
  done
  for client in "${sockets[@]}"; do printf 'bytes of %5d' "$client" >&"$client"; done
  # The last one first: all of them are connected until the end.
  for ((i = 99; i >= 0; i--)); do
    client=${sockets[i]}
    read -r -t "$DEADLINE" -N 14 -u "$client" reply || hint "client $client got no answer"
    [[ $reply == "$(printf 'bytes of %5d' "$client")" ]] ||
      hint "client $client got '$reply': do two clients share a buffer?"
  done
}

@test "what waits to be sent to one client is not overwritten by another's bytes" {
  start_server
  connect 5
  flood 5
  eventually server_send_is_blocked
  signal_server STOP # so that what the other one sends is read at one go
  eventually server_is_stopped
  head -c 32K /dev/zero >"$SCRATCH/zeros"
  connect 6
  cat "$SCRATCH/zeros" >&6
  eventually server_recv_queue 32768
  signal_server CONT
  timeout "$DEADLINE" head -c 32K <&6 | cmp - "$SCRATCH/zeros" ||
    hint "a send() that sleeps must hold up one client only"
  timeout "$DEADLINE" head -c "$FLOOD" <&5 | cmp - "$SCRATCH/flood" ||
    hint "do two clients share a buffer? a static or global one is there once, for all threads"
}

@test "clients that are accepted in one go are all served" {
  start_server
  for round in {1..10}; do
    signal_server STOP
    eventually server_is_stopped
    connect_many 4 || hint "4 clients cannot wait for accept(): how long is the queue, listen()?"
    signal_server CONT
    for client in "${CLIENTS[@]}"; do
      exchange "$client" "round $round" ||
        hint "client $client was not served: give each thread its descriptor, not the address of a variable that the next accept() overwrites"
      disconnect "$client"
    done
  done
}

@test "a silent client, one that never reads and one that resets do not delay the others" {
  start_server
  connect 5
  connect 6
  flood 6
  eventually server_send_is_blocked
  connect 7
  reset_connection 7
  nc_connect client
  nc_send client "hello"
  eventually nc_received client "hello" || hint "a recv() or send() that sleeps must hold up one client only"
}

@test "out of descriptors it waits without spinning, and serves again when a client has left" {
  start_server
  prlimit --pid "$SERVER_PID" --nofile=$(($(server_descriptors) + 3)):
  for client in 5 6 7; do
    connect $client
    exchange $client "hello" ||
      hint "the table is full, so accept() fails with EMFILE: those who are connected should not notice"
  done
  connect 8
  printf 'waits' >&8
  eventually server_sleeps || hint "accept() fails with EMFILE at once, again and again: wait before the next try"
  disconnect 5
  read -r -t "$DEADLINE" -N 5 -u 8 reply && [[ $reply == waits ]] ||
    hint "accept() failed with EMFILE: that passes when a client leaves, so try again"
}

@test "out of threads it loses the newest clients at most, and serves again afterwards" {
  start_server
  connect 5
  exchange 5 "hello"
  in_use=$(awk '/^VmSize/ { print $2 }' "/proc/$SERVER_PID/status") # KiB
  prlimit --pid "$SERVER_PID" --as=$(((in_use + 20 * 1024) * 1024)):
  for client in 6 7 8 9; do
    connect $client
    printf 'hello' >&$client
  done
  exchange 5 "still here" || hint "pthread_create() failed: that ends the new client, not the old ones"
  for client in 5 6 7 8 9; do disconnect $client; done
  eventually client_is_served || hint "pthread_create() failed: close that client and go on"
}

client_is_served() {
  local served=1
  server_is_running && connect 5 || return 1
  exchange 5 "hello" 2>/dev/null && served=0
  disconnect 5
  return $served
}

@test "200 clients in a row leave no thread, no process and no memory behind" {
  SERVER_LIMIT="-s 8192" start_server # the usual stack of a thread: 8 MiB
  untraced serve_clients 20 || hint "who calls accept() when a client has left?" # a pool may grow
  tasks=$(server_tasks)
  memory=$(server_memory)
  untraced serve_clients 200 || hint "who calls accept() when a client has left?"
  eventually server_has_tasks_below $((tasks + 100)) ||
    hint "it had $tasks threads and processes, and has $(server_tasks): do they end? who waits for a child?"
  eventually server_has_memory_below $((memory + 800)) ||
    hint "it had $memory MiB mapped, and has $(server_memory) (VmSize): detach each thread, or join it"
}

serve_clients() {
  local number
  for ((number = 1; number <= $1; number++)); do
    connect 5
    exchange 5 "client $number" || return 1
    disconnect 5
  done
}

# Prints how many threads the server and its descendants have; a child that has ended and that nobody
# has waited for counts as one.
server_tasks() {
  local pid server_pids tasks=()
  find_server_pids
  for pid in "${server_pids[@]}"; do tasks+=("/proc/$pid/task/"*); done
  echo "${#tasks[@]}"
}

# Prints how much the server and its descendants have mapped (VmSize), in MiB.
server_memory() {
  local pid server_pids
  find_server_pids
  for pid in "${server_pids[@]}"; do cat "/proc/$pid/status" 2>/dev/null || true; done |
    awk '/^VmSize/ { size += $2 } END { print int(size / 1024) }'
}

server_has_tasks_below() { (($(server_tasks) < $1)); }
server_has_memory_below() { (($(server_memory) < $1)); }
