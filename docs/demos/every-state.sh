#!/usr/bin/env bash
# A museum of TCP: each of the eleven states held still, on two machines, by losing packets.
. "$(dirname "$0")/two_machines.bash"

# ask QUESTION: and after the pause a new server. The name of the state is the answer.
ask() {
  pause "$1"
  run_step 4
}

# ended_by TEXT: what ends the state.
ended_by() { printed "$(translated "ended by: %s" "$(translated "$1")" | wrap 76)"; }

# leaves CLIENT: it closes.
leaves() {
  happens "%s leaves: close()" "$1"
  disconnect "$1"
}

# lose_last_acknowledgement: anna closes, then the server, whose FIN is acknowledged in vain.
lose_last_acknowledgement() {
  meet anna
  stop_program
  leaves anna
  check server_is CLOSE-WAIT
  check client_is FIN-WAIT-2
  lose client
  continue_program
}

if part "%s of 11" 1; then
  ask "A server starts, and no client has connected. Is there a socket?"
  show server LISTEN
  ended_by "close() of this socket, or the end of its program"
fi

if part "%s of 11" 2; then
  ask "The cable is pulled, and anna calls connect(). Which state is her end in?"
  unplug
  dials anna
  show client SYN-SENT
  ended_by "SYN+ACK (ESTAB), RST (connection refused), or the last try (timed out)"
fi

if part "%s of 11" 3; then
  ask "anna's SYN arrives, but the reply of the server's kernel is lost. Is there a connection?"
  lose server
  dials anna
  show server SYN-RECV
  ended_by "the third packet of the handshake (ESTAB), RST, or the last try"
fi

if part "%s of 11" 4; then
  ask "The server's program is stopped. Who makes the connection, the kernel or accept()?"
  stop_program
  dials anna
  show server ESTAB
  ended_by "close(), the FIN of the other end, or RST; there is no timer"
fi

if part "%s of 11" 5; then
  ask "The cable is pulled, and anna closes. What does her end show? And the server's?"
  meet anna
  unplug
  leaves anna
  show client FIN-WAIT-1
  ended_by "the acknowledgement (FIN-WAIT-2), the FIN of the other end (CLOSING, or TIME-WAIT if \
it acknowledges ours), or the last try"
fi

if part "%s of 11" 6; then
  ask "The server's program is stopped. anna closes. Is her FIN acknowledged? By what?"
  meet anna
  stop_program
  leaves anna
  show client FIN-WAIT-2
  ended_by "the FIN of the other end (TIME-WAIT), or a timer of a minute"
fi

if part "%s of 11" 7; then
  ask "The same happens again. Now look at the server's end. What does it wait for?"
  meet anna
  stop_program
  leaves anna
  show server CLOSE-WAIT
  ended_by "close() by this program (LAST-ACK); there is no timer"
fi

if part "%s of 11" 8; then
  ask "The cable is pulled, and both close. Then anna's FIN arrives after all, but the server's \
was lost. What does the server's end show?"
  meet anna
  unplug
  leaves anna
  typed "kill -TERM $SERVER_PID"
  stop_server
  check server_is FIN-WAIT-1
  deliver client
  show server CLOSING
  ended_by "the acknowledgement (TIME-WAIT), or the last try"
  mend
  check server_is TIME-WAIT
  check client_is TIME-WAIT
  say "Now both acknowledgements arrive, and both ends are in TIME-WAIT."
fi

if part "%s of 11" 9; then
  ask "anna closes, then the server, but the last acknowledgement is lost. What is left?"
  lose_last_acknowledgement
  show server LAST-ACK
  ended_by "the acknowledgement (CLOSED), or the last try"
fi

if part "%s of 11" 10; then
  ask "The same, then the server's FIN comes again. anna's program has ended. What acknowledges it?"
  lose_last_acknowledgement
  deliver client
  check server_has_no_connection
  show client TIME-WAIT
  ended_by "a timer of a minute"
fi

if part "%s of 11" 11; then
  ask "anna closes, then the server. How many lines does ss have for the server's end?"
  meet anna
  leaves anna
  check client_is TIME-WAIT
  check server_has_no_connection
  sockets ''
  state=CLOSED end=server
  explain "$(describe)"
  ended_by "connect() or a SYN, which make a new connection"
  remember "each end keeps its state until a packet comes, a program closes, or a timer ends."
fi
