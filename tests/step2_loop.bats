#!/usr/bin/env bats
# bats file_tags=stage:2,stage:3,stage:4
# What stage 2 adds: the loops around recv() and send(), and a restart at once.

load helpers/suite
lesson step2 "What just happened"

@test "every later message of the client comes back" {
  start_server
  nc_connect client
  nc_send client "one "
  eventually nc_received client "one " || hint "recv() and send() belong into a loop"
  nc_send client "two "
  eventually nc_received client "one two " || hint "recv() and send() belong into a loop"
  nc_send client "three"
  eventually nc_received client "one two three" || hint "recv() and send() belong into a loop"
}

@test "a thousand messages of one connection come back" {
  start_server
  connect 5
  untraced exchange_numbers 1000 || hint "does the loop around recv() and send() end early?"
}

exchange_numbers() {
  local number
  for ((number = 1; number <= $1; number++)); do
    exchange 5 "$number" || { echo "message $number did not come back" && return 1; }
  done
}

@test "a message larger than any buffer comes back whole while the client stays" {
  start_server
  head -c 4M /dev/urandom >"$SCRATCH/message"
  nc_connect client
  timeout "$DEADLINE" cat "$SCRATCH/message" >&"${NC_FEED[client]}" || hint "recv() in a loop"
  eventually nc_received_bytes client $((4 * 1024 * 1024)) &&
    cmp "$SCRATCH/message" "$SCRATCH/client.out" ||
    hint "of 4194304 bytes $(stat -c %s "$SCRATCH/client.out") came back: recv() and send() in a loop"
}

@test "a send() that is interrupted while it waits loses nothing" {
  start_server
  connect 5
  flood 5
  eventually server_send_is_blocked || hint "the client does not read: send() should wait"
  for _ in 1 2 3; do
    signal_server STOP
    eventually server_is_stopped
    signal_server CONT
    eventually server_sleeps
  done
  timeout "$DEADLINE" head -c "$FLOOD" <&5 | cmp - "$SCRATCH/flood" ||
    hint "send() may take less than it was given, and says how much: send the rest in a loop"
}

@test "it restarts at once while a connection of the last run is in FIN-WAIT-2" {
  start_server
  connect 5
  exchange 5 "hello"
  stop_server
  eventually server_is FIN-WAIT-2
  restart_server || hint "set SO_REUSEADDR on the listener before bind(), in both runs"
  connect 6
  exchange 6 "again"
}

@test "it restarts at once while a connection of the last run is in TIME-WAIT" {
  start_server
  connect 5
  exchange 5 "hello"
  stop_server
  disconnect 5
  eventually server_is TIME-WAIT
  restart_server || hint "set SO_REUSEADDR on the listener before bind(), in both runs"
  connect 6
  exchange 6 "again"
}
