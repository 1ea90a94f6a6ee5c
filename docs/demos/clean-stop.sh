#!/usr/bin/env bash
# SIGTERM cuts off the clients of a server that just ends; one that stops cleanly serves them to the end.
# Arguments: the parts to show, 1 and 2; none means both. Takes PAUSE (see helpers.bash). Under 10
# seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# gets_term_while_a_message_waits CLIENT: the server, before it has read the client's second message.
gets_term_while_a_message_waits() {
  talk "$1" "one "
  typed "kill -STOP $SERVER_PID"
  freeze_server
  send "$1" "two "
  check "4 bytes to wait" server_recv_queue 4
  printed "$(translated "%s sends '%s'" "$1" "two ")"
  typed "kill -TERM $SERVER_PID; kill -CONT $SERVER_PID"
  signal_server TERM
  continue_server
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
  pause "anna's second message has arrived, but has not been read yet. The server gets SIGTERM. What does \
she get?"
  gets_term_while_a_message_waits anna
  ends_with 143
  check "anna's connection to be reset" client_has_no_connection
  has_received anna "one " || check "nothing more to come back to anna" false
  printed "$(translated "all that came back to anna: 'one '; her connection is reset")"
  remember "SIGTERM ends the process at once, and the kernel resets clients whose bytes have not been read."
}

part_2() {
  title "A clean stop"
  pause "Now SIGTERM ends only the listening. Then main() ends its own thread, but not the process. What \
happens to a client that is connected? And to a new one?"
  run_patched 4 clean-stop
  meet ben
  gets_term_while_a_message_waits ben
  check "ben to get all of it back" has_received ben "one two "
  printed "$(translated "all that came back to %s: '%s'" ben "one two ")"
  check "the server to listen no longer" server_is LISTEN 0
  run_shown "timeout 5 nc $HOST $PORT </dev/null; echo \"exit status \$?\""
  talk ben "three " "one two three "
  pause "ben is served as before, and a new client is refused. And when ben leaves?"
  disconnect ben
  ends_with 0
  remember "a clean stop takes no new clients, and serves the old ones to the end. It needs a deadline for \
clients that stay too long."
}

show_parts 2 "$@"
