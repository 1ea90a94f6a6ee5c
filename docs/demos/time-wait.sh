#!/usr/bin/env bash
# Whoever closes first owns TIME_WAIT: the server does, then the client does.
. "$(dirname "$0")/helpers.bash"

# serve_and_end: step 1 serves anna and ends; she still holds her end open.
serve_and_end() {
  run_step 1
  dial anna
  talk anna "hello"
  check server_has_ended
  read -r -t "$DEADLINE" -u "${CLIENT_FD[anna]}" _ || true # anna reads the end of file
}

if part "The server closes first"; then
  pause "Step 1 will serve anna, close and end, while she holds her end open. What will be left?"
  serve_and_end
  show server FIN-WAIT-2 client CLOSE-WAIT
  say "The server has closed, anna's kernel has acknowledged that, and anna has not closed yet."
  hang_up anna
  pause "Now she has closed too. What is left, and for how long? Can the server be started again?"
  say "Once more, on a port that no TIME-WAIT holds:" # counting hands may take longer than a minute
  serve_and_end
  hang_up anna
  show server TIME-WAIT
  say "The timer is counting:"
  for _ in 1 2; do show_timer && sleep 1; done
  say "Now start the server again:"
  run_to_see "Address already in use"
fi

if part "The client closes first"; then
  run_step 3
  serve ben
  pause "ben will leave first, and then the server closes. At which end will the TIME-WAIT be?"
  disconnect ben
  check server_has_no_connection
  show client TIME-WAIT
  say "Stop the server and start it again:"
  stop_server
  run_again
  remember "whoever closes first owns TIME_WAIT, for 60 s on Linux. A server's holds its port."
fi
