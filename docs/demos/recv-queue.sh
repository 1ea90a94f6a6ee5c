#!/usr/bin/env bash
# Bytes that have not been read wait in the kernel, and recv() sleeps while there are none.
. "$(dirname "$0")/helpers.bash"

title "Where do bytes wait until they are read?"
run_step 2
pause "Stop the server, and let a client connect and send twice. Where will the bytes be?"
stop_program
meet anna
sends anna "hello "
sends anna "world"
show server "ESTAB +11"
pause "Continue it. How many recv() calls will it take to read what two send() calls have sent?"
continue_program
gets anna "hello world"
sockets 'server,fd=4'
say "One recv() takes all that has come by then. (make timeline STEP=2 shows every call.)"
pause "Now anna is silent. What does the server do?"
check server_sleeps
run_shown "grep State /proc/$SERVER_PID/status"
say "It sleeps in recv(), and uses no CPU, until bytes come or anna leaves."
remember "Recv-Q counts what has arrived and has not been read. TCP carries bytes, not messages."
