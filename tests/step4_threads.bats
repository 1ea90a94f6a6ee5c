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
  connect_many 100 || hint "100 clients cannot connect at once: who calls accept() while one is served?"
  for client in "${CLIENTS[@]}"; do printf 'bytes of %5d' "$client" >&"$client"; done
  # The last one first: all of them are connected until the end.
  for ((i = 99; i >= 0; i--)); do
    client=${CLIENTS[i]}
    read -r -t "$DEADLINE" -N 14 -u "$client" reply || hint "client $client got no answer"
    [[ $reply == "$(printf 'bytes of %5d' "$client")" ]] ||
      hint "client $client got '$reply': do two clients share a buffer?"
  done
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
    exchange $client "hello"
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
  in_use=$(awk '/^VmSize/ { print $2 * 1024 }' "/proc/$SERVER_PID/status")
  prlimit --pid "$SERVER_PID" --as=$((in_use + 20 * 1024 * 1024)):
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
