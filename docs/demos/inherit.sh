#!/usr/bin/env bash
# A program that the server starts inherits its sockets: the port stays taken, and a client hangs.
# Takes the parts to show (1 to 2; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# serves_and_is_killed CLIENT: the server starts a program for the client, and is killed. The program goes on,
# and is ended with the clients.
serves_and_is_killed() {
  meet "$1"
  talk "$1" "hello"
  check "the program to run" program_runs
  CLIENT_SENDER[program]=$program
  typed "kill -KILL $SERVER_PID"
  kill_quietly "$SERVER_PID"
}

# program_runs: sets program to the pid of the sleep in the server's process group.
program_runs() {
  program=$(cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v group="$SERVER_PID" '$5 == group && $2 == "(sleep)" { print $1 }') || true
  [[ $program ]]
}

part_1() {
  title "The server is gone"
  pause "The server starts a program for each client. Then the server is killed, and the program goes on. Can \
the server be started again? And has anna noticed anything?"
  run_patched 4 child
  serves_and_is_killed anna
  sockets '' 'LISTEN|ESTAB'
  typed "step4_threads/server $PORT"
  printed "$("${SERVER_COMMAND[0]}" "$PORT" 2>&1 || true)"
  remember "the program holds copies of both descriptors. The port is free, and anna gets a FIN, only when the \
last copy is closed."
}

part_2() {
  title "Close on exec"
  pause "Now both sockets are made with SOCK_CLOEXEC. The same happens. What is left?"
  run_patched 4 child cloexec
  serves_and_is_killed ben
  check "FIN-WAIT-2 at the server's end" server_is FIN-WAIT-2
  sockets 'CLOSE-WAIT'
  run_again
  remember "make every descriptor with SOCK_CLOEXEC, except those that a program shall inherit."
}

show_parts 2 "$@"
