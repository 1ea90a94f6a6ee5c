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

if part "A client that says nothing, and one that says it slowly"; then
  pause "Now recv() may sleep for two seconds at most. anna sends nothing, ben a byte every 0.2 \
seconds, of a line that never ends. Which of them does the server give up on, and when?"
  run_patched 4 recv-timeout
  dial anna
  dial ben
  trickle ben
  check client_is 'ESTAB +16'
  gives_up 'recv: Resource temporarily unavailable'
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
  gives_up 'recv: Interrupted system call'
  remember "-1 with EINTR, although nothing handles a signal here. With SO_RCVTIMEO the kernel \
does not restart recv() after a stop, not even with SA_RESTART. Call it again."
fi

if part "A limit for the whole line"; then
  pause "Now a line has two seconds to be complete, and EINTR is no reason to give up. What \
happens to dan, who sends a byte every 0.2 seconds?"
  run_patched 4 deadline
  dial dan
  exchange dan $'hello\n' || check false
  stop_program
  continue_program
  trickle dan
  gives_up 'too slow'
  remember "what helps is a limit for the whole message, by a clock that nobody sets."
fi
