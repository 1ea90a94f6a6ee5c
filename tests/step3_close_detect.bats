#!/usr/bin/env bats
# bats file_tags=stage:3,stage:4
# What stage 3 adds: whatever a client does, only that client ends.

load helpers/suite
lesson step3 "What just happened"

next_client_is_served() {
  nc_connect next
  nc_send next "next"
  eventually nc_received next "next"
}

reset_connections() {
  local number
  for ((number = 1; number <= $1; number++)); do
    connect 5
    reset_connection 5
  done
}

serve_clients() {
  local number
  for ((number = 1; number <= $1; number++)); do
    connect 5
    exchange 5 "client $number" || { echo "client $number was not served" && return 1; }
    disconnect 5
  done
}

@test "after the client has left, its connection is closed on the server" {
  start_server
  connect 5
  exchange 5 "hello"
  disconnect 5
  # The client's TIME-WAIT shows that the server has sent its FIN.
  eventually client_is TIME-WAIT && server_has_no_connection && server_is_running ||
    hint "recv() returned 0, the client has left: who calls close()?"
}

@test "the next client is served when the one before has left" {
  start_server
  nc_connect first
  nc_send first "first"
  eventually nc_received first "first"
  nc_close first
  next_client_is_served || hint "after close() go back to accept()"
}

@test "it outlives a client that resets its connection" {
  start_server
  connect 5
  reset_connection 5
  next_client_is_served && server_is_running ||
    hint "recv() returned -1 (ECONNRESET): that ends this client, not the server"
}

@test "it outlives 200 clients that reset in the middle of a message" {
  start_server
  untraced reset_connections 200 ||
    hint "recv() or send() returned -1: close the client, not the server, and go on"
  next_client_is_served || hint "recv() or send() returned -1: close the client and go on"
  nc_close next
  eventually server_has_no_connection || hint "every client that is gone needs its close()"
}

@test "it outlives a client that leaves while the server sends to it" {
  start_server
  connect 5
  exchange 5 "hello"
  signal_server STOP
  eventually server_is_stopped
  head -c 48K /dev/zero >&5
  disconnect 5
  signal_server CONT
  next_client_is_served && server_is_running ||
    hint "a send() to a client that is gone raises SIGPIPE: ignore the signal, look at the -1 (EPIPE)"
}

@test "it outlives a client that is killed" {
  start_server
  nc_connect client
  nc_send client "hello"
  eventually nc_received client "hello"
  nc_close client KILL
  next_client_is_served && server_is_running ||
    hint "the kernel closes for a killed client: recv() returned 0, as if it had called close()"
}

@test "it outlives a client that leaves before it was accepted" {
  start_server
  signal_server STOP
  eventually server_is_stopped
  connect 5
  disconnect 5
  signal_server CONT
  next_client_is_served && server_is_running ||
    hint "accept() returns a connection whose client has already left: its first recv() returns 0"
}

@test "a client that only stops sending gets every byte back, then the end of file" {
  start_server
  head -c 256K /dev/urandom >"$SCRATCH/message"
  # shellcheck disable=SC2046 # no option, or one
  timeout "$DEADLINE" nc $(nc_half_close_options) "$HOST" "$PORT" \
    <"$SCRATCH/message" >"$SCRATCH/reply" 3>&- 4>&- || hint "close() after recv() returned 0"
  cmp "$SCRATCH/message" "$SCRATCH/reply" ||
    hint "recv() returns 0 after the last byte, not before: send what came first, then close(), no SO_LINGER"
  # The client's TIME-WAIT shows that the end was a FIN.
  eventually client_is TIME-WAIT ||
    hint "the connection ended with RST: close() sends FIN if all was read and SO_LINGER is not set"
}

@test "a client that has stopped sending before it is served gets every byte back" {
  start_server
  head -c 16K /dev/urandom >"$SCRATCH/message"
  signal_server STOP
  eventually server_is_stopped
  # shellcheck disable=SC2046 # no option, or one
  spawn nc $(nc_half_close_options) "$HOST" "$PORT" <"$SCRATCH/message" >"$SCRATCH/reply" 2>&1
  # shellcheck disable=SC2034,SC2154 # teardown ends it
  NC_PID[client]=$!
  eventually server_is CLOSE-WAIT # the FIN is there, behind 16384 bytes
  signal_server CONT
  eventually cmp -s "$SCRATCH/message" "$SCRATCH/reply" ||
    hint "after the client's FIN what it sent still waits, and it still reads: recv() until it returns 0"
}

@test "200 clients in a row leave no descriptor, no connection and no work behind" {
  start_server
  connect 5
  exchange 5 "hello"
  disconnect 5
  eventually server_has_no_connection || hint "recv() returned 0: who calls close()?"
  before=$(server_descriptors)
  untraced serve_clients 200 || hint "after close() go back to accept()"
  eventually client_is TIME-WAIT 201 && server_has_no_connection ||
    hint "each client needs one close() of its own descriptor"
  eventually server_has_descriptors "$before" ||
    hint "it held $before descriptors before, and holds $(server_descriptors) now: a close() is missing"
  eventually server_sleeps || hint "nobody is connected, and yet it is busy"
}
