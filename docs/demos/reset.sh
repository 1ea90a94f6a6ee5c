#!/usr/bin/env bash
# close() with unread bytes sends RST instead of FIN: no TIME_WAIT, and an error at the other end.
. "$(dirname "$0")/helpers.bash"

title "Closing with bytes unread"
run_step 1
pause "Stop the server, and send it 20000 bytes. Its one recv() will take 16384."
stop_program
typed "exec {anna}<>/dev/tcp/127.0.0.1/$PORT; printf '%020000d' 0 >&\$anna"
connect anna
send anna "$(printf '%020000d' 0)"
show server "ESTAB +20000"
pause "Continue it. It closes with 3616 bytes unread. What is left of the connection?"
continue_program
server_says "client served"
check server_has_no_connection
check client_has_no_connection
run_shown "ss -Htan 'sport = :$PORT or dport = :$PORT' | wc -l"
say "There is no TIME-WAIT, and no socket at either end. A reset ends a connection on the spot."
pause "anna is waiting for the reply. What does she read?"
typed "{ read -r -N 16384 reply; echo \${#reply}; read -r -N 1; } <&\$anna"
came=$({ read -r -N 16384 reply; echo "${#reply}"; read -r -N 1 _; } <&"${CLIENT_FD[anna]}" 2>&1 |
  sed 's/.*read error/bash: read error/' || true)
printed "$came"
check grep -q 'Connection reset by peer' <<<"$came"
say "She still reads what her kernel has received, then gets an error, not an end of file. Over a \
slower network the reset may come before the rest of the reply, which is lost."
remember "close() with unread bytes sends RST: no TIME_WAIT, and the peer may lose the reply."
