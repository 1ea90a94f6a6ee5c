#!/usr/bin/env bash
# A program that the server starts inherits its sockets: the port stays taken, and a client hangs.
. "$(dirname "$0")/helpers.bash"

# serves_and_is_killed CLIENT: the server starts a program for the client, and is killed. The
# program goes on, and is ended with the clients.
serves_and_is_killed() {
  serve "$1"
  CLIENT_SENDER[program]=-$SERVER_PID # their process group
  kill_program "$SERVER_PID"
}

# program_has_sockets: sh has become the program; ss shows its name.
program_has_sockets() { [[ $(server_sockets) == *'"sleep"'* ]]; }

if part "The server is gone"; then
  pause "The server starts a program for each client, and is killed. The program goes on. Can the \
server be started again? Has anna noticed anything?"
  run_patched 4 child
  serves_and_is_killed anna
  check program_has_sockets
  sockets '' 'LISTEN|ESTAB'
  run_to_see "Address already in use"
  remember "the program holds copies of both descriptors. The port is free, and anna gets a FIN, \
only when the last copy is closed."
fi

if part "Close on exec"; then
  pause "Now both sockets are made with SOCK_CLOEXEC. The same happens. What is left?"
  run_patched 4 child cloexec
  serves_and_is_killed ben
  check server_is FIN-WAIT-2
  sockets 'CLOSE-WAIT'
  run_again
  remember "make every descriptor with SOCK_CLOEXEC, except those that a program should inherit."
fi
