#!/usr/bin/env bats
# bats file_tags=step:3,step:4
# What step 3 adds: whatever a client does, only its own connection ends.

load report/suite
lesson step3 "The change, piece by piece"

# next_client_is_served: a client that comes now gets its bytes back, and leaves.
next_client_is_served() {
  connect_nc next && exchange next "next" && disconnect next
}

# nothing_is_left_of_them DESCRIPTORS MORE: all clients are gone. There is no connection and no busy loop,
# and the server holds fewer than MORE descriptors above the DESCRIPTORS it held before. Some runtimes keep
# a few; a leak of one for each client is more.
nothing_is_left_of_them() {
  eventually server_has_no_connection || hint "call close() for every client that is gone"
  eventually server_has_descriptors_below $(($1 + $2)) ||
    hint "it held %s descriptors before, and holds %s now: do you call close() after a -1?" "$1" \
      "$(server_descriptors)"
  eventually server_sleeps || hint "no client is connected, but it is busy"
}

@test "after the client has left, its connection is closed on the server" {
  start_server
  greet anna || hint "call recv() and send() in a loop"
  disconnect anna
  # The client's TIME-WAIT shows that the server has sent its FIN.
  eventually client_is TIME-WAIT && server_has_no_connection && server_is_running ||
    hint "recv() returned 0 because the client has left: close() it, and let the server go on"
}

@test "the next client is served when the one before has left" {
  start_server
  connect_nc anna
  exchange anna "first" || hint "call recv() and send() in a loop"
  disconnect anna
  next_client_is_served || hint "after close() go back to accept()"
}

@test "it outlives a client that resets its connection" {
  start_server
  connect anna
  reset anna || hint "call recv() and send() in a loop"
  next_client_is_served && server_is_running ||
    hint "recv() returned -1 (ECONNRESET): close this client, and let the server go on"
}

@test "it outlives 200 clients that reset in the middle of a message" {
  start_server
  serve_clients 5 || hint "after close() go back to accept()"
  before=$(server_descriptors)
  note "200 clients connect one after another, and each resets its connection"
  in_a_row 200 resets ||
    hint "recv() or send() returned -1: close the client, not the server, and go on"
  next_client_is_served || hint "recv() or send() returned -1: close the client and go on"
  nothing_is_left_of_them "$before" 100
}

resets() { reset client; }

@test "it outlives clients that leave while the server sends to them" {
  start_server
  serve_clients 5 || hint "after close() go back to accept()"
  before=$(server_descriptors)
  head -c 120000 /dev/zero | tr '\0' x >"$SCRATCH/message" # more than one recv() takes
  for _ in {1..10}; do
    connect anna
    exchange anna "hello" || hint "recv() returned 0 or -1, or send() returned -1: close that client and go back to accept()"
    freeze_server
    send_file anna "$SCRATCH/message"
    eventually server_recv_queue 120000 || true # another kernel may take less: good enough
    disconnect anna
    continue_server
  done
  next_client_is_served && server_is_running ||
    hint "a send() to a client that is gone raises SIGPIPE: ignore the signal, and check for -1 (EPIPE)"
  nothing_is_left_of_them "$before" 8
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
    hint "recv() returns 0 after the last byte, not before: send back what came, then close(), without SO_LINGER"
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
    hint "what the client sent before its FIN still waits, and it still reads: call recv() until it returns 0"
}

@test "300 clients in a row leave no descriptor, no connection and no work behind" {
  start_server
  serve_clients 20 || hint "after close() go back to accept()" # a runtime may open what it needs
  before=$(server_descriptors)
  serve_clients 300 ||
    hint "after close() go back to accept(): do you stop after a fixed number of clients?"
  eventually client_is TIME-WAIT 320 && server_has_no_connection ||
    hint "call close() once for each client, with its own descriptor"
  eventually server_has_descriptors_below $((before + 100)) ||
    hint "it held %s descriptors before, and holds %s now: a close() is missing" "$before" \
      "$(server_descriptors)"
  eventually server_sleeps || hint "no client is connected, but it is busy"
}

@test "100 clients of 16 KiB leave no memory behind" {
  start_server
  ! server_has_its_own_heap ||
    not_asked "it has a heap of its own, so the memory it uses does not show a leak"
  in_a_row 20 exchanges_16_kib || hint "after close() go back to accept()"
  note "100 clients one after another send 16 KiB, get them back and leave, up to ten times"
  mapped=$(server_status VmSize)
  for _ in {1..10}; do # what was allocated once and is used little by little stops growing
    before=$(server_status VmRSS)
    in_a_row 100 exchanges_16_kib || hint "after close() go back to accept()"
    after=$(server_status VmRSS)
    # Where a client's bytes come in small parts, only the first page of its buffer is touched.
    ((after >= before + 300)) || return 0
  done
  (($(server_status VmSize) < mapped + 1000 * 1024)) ||
    hint "each client leaves the stack of its thread behind: detach the thread (pthread_detach), or join it"
  hint "the last 100 clients have made it grow from %s KiB to %s (VmRSS): free() what you allocate for \
a client or message" "$before" "$after"
}

exchanges_16_kib() {
  local fd=${CLIENT_FD[client]}
  printf '%16384s' '' >&"$fd"
  (($(timeout "$DEADLINE" head -c 16384 <&"$fd" | wc -c) == 16384)) || return 1
  disconnect client
}
