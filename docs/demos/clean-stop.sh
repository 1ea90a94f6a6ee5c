#!/usr/bin/env bash
# SIGTERM cuts off the clients of a server that just ends; a clean stop serves them to the end.
. "$(dirname "$0")/helpers.bash"

# gets_term CLIENT: the server, before it has read the client's second message, and while zoe waits
# in the accept queue.
gets_term() {
  talk "$1" "one "
  stop_program
  sends "$1" "two "
  meet zoe
  sends zoe "hi"
  check server_recv_queue 4
  check accept_queue 1
  typed "kill -TERM $SERVER_PID; kill -CONT $SERVER_PID"
  signal_server TERM
  continue_server
}

# ends_with STATUS: the server ends, and shows this status.
ends_with() {
  check server_ends_with "$1"
  result "status of the server: %s" "$1"
}

if part "SIGTERM to step 4"; then
  run_step 4
  meet anna
  pause "anna's second message has not been read yet, and zoe waits in the accept queue. The \
server gets SIGTERM. What do they get?"
  gets_term anna
  ends_with 143
  is_reset anna "one "
  is_reset zoe ""
  remember "SIGTERM ends the process. Clients with unread bytes, and those in the queue, are reset."
fi

if part "A clean stop"; then
  pause "Now SIGTERM ends only the listening, and the threads go on. What happens to a client that \
is connected, to zoe in the queue, and to a new one?"
  run_patched 4 clean-stop
  meet ben
  gets_term ben
  gets ben "one two "
  is_reset zoe ""
  check server_is LISTEN 0
  is_refused 127.0.0.1
  talk ben "three " "one two three "
  pause "ben is served as before, and a new client is refused. And when ben leaves?"
  disconnect ben
  ends_with 0
  remember "a clean stop takes no new clients, serves the old ones to the end, and needs a time \
limit for them. But shutdown() of the listener resets the queue."
fi

if part "A clean stop that spares the queue"; then
  pause "Now a descriptor tells the server of SIGTERM. First it empties the queue, then it closes \
the listener. What does zoe get this time?"
  run_patched 4 signalfd
  meet cora
  gets_term cora
  gets cora "one two "
  gets zoe "hi"
  disconnect cora
  disconnect zoe
  ends_with 0
  remember "those in the queue are connected already. Accept them before you stop listening."
fi
