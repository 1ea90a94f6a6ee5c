#!/usr/bin/env bash
# SIGTERM cuts off the clients of a server that just ends; a clean stop serves them to the end.
. "$(dirname "$0")/helpers.bash"

# gets_term CLIENT: the server, before it has read the client's second message, and while zoe waits
# in the accept queue.
gets_term() {
  talk "$1" "one "
  stop_program
  send "$1" "two "
  check server_recv_queue 4
  result "%s sends '%s'" "$1" "two "
  meet zoe
  send zoe "hi"
  check accept_queue 1
  result "%s sends '%s'" zoe "hi"
  typed "kill -TERM $SERVER_PID; kill -CONT $SERVER_PID"
  signal_server TERM
  continue_server
}

# is_reset CLIENT TEXT: its nc has ended; all that came back is the text.
is_reset() {
  check process_has_ended "${CLIENT_NC[$1]}"
  check has_received "$1" "$2"
  result "all that came back to %s: '%s'; the connection is reset" "$1" "$2"
}

# ends_with STATUS: waits for the server, and shows its status.
ends_with() {
  local status=0
  check server_has_ended
  await_server || status=$?
  SERVER_PID=
  result "status of the server: %s" "$status"
  check test "$status" = "$1"
}

if part "SIGTERM to step 4"; then
  run_step 4
  meet anna
  pause "anna's second message has arrived, but has not been read yet, and zoe waits in the accept \
queue. The server gets SIGTERM. What do they get?"
  gets_term anna
  ends_with 143
  is_reset anna "one "
  is_reset zoe ""
  remember "SIGTERM ends the process at once, and the kernel resets clients whose bytes have not \
been read, and those that have not been accepted."
fi

if part "A clean stop"; then
  pause "Now SIGTERM ends only the listening. Then main() ends its own thread, but not the \
process. What happens to a client that is connected? To the one in the queue? To a new one?"
  run_patched 4 clean-stop
  meet ben
  gets_term ben
  gets ben "one two "
  is_reset zoe ""
  check server_is LISTEN 0
  run_shown "timeout 5 nc $HOST $PORT </dev/null; echo \"exit status \$?\""
  talk ben "three " "one two three "
  pause "ben is served as before, and a new client is refused. And when ben leaves?"
  disconnect ben
  ends_with 0
  remember "a clean stop takes no new clients, and serves the old ones to the end. It needs a \
deadline for clients that stay too long. And shutdown() of the listener resets the queue."
fi

if part "A clean stop that spares the queue"; then
  pause "Now SIGTERM is blocked, and a descriptor tells when it has come. First the queue is \
emptied, then the listener is closed. What does zoe get this time?"
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
