#!/usr/bin/env bash
# A client is connected before the server has called accept().
. "$(dirname "$0")/helpers.bash"

title "What makes the connection?"
run_step 1
pause "Stop the server, so that it cannot call anything. Can a client connect?"
stop_program
run_shown "grep State /proc/$SERVER_PID/status"
meet anna
check server_is ESTAB
sockets 'ESTAB .*:'"$PORT"' +127[^ ]*$'
say "She is connected: listen() was enough. The demos shorten the lines of ss. By itself it prints:"
run_shown "ss -tan 'sport = :$PORT'"
pause "Continue the server, and accept() takes the connection out of the queue."
continue_program
server_says "connected"
sockets 'server,fd=4'
remember "the kernel makes the connections, and accept() only picks them up."
