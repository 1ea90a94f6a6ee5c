#!/usr/bin/env bash
# Which numbers the sockets of a server get, and when a number is used again.
# Takes PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# descriptors: shows the descriptors of the server.
descriptors() { run_shown "ls /proc/$SERVER_PID/fd | tr '\\n' ' '"; }

# gets_descriptor NUMBER: the server's newest connection has that number.
gets_descriptor() {
  check "$(translated "the server to say: connected (fd %s)" "$1")" last_connection_is "$1"
  printed "$(grep connected "$SERVER_LOG" | tail -n 1)"
}

last_connection_is() { [[ $(grep connected "$SERVER_LOG" | tail -n 1) == *"(fd $1)" ]]; }

title "A new socket gets the lowest free number"
run_step 3
descriptors
say "0, 1 and 2 are stdin, stdout and stderr; the listener is 3."
pause "A client connects."
meet anna
gets_descriptor 4
sockets 'fd=[34]$'
pause "anna leaves, and 4 is free again. Another client connects."
disconnect anna
check "anna to be gone" server_has_said "client gone (fd 4)"
meet ben
gets_descriptor 4
disconnect ben
stop_server

pause "With threads, several clients are connected at once."
run_step 4
meet cora
gets_descriptor 4
meet dan
gets_descriptor 5
descriptors
pause "cora leaves, and 4 is free. Which number does the next client get? And the one after that?"
disconnect cora
check "cora to be gone" server_has_said "client gone (fd 4)"
meet eve
gets_descriptor 6
meet fay
gets_descriptor 4
say "accept() reserves its number when it is called, before a client has come. Since dan connected it had \
been sleeping with 6 reserved. Only the next call found 4 free."
remember "a new descriptor gets the lowest number that is free when the call is made."
