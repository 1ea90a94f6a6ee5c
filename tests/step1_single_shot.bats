#!/usr/bin/env bats
# bats file_tags=step:1,step:2,step:3,step:4
# What step 1 can do, and every later step still can.

load report/suite
lesson step1 "The code, piece by piece"

@test "the first message of a client comes back" {
  start_server
  connect_nc anna
  exchange anna "hello" || {
    skip_the_rest "the first message does not come back right: see the first test"
    first_message_hint
  }
}

reset_hint() {
  hint "it was reset: close() or exit() with bytes unread sends RST. Is recv() called, and is \
its buffer large enough? sizeof a pointer is 8"
}

# The hint goes by what came back, and how the connection has ended.
first_message_hint() {
  local status=0
  ! server_has_ended || await_server || status=$?
  if more_came && ((DIFFERENCE > EXPECTED)); then
    hint "send() as many bytes as recv() returned: not the whole buffer, and nothing after them"
  elif more_came || other_bytes_came; then
    hint "an echo sends the bytes back as they came: no greeting, no upper or lower case"
  elif ((CAME)); then
    hint "send() what recv() stored, as many bytes as it returned"
  elif ((status)); then
    hint "it ended before it replied: check each call's return value, and let perror() say why"
  elif [[ $ENDING == reset ]] && server_has_ended; then
    reset_hint
  elif [[ $ENDING != open ]]; then
    hint "it was closed before anything was sent: is send() called? Does main() close() what a \
thread still serves?"
  elif server_recv_queue 5; then
    hint "the 5 bytes wait in the server's Recv-Q: does the server call accept() and recv()?"
  else
    hint "the bytes were read, and nothing was sent. Does it wait for a newline or a full buffer?"
  fi
}

@test "bytes of every value come back, NUL and 0xFF too" {
  start_server
  printf '%b' "$(printf '\\x%x' {0..255})" >"$SCRATCH/every_value"
  connect_nc anna
  send_file anna "$SCRATCH/every_value"
  receive_file anna "$SCRATCH/every_value" ||
    if other_bytes_came; then
      alters_bytes
    elif [[ $ENDING == reset ]]; then
      reset_hint
    else
      hint "send() as many bytes as recv() returned: not strlen(); keep the number in an ssize_t"
    fi
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
    hint "accept() takes the connection from the queue, then recv() takes the bytes that wait in it"
}

@test "the server sleeps while no client comes, and while a client is silent" {
  start_server
  eventually server_sleeps || hint "accept() on a blocking socket sleeps: no polling is needed"
  connect anna
  eventually server_has_accepted ||
    hint "the client waits in the accept queue: does the server call accept()?"
  eventually server_sleeps || hint "recv() on a blocking socket sleeps until bytes come"
  # Some runtimes wake up by themselves: a Java machine does so 20 times a second.
  server_wakes_up_less_than "$(if [[ ${SERVER:-} ]]; then echo 13; else echo 2; fi)" ||
    hint "it keeps waking up with nothing to do: let accept() and recv() wait, without a time-out"
}

@test "started with the port alone, it is reached" {
  start_server '' && connect anna && exchange anna "hello" ||
    hint "the address is optional: without it, listen on every address, 0.0.0.0"
}

@test "bound to one address, it is reached at that address only" {
  start_server 127.0.0.1
  skip_if_address_is_ignored 127.0.0.1
  run ! connect anna 127.0.0.2
  connect anna 127.0.0.1
  exchange anna "hello" || hint "pass the address of the second argument to bind()"
}

@test "bound to 0.0.0.0, it is reached at every address of this machine" {
  start_server 0.0.0.0
  skip_if_address_is_ignored '(0.0.0.0|\*)' # *: of IPv6 too
  connect anna 127.0.0.2 ||
    hint "0.0.0.0 (INADDR_ANY) stands for every address of this machine, 127.0.0.2 among them"
  exchange anna "hello" || hint "a client at 127.0.0.2 is a client like any other"
}
