#!/usr/bin/env bash
# A server that does not check for recv() == 0: CLOSE_WAIT, a busy core, and a client it never serves.
# Takes PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# serve_anna STEP: runs that step; anna is served.
serve_anna() {
  run_step "$1"
  meet anna
  talk anna "hello"
}

title "Step 2, and a client that leaves"
serve_anna 2
pause "Now anna leaves. What does recv() return? How often?"
disconnect anna
check "CLOSE-WAIT at the server's end" server_is CLOSE-WAIT
check "FIN-WAIT-2 at the client's end" client_is FIN-WAIT-2
sockets 'CLOSE-WAIT|FIN-WAIT-2'
say "It returns 0, at once and every time, and the loop does not check for that."
pause "What does the server do meanwhile? Its CPU time, a moment apart:"
ticks=$(server_ticks)
check "the server to spin" server_used_cpu 40 "$ticks"
printed "$(translated "%s ms, then %s ms; State: %s" $((ticks * 10)) $(($(server_ticks) * 10)) \
  "$(sed -n 's/State:\t//p' "/proc/$SERVER_PID/status")")"
pause "A new client connects, and sends."
meet ben
send ben "anybody?"
check "ben's 8 bytes to wait" server_recv_queue 8
ticks=$(server_ticks)
check "the server to spin on" server_used_cpu 20 "$ticks"
sockets 'ESTAB +8 '
has_received ben "" || check "ben to get no answer" false
printed "$(translated "all that came back to %s: nothing" ben)"
stop_clients
stop_server

title "Step 3, and a client that leaves"
serve_anna 3
pause "Now anna leaves. What does recv() return? What then?"
disconnect anna
check "TIME-WAIT at the client's end" client_is TIME-WAIT
check "no connection at the server's end" server_has_no_connection
sockets TIME-WAIT
say "It returns 0 once. The loop ends, and close() sends the server's FIN."
meet ben
talk ben "anybody?"
check "the server to sleep" server_sleeps
printed "State: $(sed -n 's/State:\t//p' "/proc/$SERVER_PID/status")"
remember "CLOSE_WAIT means that the other end has closed, and this program has not. \
The kernel has no time-out for that. Only the program can close."
