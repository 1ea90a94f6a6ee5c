#!/usr/bin/env bash
# Whoever closes first owns TIME_WAIT: the server does, then the client does.
# Takes PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# seconds_left: how long the TIME-WAIT of the server's end still lasts.
seconds_left() { ss -Htano "sport = :$PORT" | sed -n 's/^TIME-WAIT.*timewait,\([0-9]*\)[sec.].*/\1/p'; }
timer_has_fallen_below() { (($(seconds_left) < $1)); }

# serve_and_end: step 1 serves anna and ends; she still holds her end open.
serve_and_end() {
  run_step 1
  hold anna
  check "the server to have ended" server_has_ended
  check "FIN-WAIT-2 at the server's end" server_is FIN-WAIT-2
  read -r -t "$DEADLINE" -u "${CLIENT_FD[anna]}" _ || true # anna reads the end of file
}

title "The server closes first"
pause "Step 1 will serve anna, close and end, while she holds her end open. What will be left?"
serve_and_end
sockets 'FIN-WAIT-2|CLOSE-WAIT'
say "The server has closed, anna's kernel has acknowledged that, and anna has not closed yet."
release anna
pause "Then she closes too. What will be left now, and for how long? Can the server be started again?"
say "Once more, on a port that no TIME-WAIT holds:" # counting hands may take longer than a minute
serve_and_end
release anna
check "TIME-WAIT at the server's end" server_is TIME-WAIT
sockets TIME-WAIT
before=$(seconds_left)
say "The timer is counting:"
check "the timer to count down" timer_has_fallen_below "$before"
run_shown "ss -Htano 'sport = :$PORT' | grep -o 'timer:[^,]*,[^,]*'"
say "Now start the server again:"
typed "step1_single_shot/server $PORT"
launch_server "$PORT"
check "the second run to be refused" server_has_said "Address already in use"
printed "$(cat "$SERVER_LOG")"
stop_server

title "The client closes first"
run_step 3
meet ben
talk ben "hello"
pause "ben will leave first, and then the server closes. At which end will the TIME-WAIT be?"
disconnect ben
check "TIME-WAIT at the client's end" client_is TIME-WAIT
check "nothing at the server's end" server_has_no_connection
sockets TIME-WAIT
say "Stop the server and start it again:"
stop_server
run_again
check "the server to listen again" server_is_listening
remember "whoever closes first owns TIME_WAIT, for 60 s on Linux. If that is the server, its port is held."
