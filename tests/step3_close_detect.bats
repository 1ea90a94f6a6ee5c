#!/usr/bin/env bats
# bats file_tags=step:3,step:4
# What step 3 adds: whatever a client does, only that client ends.

load helpers/suite
lesson step3 "What just happened"

next_client_is_served() {
  connect_nc next
  exchange next "next"
}

@test "after the client has left, its connection is closed on the server" {
  start_server
  connect anna
  exchange anna "hello"
  disconnect anna
  # The client's TIME-WAIT shows that the server has sent its FIN.
  eventually client_is TIME-WAIT && server_has_no_connection && server_is_running ||
    hint "recv() returned 0, the client has left: who calls close()?"
}

@test "the next client is served when the one before has left" {
  start_server
  connect_nc anna
  exchange anna "first"
  disconnect anna
  next_client_is_served || hint "after close() go back to accept()"
}

@test "it outlives a client that resets its connection" {
  start_server
  connect anna
  reset anna
  next_client_is_served && server_is_running ||
    hint "recv() returned -1 (ECONNRESET): that ends this client, not the server"
}

@test "it outlives 200 clients that reset in the middle of a message" {
  start_server
  note "200 clients connect one after another, and each resets its connection"
  untraced connect_and_reset 200 ||
    hint "recv() or send() returned -1: close the client, not the server, and go on"
  next_client_is_served || hint "recv() or send() returned -1: close the client and go on"
  disconnect next
  eventually server_has_no_connection || hint "every client that is gone needs its close()"
}

connect_and_reset() {
  local number
  for ((number = 1; number <= $1; number++)); do connect anna && reset anna || return 1; done
}

@test "it outlives a client that leaves while the server sends to it" {
  start_server
  connect anna
  exchange anna "hello"
  freeze_server
  head -c 48K /dev/zero >"$SCRATCH/zeros"
  send_file anna "$SCRATCH/zeros"
  disconnect anna
  continue_server
  next_client_is_served && server_is_running ||
    hint "a send() to a client that is gone raises SIGPIPE: ignore the signal, look at the -1 (EPIPE)"
}

@test "it outlives a client that is killed" {
  start_server
  connect_nc anna
  exchange anna "hello"
  disconnect anna KILL
  next_client_is_served && server_is_running ||
    hint "the kernel closes for a killed client: recv() returned 0, as if it had called close()"
}

@test "it outlives a client that leaves before it was accepted" {
  start_server
  freeze_server
  connect anna
  disconnect anna
  continue_server
  next_client_is_served && server_is_running ||
    hint "accept() returns a connection whose client has already left: its first recv() returns 0"
}

@test "a client that only stops sending gets every byte back, then the end of file" {
  start_server
  head -c 256K /dev/urandom >"$SCRATCH/message"
  connect_half_closing anna "$SCRATCH/message"
  receive_file anna "$SCRATCH/message" ||
    hint "recv() returns 0 after the last byte, not before: send what came first, then close(), no SO_LINGER"
  # The client's TIME-WAIT shows that the end was a FIN.
  eventually client_is TIME-WAIT ||
    hint "the connection ended with RST: close() sends FIN if all was read and SO_LINGER is not set"
}

@test "a client that has stopped sending before it is served gets every byte back" {
  start_server
  head -c 16K /dev/urandom >"$SCRATCH/message"
  freeze_server
  connect_half_closing anna "$SCRATCH/message"
  eventually server_is CLOSE-WAIT # the FIN is there, behind 16384 bytes
  continue_server
  receive_file anna "$SCRATCH/message" ||
    hint "after the client's FIN what it sent still waits, and it still reads: recv() until it returns 0"
}

@test "200 clients in a row leave no descriptor, no connection and no work behind" {
  start_server
  connect anna
  exchange anna "hello"
  disconnect anna
  eventually server_has_no_connection || hint "recv() returned 0: who calls close()?"
  before=$(server_descriptors)
  serve_clients 200 || hint "after close() go back to accept()"
  eventually client_is TIME-WAIT 201 && server_has_no_connection ||
    hint "each client needs one close() of its own descriptor"
  eventually server_has_descriptors "$before" ||
    hint "it held $before descriptors before, and holds $(server_descriptors) now: a close() is missing"
  eventually server_sleeps || hint "nobody is connected, and yet it is busy"
}
