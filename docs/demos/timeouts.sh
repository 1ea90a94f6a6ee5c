#!/usr/bin/env bash
# Clients that say nothing, or say it slowly: what SO_RCVTIMEO ends, and what it does not.
. "$(dirname "$0")/helpers.bash"

# trickle CLIENT: every 0.2 seconds it sends one more byte of a line that never ends, 16 of them, or
# until the server has closed.
trickle() {
  typed "for i in {1..16}; do printf . >&\$$1; sleep 0.2; done"
  for _ in {1..16}; do
    send "$1" . 2>"$SCRATCH/problem" || break
    sleep 0.2
  done
}

# has_echo BYTES: so many wait to be read at the client's end, and it is still served.
has_echo() { has_line "$(client_sockets)" "^ESTAB +$1 "; }

# is_given_up WHY: the server has printed why, and closed.
is_given_up() {
  server_says "$1"
  server_says "client gone"
}

if part "A client that says nothing, and one that says it slowly"; then
  pause "anna sends nothing. Keepalive would not end her, because her kernel replies to every \
probe. ben sends a byte every 0.2 seconds, of a line that never ends. Now recv() may sleep for two \
seconds at most. Which of them does the server give up on, and \
when?"
  run_patched 4 recv-timeout
  dial anna
  dial ben
  trickle ben
  check has_echo 16
  is_given_up 'recv: Resource temporarily unavailable'
  stop_program # or his two seconds run out while we look
  sockets 'server,fd=5' ESTAB
  remember "only anna: after two seconds her recv() returns -1 with EAGAIN. Each byte of ben's \
starts the time anew. A few thousand such clients keep a server busy with nothing (slowloris)."
fi

if part "A signal, and a recv() with a limit"; then
  pause "cora is as silent as anna, but only for a moment: the server is stopped with Ctrl-Z and \
continued with fg. What does her recv() return?"
  run_patched 4 recv-timeout
  dial cora
  check server_has_threads 2
  check server_sleeps
  stop_program
  continue_program
  is_given_up 'recv: Interrupted system call'
  remember "-1 with EINTR, although nothing handles a signal here. SO_RCVTIMEO makes recv() one of \
the calls that are not started again after a stop, and SA_RESTART does not help. Call it again."
fi

if part "A limit for the whole line"; then
  pause "Now a line has two seconds to be complete, and EINTR is no reason to give up. What \
happens to dan, who sends a byte every 0.2 seconds?"
  run_patched 4 deadline
  dial dan
  check exchange dan $'hello\n'
  stop_program
  continue_program
  trickle dan
  is_given_up 'too slow'
  remember "what helps is a limit for the whole message, by a clock that nobody sets."
fi
