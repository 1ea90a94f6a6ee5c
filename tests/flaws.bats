#!/usr/bin/env bats
# What each of our steps still cannot do, seen in ss. The tags say of which step a test speaks.

load report/suite
lesson "step$STEP" "What is still wrong"

# --- step 1
# bats file_tags=step:1

@test "step 1 closes after one message: the second is never read" {
  start_server
  connect anna
  exchange anna "first"
  # It closes first: its end waits for the client's FIN, and no process owns it any more.
  eventually server_is FIN-WAIT-2
  client_is CLOSE-WAIT
  server_ends_with 0
  send anna "second"
  eventually ending_is anna reset # nothing came back
}

it_has_closed_first() {
  start_server
  greet anna
  eventually server_is FIN-WAIT-2
  disconnect anna
  eventually server_is TIME-WAIT
}

@test "step 1 closes first: TIME-WAIT stays on its port, with a timer" {
  it_has_closed_first
  [[ $(ss -Htano "sport = :$PORT") =~ timer:\(timewait,[0-9]+sec ]]
  run ! client_is TIME-WAIT
}

@test "step 1 cannot be restarted while TIME-WAIT is there: Address already in use" {
  it_has_closed_first
  launch_server "$PORT" 127.0.0.1
  server_ends_with 1
  [[ $(cat "$SERVER_LOG") =~ ^"bind: Address "(already )?in\ use$ ]] # musl: in use
}

@test "step 1 ends after one client: the one that waits behind it is reset" {
  start_server
  connect anna
  connect ben
  exchange anna "hello"
  eventually server_has_ended
  eventually ending_is ben reset
}

@test "step 1 has ended when a client resets" {
  start_server
  connect anna
  reset anna
  server_ends_with 0
}

# --- step 2
# bats file_tags=step:2

anna_has_left() {
  start_server
  greet anna
  disconnect anna
  eventually server_is CLOSE-WAIT
}

@test "step 2 does not close when the client leaves: CLOSE-WAIT faces FIN-WAIT-2" {
  anna_has_left
  eventually client_is FIN-WAIT-2
  [[ $(grep CLOSE-WAIT <<<"$(server_sockets)") == *"fd=4)"* ]]
}

@test "step 2 spins when the client has left, and says nothing" {
  anna_has_left
  said=$(cat "$SERVER_LOG")
  eventually server_used_cpu 20 "$(server_ticks)"
  [[ $(cat "$SERVER_LOG") == "$said" ]]
}

@test "step 2 never serves the next client: connected, its bytes unread, no process" {
  anna_has_left
  connect_nc ben
  send ben "anybody?"
  eventually server_recv_queue 8
  server_has_unaccepted
  accept_queue 1
  eventually server_used_cpu 20 "$(server_ticks)" # 200 ms later
  server_recv_queue 8
  has_received ben ""
}

@test "a client's reset ends step 2" {
  start_server
  connect anna
  reset anna
  server_ends_with 1
  server_has_said "recv: Connection reset by peer"
}

# --- step 3
# bats file_tags=step:3

@test "step 3 keeps a second client waiting, and serves it the moment the first leaves" {
  start_server
  connect anna
  exchange anna "first"
  connect_nc ben
  send ben "second"
  eventually server_recv_queue 6
  server_has_unaccepted
  accept_queue 1
  exchange anna "first again"
  has_received ben ""
  disconnect anna
  receive ben "second"
}

@test "a full accept queue leaves the next client in SYN-SENT: it is not refused" {
  need_descriptors 150
  start_server
  greet anna
  connect_many 129
  eventually accept_queue 129 # listen(fd, 128) admits one more
  connect_nc zoe
  eventually client_is SYN-SENT 1
  server_is ESTAB 130
}

# --- step 4
# bats file_tags=step:4

# bats test_tags=counts-threads
@test "step 4 needs a thread for each client, and gives it back" {
  start_server
  server_has_threads 1
  connect_many 20
  eventually server_has_threads 21
  for client in "${CLIENTS[@]}"; do disconnect "$client"; done
  eventually server_has_threads 1
}
