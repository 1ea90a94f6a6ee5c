#!/usr/bin/env bash
# A museum of TCP: each of the eleven states held still, on two machines, by losing packets.
# Takes the states to show (1 to 11; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/two_machines.bash
. "$(dirname "$0")/two_machines.bash"

"$ROOT/docs/class/written.sh" 4
SERVER_COMMAND=("$ROOT/step4_threads/server")

# room NUMBER: the next state, whose name is the answer. Its server gets a port of its own, so that ss
# shows nothing of the rooms before.
room() {
  title "%s of 11" "$1"
  PORT=$((8800 + $1))
}

# ask QUESTION: and after the pause a new server.
ask() {
  pause "$1"
  run_again
}

# show STATE END: waits until that end, of the server or the client, is in the state; shows both ends,
# and what the state means.
show() {
  local address=$SERVER_ADDRESS
  if [[ $2 == client ]]; then address=$CLIENT_ADDRESS; fi
  check "$(translated "%s at the %s's end" "$1" "$(end_name "$2")")" "$2_is" "$1"
  sockets "^$1 +[0-9]+ +[0-9]+ +(0.0.0.0|$address):"
}

# made_by TEXT, ended_by TEXT: what makes the state, and what ends it.
made_by() { printed "$(translated "made by:  %s" "$(translated "$1")" | wrap 76)"; }
ended_by() { printed "$(translated "ended by: %s" "$(translated "$1")" | wrap 76)"; }

# dials CLIENT: it calls connect(); this does not wait until it is connected.
dials() {
  typed "nc $HOST $PORT      # $1" client
  connect_nc "$1"
}

# leaves CLIENT: it closes.
leaves() {
  happens "%s leaves: close()" "$1"
  disconnect "$1"
}

# lose_last_acknowledgement CLIENT: it closes, then the server, whose FIN is acknowledged in vain.
lose_last_acknowledgement() {
  meet "$1"
  stop_program
  leaves "$1"
  check "CLOSE-WAIT at the server's end" server_is CLOSE-WAIT
  check "FIN-WAIT-2 at the client's end" client_is FIN-WAIT-2
  lose client
  continue_program
}

part_1() {
  room 1
  ask "A server starts, and no client has connected. Is there a socket?"
  show LISTEN server
  made_by "listen()"
  ended_by "close() of this socket, or the end of its program"
}

part_2() {
  room 2
  ask "The cable is pulled. anna calls connect(). Which state is her end in? And what does the \
server's machine see of it?"
  unplug
  dials anna
  show SYN-SENT client
  made_by "connect(); its SYN is lost, and sent again and again"
  ended_by "SYN+ACK (ESTAB), RST (connection refused), or the last try (timed out)"
}

part_3() {
  room 3
  ask "anna's SYN arrives, but the reply of the server's kernel is lost. Is there a connection?"
  lose server
  dials anna
  show SYN-RECV server
  made_by "a SYN for the listener; the SYN+ACK is lost, and sent again"
  ended_by "the third packet of the handshake (ESTAB), RST, or the last try"
}

part_4() {
  room 4
  ask "Nothing is lost. What makes the connection, the kernel or accept()?"
  meet anna
  show ESTAB server
  made_by "the third packet of the handshake; accept() is not involved"
  ended_by "close(), the FIN of the other end, or RST; there is no timer"
}

part_5() {
  room 5
  ask "The cable is pulled, and anna closes. What does her end show? And the server's?"
  meet anna
  unplug
  leaves anna
  show FIN-WAIT-1 client
  made_by "close() at the end that closes first; its FIN is lost, and sent again"
  ended_by "the acknowledgement (FIN-WAIT-2), the FIN of the other end (CLOSING, or TIME-WAIT if it \
acknowledges ours), or the last try"
}

part_6() {
  room 6
  ask "Nothing is lost, but the server's program is stopped. anna closes. Is her FIN acknowledged? \
By what?"
  meet anna
  stop_program
  leaves anna
  show FIN-WAIT-2 client
  made_by "the acknowledgement of its FIN, by the kernel of the other end"
  ended_by "the FIN of the other end (TIME-WAIT), or a timer of a minute"
}

part_7() {
  room 7
  ask "The same happens again. Now look at the server's end. What does it wait for?"
  meet anna
  stop_program
  leaves anna
  show CLOSE-WAIT server
  made_by "the FIN of the other end"
  ended_by "close() by this program (LAST-ACK); there is no timer"
}

part_8() {
  room 8
  ask "The cable is pulled, and both close, so both FINs are lost. Then what anna's machine sends \
arrives again. Her FIN comes, but it cannot acknowledge the server's FIN, which was lost. What \
does the server's end show?"
  meet anna
  unplug
  leaves anna
  typed "kill -TERM $SERVER_PID"
  stop_server
  check "FIN-WAIT-1 at the server's end" server_is FIN-WAIT-1
  deliver client
  show CLOSING server
  made_by "the FIN of the other end, while its own is not acknowledged"
  ended_by "the acknowledgement (TIME-WAIT), or the last try"
  mend
  check "TIME-WAIT at the server's end" server_is TIME-WAIT
  check "TIME-WAIT at the client's end" client_is TIME-WAIT
  say "Now both acknowledgements arrive, and both ends are in TIME-WAIT."
}

part_9() {
  room 9
  ask "anna closes, then the server. But the very last packet, her kernel's acknowledgement, is \
lost. What does the server's end show?"
  lose_last_acknowledgement anna
  show LAST-ACK server
  made_by "close() at the end that closes second; its FIN is sent again and again"
  ended_by "the acknowledgement (CLOSED), or the last try"
}

part_10() {
  room 10
  ask "The same happens, then the cable is mended, and the server's FIN comes once more. anna's \
program has ended. What acknowledges that FIN?"
  lose_last_acknowledgement anna
  deliver client
  check "nothing left at the server's end" server_has_no_connection
  show TIME-WAIT client
  made_by "both FINs, its own first; it has acknowledged the other one once more"
  ended_by "a timer of a minute"
}

part_11() {
  room 11
  ask "Nothing is lost. anna closes, then the server. How many lines does ss have for the server's \
end?"
  meet anna
  leaves anna
  check "TIME-WAIT at the client's end" client_is TIME-WAIT
  check "nothing left at the server's end" server_has_no_connection
  sockets ''
  state=CLOSED end=server
  describe | wrap 76 | sed 's/^/  | /'
  made_by "the acknowledgement of its FIN, or RST in any state but LISTEN"
  ended_by "connect() or a SYN, which make a new connection"
  remember "each end has its own state, and stays in it until a packet comes, a program calls close(), or \
a timer ends."
}

show_parts 11 "$@"
