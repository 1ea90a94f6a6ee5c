#!/usr/bin/env bash
# shutdown(SHUT_WR) closes one direction, and can save a reply that close() would lose.
# Takes the parts to show (1 to 3; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/two_machines.bash
. "$(dirname "$0")/two_machines.bash"

# received_bytes CLIENT COUNT: exactly so many bytes have come back to the client.
received_bytes() { [[ $(stat -c %s "$SCRATCH/$1.out") == "$2" ]]; }

# answer_is_lost CLIENT: it sends more than the one recv() of step 1 takes; the reply is lost.
answer_is_lost() {
  meet "$1"
  freeze_server
  head -c 20000 /dev/zero >"$SCRATCH/message"
  send_file "$1" "$SCRATCH/message"
  check "20000 bytes to wait" server_recv_queue 20000
  printed "$(translated "%s sends 20000 bytes; one recv() takes 16384 of them" "$1")"
  lose server
  continue_server
  check "the server to reply" server_has_said "16384 sent"
  printed "$(tail -n 1 "$SERVER_LOG")"
}

part_1() {
  title "Closing one direction"
  run_step 4
  pause "anna sends 'hello' and closes her sending side with shutdown(SHUT_WR). Can the server still send her \
a reply?"
  stop_program
  printf 'hello' >"$SCRATCH/hello"
  typed "printf 'hello' | nc $(nc_half_close_options) $HOST $PORT      # anna" client
  connect_half_closing anna "$SCRATCH/hello"
  check "CLOSE-WAIT at the server's end" server_is CLOSE-WAIT
  check "FIN-WAIT-2 at the client's end" client_is FIN-WAIT-2
  sockets FIN-WAIT-2
  say "5 bytes and the FIN wait at the server's end. anna's program still holds her end, and reads."
  continue_program
  gets anna "hello"
  check "the server to close" server_has_said "client gone"
  printed "$(tail -n 1 "$SERVER_LOG")"
  remember "when recv() returns 0, the other end will send nothing more. You may still send."
}

part_2() {
  title "Is a lost reply sent again?"
  pause "Step 1 replies, and closes with bytes unread, which is a reset. The reply is lost on the way, as any \
packet may be. Is it sent again?"
  run_step 1
  answer_is_lost ben
  check "no connection at the server's end" server_has_no_connection
  mend
  sockets "^ESTAB"
  say "No, because the server's kernel has thrown the reply away, and the connection with it. ben waits. \
When he sends something more, a reset ends his connection."
  send ben "?"
  check "no connection at ben's end" client_has_no_connection
  received_bytes ben 0 || check "nothing to come back to ben" false
  printed "$(translated "all that came back to ben: nothing; his connection is reset")"
  remember "close() with bytes unread throws away what has not arrived."
}

part_3() {
  title "The cure"
  pause "Now the server first closes its sending side, then reads to the end, and only then closes. Is the \
lost reply sent again?"
  run_patched 1 read-to-end
  answer_is_lost cora
  check "FIN-WAIT-1 at the server's end" server_is FIN-WAIT-1
  sockets "^FIN-WAIT-1"
  mend
  check "cora to get the reply" received_bytes cora 16384
  printed "$(translated "all that came back to cora: 16384 bytes")"
  disconnect cora
  check "the server to end" server_has_ended
  remember "call shutdown(SHUT_WR), then recv() until it returns 0, then close(). Then the other end has the \
reply, and nothing is reset."
}

show_parts 3 "$@"
