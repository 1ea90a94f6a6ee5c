#!/usr/bin/env bats
# bats file_tags=step:1,step:2,step:3,step:4
# What step 1 can do, and every later step still can.

load helpers/suite
lesson step1 "What just happened"

@test "the first message of a client comes back" {
  start_server
  connect_nc anna
  exchange anna "hello" ||
    hint "what recv() stored, send() must send, as many bytes as recv() returned"
}

@test "a single byte comes back" {
  start_server
  connect_nc anna
  exchange anna "x" ||
    hint "recv() returns as soon as one byte is there: send it, do not wait for more"
}

@test "bytes of every value come back, NUL and 0xFF too" {
  start_server
  printf '%b' "$(printf '\\x%x' {0..255})" >"$SCRATCH/every_value"
  connect_nc anna
  send_file anna "$SCRATCH/every_value"
  receive_file anna "$SCRATCH/every_value" ||
    hint "bytes are not a string: send() as many as recv() returned, not strlen()"
}

@test "a client is connected before anybody calls accept(), and what it sends waits" {
  start_server
  freeze_server
  connect anna
  send anna "early"
  eventually server_recv_queue 5
  client_is ESTAB
  server_has_unaccepted
  continue_server
  receive anna "early" ||
    hint "accept() takes the connection from the queue, recv() the bytes that wait in it"
}

@test "the server sleeps while no client comes, and while a client is silent" {
  start_server
  eventually server_sleeps || hint "accept() on a blocking socket sleeps: no polling is needed"
  connect anna
  eventually server_has_accepted || hint "who calls accept()?"
  eventually server_sleeps || hint "recv() on a blocking socket sleeps until bytes come"
}

@test "bound to one address, it is reached at that address only" {
  start_server 127.0.0.1
  skip_if_address_is_ignored 127.0.0.1
  run ! connect anna 127.0.0.2
  connect anna 127.0.0.1
  exchange anna "hello" || hint "bind() takes the address that is the second argument"
}

@test "bound to 0.0.0.0, it is reached at every address of this machine" {
  start_server 0.0.0.0
  connect anna 127.0.0.2 ||
    hint "0.0.0.0 (INADDR_ANY) stands for every address of this machine, 127.0.0.2 among them"
  exchange anna "hello"
}

@test "bound to an IPv6 address, it is reached there" {
  ipv6_is_usable || skip "this machine has no IPv6, or it is switched off"
  if ! start_server ::1; then
    [[ ${SERVER:-} ]] && skip "this server does not take an IPv6 address (it need not)"
    return 1
  fi
  skip_if_address_is_ignored '\[::1\]'
  connect anna ::1
  exchange anna "hello" || hint "an IPv6 address takes AF_INET6 and a struct sockaddr_in6"
}
