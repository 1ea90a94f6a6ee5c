#!/usr/bin/env bash
# The tour: the four steps one after another, each with nc as its client, and with what ss shows.
# Takes the steps to show (1 to 4; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

part_1() {
  title "Step 1, single shot: one message of one client"
  pause "anna will send one message. The server replies, closes and ends, and anna leaves too. What is left?"
  run_step 1
  meet anna
  talk anna "hello"
  check "the server to have ended" server_has_ended
  disconnect anna
  check "TIME-WAIT at the server's end" server_is TIME-WAIT
  sockets TIME-WAIT
  say "TIME-WAIT needs no process, because it is a record in the kernel. Start the server again:"
  typed "step1_single_shot/server $PORT"
  launch_server "$PORT"
  check "the second run to be refused" server_has_said "Address already in use"
  printed "$(cat "$SERVER_LOG")"
  remember "step 1 echoes one message, and cannot be started again for a minute."
}

part_2() {
  title "Step 2, loop: every message of one client"
  run_step 2
  meet ben
  talk ben "one "
  talk ben "two " "one two "
  pause "Now ben leaves."
  disconnect ben
  check "CLOSE-WAIT at the server's end" server_is CLOSE-WAIT
  check "FIN-WAIT-2 at the client's end" client_is FIN-WAIT-2
  sockets 'CLOSE-WAIT|FIN-WAIT-2'
  ticks=$(server_ticks)
  check "the server to spin" server_used_cpu 30 "$ticks"
  say "recv() returns 0, at once and every time, and the server does not check for that:"
  printed "$(translated "CPU time that the server used just now: %s ms" \
    $((($(server_ticks) - ticks) * 10)))"
  remember "step 2 does not notice that its client has left. It stays in CLOSE-WAIT and keeps a core busy."
}

part_3() {
  title "Step 3, close detect: one client after another"
  run_step 3
  meet cora
  talk cora "hello"
  pause "Now cora leaves, and this time the server closes too."
  disconnect cora
  check "no connection at the server's end" server_has_no_connection
  check "TIME-WAIT at the client's end" client_is TIME-WAIT
  sockets TIME-WAIT
  say "The client closed first, so the TIME-WAIT is at its end, and does not hold the server's port."
  meet dan
  talk dan "hello"
  pause "While the server serves dan, eve connects and sends 'hi'."
  meet eve
  send eve "hi"
  check "eve's bytes to wait" server_recv_queue 2
  sockets 'ESTAB +2 '
  pause "Now dan leaves."
  disconnect dan
  gets eve "hi"
  remember "step 3 serves the next client only when the one before has left."
}

part_4() {
  title "Step 4, threads: many clients at once"
  run_step 4
  meet fay
  meet gil
  meet hal
  talk hal "three"
  talk gil "two"
  talk fay "one"
  pause "All three are connected, and each gets its reply at once."
  sockets 'server,fd=[4-9]'
  check "a thread for each client" server_has_threads 4
  run_shown "grep Threads /proc/$SERVER_PID/status"
  say "Four threads are running, one that calls accept(), and one for each client."
  remember "step 4 serves all clients at once, and pays with a thread for each (C10K)."
}

show_parts 4 "$@"
