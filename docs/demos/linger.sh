#!/usr/bin/env bash
# SO_LINGER's three cases: what close() does with a reply that has not arrived.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/machines.bash
. "$(dirname "$0")/machines.bash"

threads() { run_shown "ls /proc/$SERVER_PID/task | wc -l"; }

# closes_with_reply_on_the_way CLIENT: it sends 'hello' and closes its sending side; what the server
# sends is lost; the server echoes, sees the end of file, and calls close().
closes_with_reply_on_the_way() {
  printf 'hello' >"$SCRATCH/hello"
  freeze_server
  typed "printf 'hello' | nc $(nc_half_close_options) $HOST $PORT      # $1" client
  connect_half_closing "$1" "$SCRATCH/hello"
  check "FIN-WAIT-2 at the client's end" client_is FIN-WAIT-2
  lose server
  continue_server
  check "the server to close" server_has_said "client gone"
  printed "$(tail -n 1 "$SERVER_LOG")"
}

title "close() as it is"
run_step 4
pause "The reply is lost on the way, and the server calls close(). How long does close() take? Does \
the reply arrive when the cable is mended?"
closes_with_reply_on_the_way anna
check "LAST-ACK at the server's end" server_is LAST-ACK
check "the thread to end" server_has_threads 1
sockets '^LAST-ACK'
threads
say "close() has returned and the thread is gone. The kernel keeps the reply and sends it again."
mend
check "anna to get 'hello' back" has_received anna "hello"
printed "all that came back to anna: 'hello'"
next_part

title "SO_LINGER with a time of 0"
pause "The same. What is left at the server's end after close()?"
run_patched 4 linger-zero
closes_with_reply_on_the_way ben
check "no connection at the server's end" server_has_no_connection
sockets '^FIN-WAIT-2'
mend
has_received ben "" || check "nothing to come back to ben" false
printed "all that came back to ben: nothing"
say "close() sent RST and threw the reply away. The RST is lost as well: ben waits for ever."
next_part

title "SO_LINGER with a time"
pause "The same. How long does close() take now?"
run_patched 4 linger-wait
closes_with_reply_on_the_way cora
check "LAST-ACK at the server's end" server_is LAST-ACK
check "the thread to be there" server_has_threads 2
sockets '^LAST-ACK'
threads
say "The thread sleeps in close(), until everything is acknowledged or the 60 seconds are over."
mend
check "cora to get 'hello' back" has_received cora "hello"
printed "all that came back to cora: 'hello'"
check "the thread to end" server_has_threads 1
threads
remember "close() loses nothing by itself. A time of 0 throws the reply away; a longer one only makes \
close() wait."
