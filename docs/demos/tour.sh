#!/usr/bin/env bash
# The tour: the four steps one after another, each with nc as its client, and with what ss shows.
. "$(dirname "$0")/helpers.bash"

if part "Step 1, single shot: one message of one client"; then
  pause "anna sends a message. The server replies, closes and ends. anna leaves. What is left?"
  run_step 1
  serve anna
  check server_has_ended
  disconnect anna
  show server TIME-WAIT
  say "TIME-WAIT needs no process, because it is a record in the kernel. Start the server again:"
  run_to_see "Address already in use"
  remember "step 1 echoes one message, and cannot be started again for a minute."
fi

if part "Step 2, loop: every message of one client"; then
  run_step 2
  meet ben
  talk ben "one "
  talk ben "two " "one two "
  pause "Now ben leaves."
  disconnect ben
  show server CLOSE-WAIT client FIN-WAIT-2
  ticks=$(server_ticks)
  check server_used_cpu 30 "$ticks"
  say "recv() returns 0, at once and every time, and the server does not check for that:"
  result "CPU time that the server used just now: %s ms" $((($(server_ticks) - ticks) * 10))
  remember "step 2 does not notice that its client has left: CLOSE-WAIT, and a core is kept busy."
fi

if part "Step 3, close detect: one client after another"; then
  run_step 3
  serve cora
  pause "Now cora leaves, and this time the server closes too."
  disconnect cora
  check server_has_no_connection
  show client TIME-WAIT
  say "The client closed first, so the TIME-WAIT is at its end. It does not hold the server's port."
  serve dan
  pause "While the server serves dan, eve connects and sends 'hi'."
  meet eve
  sends eve "hi"
  show server "ESTAB +2"
  pause "Now dan leaves."
  disconnect dan
  gets eve "hi"
  remember "step 3 serves the next client only when the one before has left."
fi

if part "Step 4, threads: many clients at once"; then
  run_step 4
  meet fay
  meet gil
  meet hal
  talk hal "three"
  talk gil "two"
  talk fay "one"
  pause "All three are connected, and each gets its reply at once."
  sockets 'server,fd=[4-9]'
  show_threads 4
  say "Four threads are running, one that calls accept(), and one for each client."
  remember "step 4 serves all clients at once, and pays with a thread for each (C10K)."
fi
