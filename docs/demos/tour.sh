#!/usr/bin/env bash
# The tour: the four stages one after another, each driven by nc, with what ss shows of it.
# Takes PAUSE (see helpers.bash). Under 15 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# talk CLIENT TEXT TOTAL: the client sends the text, and has then got TOTAL back.
talk() {
  nc_send "$1" "$2"
  check "$1 to get '$3' back" nc_received "$1" "$3"
  printed "$1 sends '$2'; all that came back to $1 so far: '$3'"
}

# meet CLIENT: a client connects.
meet() {
  typed "nc 127.0.0.1 $PORT      # $1"
  nc_connect "$1"
}

title "Stage 1, single shot: one message of one client"
run_stage 1
meet anna
talk anna "hello" "hello"
check "the server to have ended" server_has_ended
nc_close anna
check "TIME-WAIT at the server's end" server_is TIME-WAIT
say "The server has answered, closed and ended; then anna closed. What is left?"
sockets TIME-WAIT
say "Whoever closes first owns a TIME-WAIT for 60 seconds: here the server's end, \
port $PORT. No process is needed for it, it is a record of the kernel. Start again:"
typed "step1_single_shot/server $PORT"
launch_server "$PORT"
check "the second run to be refused" server_has_said "Address already in use"
printed "$(cat "$SERVER_LOG")"
remember "stage 1 answers one message, and cannot be started again for a minute."

title "Stage 2, loop: every message of one client"
run_stage 2
meet ben
talk ben "one " "one "
talk ben "two " "one two "
nc_close ben
check "CLOSE-WAIT at the server's end" server_is CLOSE-WAIT
check "FIN-WAIT-2 at the client's end" client_is FIN-WAIT-2
say "Now ben leaves:"
sockets 'CLOSE-WAIT|FIN-WAIT-2'
ticks=$(server_ticks)
check "the server to spin" server_used_cpu 30 "$ticks"
say "ben has closed, the server has not: recv() returns 0, at once and every time, \
and nobody looks. The server used $((($(server_ticks) - ticks) * 10)) ms of CPU just now, for nothing."
remember "stage 2 does not notice that its client has left: CLOSE-WAIT, a busy core."
stop_server

title "Stage 3, close detect: one client after another"
run_stage 3
meet cora
talk cora "hello" "hello"
nc_close cora
check "no connection at the server's end" server_has_no_connection
check "TIME-WAIT at the client's end" client_is TIME-WAIT
say "cora leaves, and this time the server closes too. The client closed first, so \
the TIME-WAIT is on the client's side, where it does not hold the port:"
sockets TIME-WAIT
meet dan
talk dan "hello" "hello"
meet eve
nc_send eve "hi"
check "eve's bytes to wait" server_recv_queue 2
say "While the server serves dan, eve connects and sends 'hi':"
sockets 'ESTAB +2 .*'
say "eve is connected: the kernel did that. But her 2 bytes wait in Recv-Q, the \
connection belongs to no process, and LISTEN counts 1 in its accept queue."
nc_close dan
check "eve to be served" nc_received eve "hi"
printed "dan leaves; all that came back to eve so far: 'hi'"
remember "stage 3 serves the next client only when the one before has left."
stop_clients
stop_server

title "Stage 4, threads: many clients at once"
run_stage 4
meet fay
meet gil
meet hal
talk hal "three" "three"
talk gil "two" "two"
talk fay "one" "one"
say "All three are connected, and each is answered at once:"
sockets 'server,fd=[4-9]'
typed "ls /proc/$SERVER_PID/task"
check "a thread for each client" server_has_threads 4
printed "$(cd "/proc/$SERVER_PID/task" && echo *)"
say "Four threads: the one that calls accept(), and one for each client."
remember "stage 4 serves everybody, and pays a thread for each (C10K)."
