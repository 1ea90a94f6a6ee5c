#!/usr/bin/env bats
# bats file_tags=step:3,step:4
# What step 3 adds: whatever a client does, only its own connection ends.

load report/suite
lesson step3 "The change, piece by piece"

# next_client_is_served: a client that comes now gets its bytes back and leaves; the server goes on.
next_client_is_served() {
  connect_nc next && exchange next "next" && disconnect next && server_is_running
}

# nothing_is_left_of_them DESCRIPTORS MORE: all clients are gone. There is no connection and no busy
# loop, and the server holds fewer than MORE descriptors above the DESCRIPTORS it held before. Some
# runtimes keep a few; a leak of one for each client is more.
nothing_is_left_of_them() {
  eventually server_has_no_connection || hint "call close() for every client that is gone"
  eventually server_has_descriptors_below $(($1 + $2)) ||
    hint "it held %s descriptors before, and holds %s now: is close() missing after 0 or -1?" "$1" \
      "$(server_descriptors)"
  eventually server_sleeps || hint "no client is connected, but it is busy"
}

@test "after the client has left, its connection is closed on the server" {
  start_server
  greet anna
  disconnect anna
  eventually server_has_no_connection && server_is_running ||
    hint "recv() returned 0 because the client has left: close() it, and let the server go on"
  # The client's TIME-WAIT shows that the server has sent its FIN.
  eventually client_is TIME-WAIT ||
    hint "the end was an RST: close() sends a FIN if all was read and SO_LINGER is not set"
}

@test "the next client is served when the one before has left" {
  start_server
  connect_nc anna
  exchange anna "first"
  disconnect anna
  next_client_is_served || hint "after close() go back to accept()"
  freeze_server
  connect ben # who leaves before the server has accepted him
  disconnect ben
  continue_server
  next_client_is_served ||
    hint "accept() returns a connection whose client has already left: its first recv() returns 0"
}

@test "the descriptor of a client is closed once" {
  strace -o /dev/null true 2>/dev/null ||
    skip "$(translated "strace is missing here, or forbidden")"
  server_runs_as "exec strace -D -f -qq -e trace=close -o '$SCRATCH/closes' \"\$@\""
  start_server
  before=$(closes_that_failed)
  for _ in {1..10}; do
    greet anna
    disconnect anna
    eventually server_has_no_connection || hint "call close() for every client that is gone"
  done
  (($(closes_that_failed) < before + 5)) ||
    hint "close() is called twice (EBADF): the second time it may be another client's descriptor"
}

closes_that_failed() { grep -c 'close(.*EBADF' "$SCRATCH/closes" || true; }

@test "300 clients in a row leave no descriptor, connection, thread, process or stack behind" {
  server_runs_as 'ulimit -s 8192; exec "$@"' # the usual stack of a thread: 8 MiB
  start_server
  stacks=100 # MiB: the C library keeps some of threads that have ended
  ! server_has_its_own_heap || stacks=1000
  serve_clients 20 # a runtime may open what it needs
  descriptors=$(server_descriptors) tasks=$(server_tasks) memory=$(server_status VmSize)
  serve_clients 300
  eventually most_are_in_time_wait && server_has_no_connection ||
    hint "call close() once for each client, with its own descriptor"
  nothing_is_left_of_them "$descriptors" 30
  eventually server_has_tasks_below $((tasks + 30)) ||
    hint "it had %s threads and processes, and has %s: do they end? Do you wait for each child?" \
      "$tasks" "$(server_tasks)"
  eventually server_has_memory_below $((memory + stacks * 1024)) ||
    hint "it had %s KiB mapped, and has %s (VmSize): detach each thread, or join it" "$memory" \
      "$(server_status VmSize)"
}

# Not all 320: a TIME-WAIT ends after a minute, and connect() may take its port again before.
most_are_in_time_wait() { (($(client_sockets | grep -c '^TIME-WAIT') > 160)); }

server_has_memory_below() { (($(server_status VmSize) < $1)); }

@test "it outlives a client that resets its connection" {
  start_server
  serve_clients 5
  before=$(server_descriptors)
  connect anna
  reset anna
  next_client_is_served ||
    hint "recv() returned -1 (ECONNRESET): close this client, and let the server go on"
  note "200 clients connect one after another, and each resets its connection"
  in_a_row 200 resets && next_client_is_served ||
    hint "recv() or send() returned -1: close the client, not the server, and go on"
  nothing_is_left_of_them "$before" 30
}

resets() { reset client; }

@test "it outlives clients that leave while the server sends to them" {
  start_server
  serve_clients 5
  before=$(server_descriptors)
  head -c 120000 /dev/zero | tr '\0' x >"$SCRATCH/message" # more than one recv() takes
  for _ in {1..10}; do
    connect anna
    exchange anna "hello" || waits_hint
    freeze_server
    send_file anna "$SCRATCH/message"
    DEADLINE=1 eventually server_recv_queue 120000 || true # another kernel may take less
    disconnect anna
    continue_server
  done
  next_client_is_served ||
    hint "send() to a client that is gone raises SIGPIPE: ignore the signal, and check for -1"
  nothing_is_left_of_them "$before" 8
}

@test "a client that only stops sending gets every byte back, then the end of file" {
  start_server
  head -c 16K /dev/urandom >"$SCRATCH/message"
  freeze_server
  connect_half_closing anna "$SCRATCH/message"
  eventually server_is CLOSE-WAIT # the FIN is there, behind the bytes that nobody has read yet
  continue_server
  receive_file anna "$SCRATCH/message" ||
    hint "what came before the FIN still waits, and the client still reads: send it back, and \
close() when recv() returns 0"
  # The client's TIME-WAIT shows that the end was a FIN.
  eventually client_is TIME-WAIT ||
    hint "the end was an RST: close() sends a FIN if all was read and SO_LINGER is not set"
}

@test "100 clients of 16 KiB leave no memory behind" {
  start_server
  ! server_has_its_own_heap ||
    not_asked "it has a heap of its own, so the memory it uses does not show a leak"
  SIXTEEN_KIB=$(printf '%16384s' '')
  in_a_row 20 exchanges_16_kib
  note "100 clients one after another send 16 KiB, get them back and leave, up to ten times"
  for _ in {1..10}; do # what was allocated once and is used little by little stops growing
    before=$(server_status VmRSS)
    in_a_row 100 exchanges_16_kib
    after=$(server_status VmRSS)
    # Where a client's bytes come in small parts, only the first page of its buffer is touched.
    ((after >= before + 300)) || return 0
  done
  hint "100 clients made it grow from %s KiB to %s: is free() or pthread_detach() missing?" \
    "$before" "$after"
}

exchanges_16_kib() { exchange client "$SIXTEEN_KIB" && disconnect client; }
