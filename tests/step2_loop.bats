#!/usr/bin/env bats
# bats file_tags=step:2,step:3,step:4
# What step 2 adds: the loops around recv() and send(), and a restart at once.

load report/suite
lesson step2 "The change, piece by piece"

@test "every later message of the client comes back" {
  start_server
  connect_nc anna
  for message in "the longest comes first" "then one" "2"; do
    exchange anna "$message" ||
      if more_came; then
        hint "send() as many bytes as this recv() returned, not as many as another one did"
      else
        hint "put recv() and send() into a loop; if there is one: does it end too early?"
      fi
  done
}

@test "a client that says nothing for three seconds is still served" {
  start_server
  greet anna
  is_served_after_silence anna
}

@test "a thousand messages of one connection come back" {
  start_server
  connect anna
  note "anna sends a thousand messages, and waits for each to come back"
  (exchange_numbers 1000)
}

# exchange_numbers COUNT: exchanges so many messages. The first 50 take a moment, or 2 s if the
# server sends each byte alone (Nagle's algorithm), 10 s if it tells the kernel to hold bytes back.
exchange_numbers() {
  local number start=$SECONDS
  for ((number = 1; number <= $1; number++)); do
    exchange anna "$number" ||
      hint "message %s did not come back: does the loop around recv() and send() end?" "$number" ||
      return 1
    ((number != 50 || SECONDS - start <= 6)) ||
      hint "50 messages took more than 6 s: does it sleep, or hold bytes back (MSG_MORE)?" ||
      return 1
  done
}

@test "a message larger than any buffer comes back whole while the client stays" {
  start_server
  head -c 4M /dev/urandom >"$SCRATCH/message"
  connect_nc anna
  send_file anna "$SCRATCH/message"
  receive_file anna "$SCRATCH/message" ||
    if fewer_came; then
      hint "call recv() in a loop until the client leaves, and send() in a loop until all is sent"
    else
      hint "send() what this recv() has stored, from the first byte, as many as it returned"
    fi
}

@test "a send() that is interrupted while it waits loses nothing" {
  start_server
  connect anna
  flood anna
  await_blocked_send || hint "the client does not read: send() should wait"
  start=$SECONDS
  # When the client has read a good part of the waiting bytes, send() takes more of its buffer, and
  # waits again in the middle of it. If it is interrupted there, it returns how much it has taken.
  # Not the whole flood, because there are servers that work byte by byte.
  for ((taken = 1; taken <= 5 && SECONDS < start + 20; taken++)); do
    take anna 3000001 && await_blocked_send ||
      hint "the client reads again, so send() should go on: after EAGAIN keep what is not sent yet"
    freeze_server
    continue_server
  done
  receive_file anna "$FLOOD" $((taken * 3000001)) ||
    hint "send() may take less than you gave it, and returns how much: send the rest, data + sent"
}

@test "it restarts at once while a connection of the last run is in TIME-WAIT" {
  start_server
  greet anna
  stop_server
  disconnect anna
  eventually server_is TIME-WAIT # a server that ends closes first
  restart_server || hint "set SO_REUSEADDR on the listener before bind(), in both runs"
  greet ben
}

@test "a second server cannot have its port" {
  start_server
  note "it is started a second time on this port"
  in_background timeout -k 1 5 "${SERVER_COMMAND[@]}" "${SERVER_ARGUMENTS[@]}"
  second=$!
  # One that tries to bind again and again neither ends nor listens.
  DEADLINE=2 eventually second_listens_or_has_ended "$second" || true
  ! second_listens || hint "two servers share the port: set SO_REUSEADDR, not SO_REUSEPORT"
  kill "$second" 2>/dev/null || true
  greet anna
}

second_listens() { (($(ss -Hltn "sport = :$PORT" | wc -l) > 1)); }
second_listens_or_has_ended() { second_listens || process_has_ended "$1"; }
