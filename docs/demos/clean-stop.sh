#!/usr/bin/env bash
# SIGTERM: a server that just ends cuts its clients off; one that stops cleanly serves them to the end.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# gets_term_while_a_message_waits CLIENT: the server gets SIGTERM while a message of the client waits.
gets_term_while_a_message_waits() {
  meet "$1"
  talk "$1" "one "
  typed "kill -STOP $SERVER_PID"
  freeze_server
  send "$1" "two "
  check "4 bytes to wait" server_recv_queue 4
  printed "$1 sends 'two '"
  typed "kill -TERM $SERVER_PID; kill -CONT $SERVER_PID"
  signal_server TERM
  continue_server
}

# status: waits for the server and shows its status.
status() {
  local status=0
  check "the last thread to end" server_has_threads 1 # what is left for the parent to wait for
  await_server || status=$?
  printed "status $status"
}

title "SIGTERM to step 4"
run_step 4
pause "anna's message has arrived and is not read yet. The server gets SIGTERM. What does she get?"
gets_term_while_a_message_waits anna
status
check "anna's connection to be reset" client_has_no_connection
printed "all that came back to anna: 'one '; her connection is reset"
has_received anna "one " || check "nothing more to come back to anna" false
stop_clients
SERVER_PID=

title "A clean stop"
pause "Now a signal handler ends the listening, and main() the thread it runs in, not the process. \
What does a client get that is there? And a new one?"
run_patched 4 clean-stop
gets_term_while_a_message_waits ben
check "ben to get all of it back" has_received ben "one two "
printed "all that came back to ben: 'one two '"
check "the server to listen no longer" server_is LISTEN 0
sockets ''
say "There is no LISTEN any more. ss names no process for ben's connection: it looks at the main thread, \
and that has ended."
run_shown "timeout 5 nc $HOST $PORT </dev/null; echo \"exit status \$?\""
talk ben "three " "one two three "
pause "ben is still served. And when he leaves?"
disconnect ben
status
SERVER_PID=
remember "a clean stop: no new clients, then the old ones to the end. Who stays too long is for a \
deadline to end."
