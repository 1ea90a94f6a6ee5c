#!/usr/bin/env bash
# A program that the server starts inherits its sockets: the port stays taken, and a client hangs.
. "$(dirname "$0")/helpers.bash"

# serves_and_is_killed CLIENT: the server starts a program for the client, and is killed. The
# program goes on, and is ended with the clients.
serves_and_is_killed() {
  meet "$1"
  talk "$1" "hello"
  check program_runs
  CLIENT_SENDER[program]=$(program)
  kill_program "$SERVER_PID"
}

# program: prints the pid of the sleep in the server's process group.
program() {
  { cat /proc/[0-9]*/stat 2>/dev/null || true; } |
    awk -v group="$SERVER_PID" '$5 == group && $2 == "(sleep)" { print $1 }'
}
program_runs() { [[ $(program) ]]; }

if part "The server is gone"; then
  pause "The server starts a program for each client. Then the server is killed, and the program \
goes on. Can the server be started again? And has anna noticed anything?"
  run_patched 4 child
  serves_and_is_killed anna
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
