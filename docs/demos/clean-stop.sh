#!/usr/bin/env bash
# SIGTERM cuts off the clients of a server that just ends; one that stops cleanly serves them to the end.
# Takes the parts to show (1 to 3; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# gets_term CLIENT: the server, before it has read the client's second message, and while zoe waits in
# the accept queue.
gets_term() {
  talk "$1" "one "
  stop_program
  send "$1" "two "
  check "4 bytes to wait" server_recv_queue 4
  printed "$(translated "%s sends '%s'" "$1" "two ")"
  meet zoe
  send zoe "hi"
  check "zoe to wait in the queue" accept_queue 1
  printed "$(translated "%s sends '%s'" zoe "hi")"
  typed "kill -TERM $SERVER_PID; kill -CONT $SERVER_PID"
  signal_server TERM
  continue_server
}

# is_reset CLIENT TEXT: its nc has ended; all that came back is the text.
is_reset() {
  check "$(translated "%s's connection to be reset" "$1")" process_has_ended "${CLIENT_NC[$1]}"
  has_received "$1" "$2" || check "$(translated "nothing more to come back to %s" "$1")" false
  printed "$(translated "all that came back to %s: '%s'; the connection is reset" "$1" "$2")"
}

# ends_with STATUS: waits for the server, and shows its status.
ends_with() {
  local status=0
  check "the last thread to end" server_has_threads 1 # what is left for its parent to wait for
  await_server || status=$?
  SERVER_PID=
  printed "$(translated "status of the server: %s" "$status")"
  check "$(translated "status %s" "$1")" test "$status" = "$1"
}

part_1() {
  title "SIGTERM to step 4"
  run_step 4
  meet anna
  pause "anna's second message has arrived, but has not been read yet, and zoe waits in the accept queue. The \
server gets SIGTERM. What do they get?"
  gets_term anna
  ends_with 143
  is_reset anna "one "
  is_reset zoe ""
  remember "SIGTERM ends the process at once, and the kernel resets clients whose bytes have not been read, and \
those that have not been accepted."
}

part_2() {
  title "A clean stop"
  pause "Now SIGTERM ends only the listening. Then main() ends its own thread, but not the process. What \
happens to a client that is connected? To the one in the queue? To a new one?"
  run_patched 4 clean-stop
  meet ben
  gets_term ben
  gets ben "one two "
  is_reset zoe ""
  check "the server to listen no longer" server_is LISTEN 0
  run_shown "timeout 5 nc $HOST $PORT </dev/null; echo \"exit status \$?\""
  talk ben "three " "one two three "
  pause "ben is served as before, and a new client is refused. And when ben leaves?"
  disconnect ben
  ends_with 0
  remember "a clean stop takes no new clients, and serves the old ones to the end. It needs a deadline for \
clients that stay too long. And shutdown() of the listener resets the queue."
}

part_3() {
  title "A clean stop that spares the queue"
  pause "Now SIGTERM is blocked, and a descriptor tells when it has come. First the queue is emptied, then the \
listener is closed. What does zoe get this time?"
  run_patched 4 signalfd
  meet cora
  gets_term cora
  gets cora "one two "
  gets zoe "hi"
  disconnect cora
  disconnect zoe
  ends_with 0
  remember "the kernel has connected those in the queue already. Accept them before you stop listening."
}

show_parts 3 "$@"
