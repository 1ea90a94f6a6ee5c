#!/usr/bin/env bash
# A server that does not check for recv() == 0: CLOSE_WAIT, a busy core, a client never served.
. "$(dirname "$0")/helpers.bash"

title "Step 2, and a client that leaves"
run_step 2
serve anna
pause "Now anna leaves. What does recv() return? How often?"
disconnect anna
show server CLOSE-WAIT client FIN-WAIT-2
say "It returns 0, at once and every time, and the loop does not check for that."
pause "What does the server do meanwhile? Its CPU time, a moment apart:"
ticks=$(server_ticks)
check server_used_cpu 40 "$ticks"
result "%s ms, then %s ms; State: %s" $((ticks * 10)) $(($(server_ticks) * 10)) \
  "$(sed -n 's/State:\t//p' "/proc/$SERVER_PID/status")"
pause "A new client connects, and sends."
meet ben
sends ben "anybody?"
show server "ESTAB +8"
gets ben ""
remember "CLOSE_WAIT means that the other end has closed, and this program has not. The kernel has \
no time-out for that. Only the program can close."
