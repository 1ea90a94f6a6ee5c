#!/usr/bin/env bash
# The tour: the four stages one after another, each driven by nc, with what ss shows of it.
# Arguments: the stages to show, 1 to 4; none means all. Takes PAUSE (see helpers.bash). Under 15
# seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

stage_1() {
  title "Stage 1, single shot: one message of one client"
  run_stage 1
  meet anna
  talk anna "hello"
  check "the server to have ended" server_has_ended
  step "The server has answered, closed and ended. Now anna leaves too. What is left?"
  nc_close anna
  check "TIME-WAIT at the server's end" server_is TIME-WAIT
  sockets TIME-WAIT
  step "No process is needed for it: it is a record of the kernel. Start the server again:"
  typed "step1_single_shot/server $PORT"
  launch_server "$PORT"
  check "the second run to be refused" server_has_said "Address already in use"
  printed "$(cat "$SERVER_LOG")"
  remember "stage 1 answers one message, and cannot be started again for a minute."
  stop_server
}

stage_2() {
  title "Stage 2, loop: every message of one client"
  run_stage 2
  meet ben
  talk ben "one "
  talk ben "two " "one two "
  step "Now ben leaves."
  nc_close ben
  check "CLOSE-WAIT at the server's end" server_is CLOSE-WAIT
  check "FIN-WAIT-2 at the client's end" client_is FIN-WAIT-2
  sockets 'CLOSE-WAIT|FIN-WAIT-2'
  ticks=$(server_ticks)
  check "the server to spin" server_used_cpu 30 "$ticks"
  say "recv() returns 0, at once and every time, and nobody looks:"
  printed "CPU time that the server used just now: $((($(server_ticks) - ticks) * 10)) ms"
  remember "stage 2 does not notice that its client has left: CLOSE-WAIT, a busy core."
  stop_server
}

stage_3() {
  title "Stage 3, close detect: one client after another"
  run_stage 3
  meet cora
  talk cora "hello"
  step "Now cora leaves, and this time the server closes too."
  nc_close cora
  check "no connection at the server's end" server_has_no_connection
  check "TIME-WAIT at the client's end" client_is TIME-WAIT
  sockets TIME-WAIT
  say "The client closed first, so the TIME-WAIT is its own: it does not hold the port."
  meet dan
  talk dan "hello"
  step "While the server serves dan, eve connects and sends 'hi'."
  meet eve
  nc_send eve "hi"
  check "eve's bytes to wait" server_recv_queue 2
  sockets '^LISTEN|ESTAB +2 '
  step "Now dan leaves."
  nc_close dan
  check "eve to be served" nc_received eve "hi"
  printed "all that came back to eve: 'hi'"
  remember "stage 3 serves the next client only when the one before has left."
  stop_clients
  stop_server
}

stage_4() {
  title "Stage 4, threads: many clients at once"
  run_stage 4
  meet fay
  meet gil
  meet hal
  talk hal "three"
  talk gil "two"
  talk fay "one"
  step "All three are connected, and each is answered at once."
  sockets 'server,fd=[4-9]'
  check "a thread for each client" server_has_threads 4
  run_shown "ls /proc/$SERVER_PID/task"
  say "Four threads: the one that calls accept(), and one for each client."
  remember "stage 4 serves everybody, and pays a thread for each (C10K)."
}

if (($# == 0)); then set -- 1 2 3 4; fi
for stage in "$@"; do
  case $stage in
    [1-4]) "stage_$stage" ;;
    *)
      echo "Which stages, from 1 to 4? You said: '$stage'" >&2
      exit 2
      ;;
  esac
done
