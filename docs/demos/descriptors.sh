#!/usr/bin/env bash
# Which numbers the sockets of a server get, and when a number is used again.
. "$(dirname "$0")/helpers.bash"

# descriptors: shows the descriptors of the server.
descriptors() { run_shown "ls /proc/$SERVER_PID/fd | tr '\\n' ' '"; }

# meet_at NUMBER CLIENT: a client connects, and its connection has that number at the server.
meet_at() {
  meet "$2"
  check last_line_has "connected (fd $1)"
  printed "$(tail -n 1 "$SERVER_LOG")"
}
last_line_has() { [[ $(tail -n 1 "$SERVER_LOG") == *"$1" ]]; }

title "A new socket gets the lowest free number"
run_step 4
descriptors
say "0, 1 and 2 are stdin, stdout and stderr; the listener is 3."
pause "Two clients connect."
meet_at 4 cora
meet_at 5 dan
descriptors
sockets 'server,fd=[45]$'
pause "cora leaves, and 4 is free. Which number does the next client get? And the one after that?"
disconnect cora
check server_has_said "client gone (fd 4)"
meet_at 6 eve
meet_at 4 fay
say "accept() reserves its number when it is called, before a client has come. Since dan connected \
it had been sleeping with 6 reserved. Only the next call found 4 free."
remember "a new descriptor gets the lowest number that is free when the call is made."
