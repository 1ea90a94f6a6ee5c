#!/usr/bin/env bash
# close() with unread bytes sends RST instead of FIN: no TIME_WAIT, and an error at the other end.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

title "A close() that is not polite"
run_stage 1
step "Stop the server, and send it 20000 bytes. Its one recv() will take 16384."
run_shown "kill -STOP $SERVER_PID"
check "the server to be stopped" server_is_stopped
typed "exec 5<>/dev/tcp/127.0.0.1/$PORT; head -c 20000 /dev/zero >&5"
connect 5
head -c 20000 /dev/zero >&5
check "20000 bytes to wait" server_recv_queue 20000
sockets 'ESTAB +20000 '
step "Continue it: it reads, replies and closes, with 3616 bytes unread."
run_shown "kill -CONT $SERVER_PID"
check "the server to have ended" server_has_ended
printed "$(tail -n 1 "$SERVER_LOG")"
check "no connection at the server's end" server_has_no_connection
check "no connection at the client's end" client_has_no_connection
run_shown "ss -Htan 'sport = :$PORT or dport = :$PORT' | wc -l"
say "No TIME-WAIT, no socket at either end: a reset ends a connection on the spot."
step "And the client, who waits for the reply?"
typed "cat <&5 | wc -c"
reply=$( (cat <&5 2>"$SCRATCH/error" || true) | wc -c)
printed "$(sed 's/.*cat: /cat: /' "$SCRATCH/error")"
printed "$reply"
grep -q 'Connection reset by peer' "$SCRATCH/error" || check "'Connection reset by peer'" false
remember "close() with unread bytes sends RST: no TIME_WAIT, and the peer may lose the reply."
