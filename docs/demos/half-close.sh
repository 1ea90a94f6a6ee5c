#!/usr/bin/env bash
# shutdown(SHUT_WR) closes one direction, and can save a reply that close() would lose.
. "$(dirname "$0")/two_machines.bash"

# answer_is_lost CLIENT: it sends more than the one recv() of step 1 takes; the reply is lost.
answer_is_lost() {
  meet "$1"
  freeze_server
  head -c 20000 /dev/zero >"$SCRATCH/message"
  send_file "$1" "$SCRATCH/message"
  check server_recv_queue 20000
  result "%s sends 20000 bytes; one recv() takes 16384 of them" "$1"
  lose server
  continue_server
  server_says "16384 sent"
}

if part "Closing one direction"; then
  run_step 4
  pause "anna sends 'hello', then calls shutdown(SHUT_WR). Can the server still send her a reply?"
  stop_program
  half_close anna
  sockets FIN-WAIT-2
  say "5 bytes and the FIN wait at the server's end. anna's program still holds her end, and reads."
  continue_program
  gets anna "hello"
  server_says "client gone"
  remember "when recv() returns 0, the other end will send nothing more. You may still send."
fi

if part "Is a lost reply sent again?"; then
  pause "Step 1 closes with bytes unread: a reset. Its reply is lost on the way. Is it sent again?"
  run_step 1
  answer_is_lost ben
  check server_has_no_connection
  mend
  show client ESTAB
  say "No: the server's kernel has thrown away the reply and the connection. ben sends once more:"
  sends ben "?"
  is_reset ben ""
  remember "close() with bytes unread throws away what has not arrived."
fi

if part "The cure"; then
  pause "Now step 1 calls shutdown(SHUT_WR), reads to the end, and closes. Is the reply sent again?"
  run_patched 1 read-to-end
  answer_is_lost cora
  show server FIN-WAIT-1
  mend
  check receive_file cora "$SCRATCH/message" 16384
  result "all that came back to cora: 16384 bytes"
  remember "call shutdown(SHUT_WR), then recv() until it returns 0, then close(). By then the \
other end has the reply."
fi
