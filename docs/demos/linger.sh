#!/usr/bin/env bash
# SO_LINGER's three cases: what close() does with a reply that has not arrived.
# Takes the parts to show (1 to 3; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/two_machines.bash
. "$(dirname "$0")/two_machines.bash"

# closes_with_reply_on_the_way CLIENT: the client sends 'hello' and closes its sending side. The server
# echoes, finds the end of file, and calls close(). Whatever it sends is lost.
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

part_1() {
  title "close() without SO_LINGER"
  run_step 4
  pause "The echo is lost on the way, and the server calls close(). How long does that take? Will the \
echo arrive when the cable is mended?"
  closes_with_reply_on_the_way anna
  check "LAST-ACK at the server's end" server_is LAST-ACK
  check "the thread to end" server_has_threads 1
  sockets '^LAST-ACK'
  show_threads
  mend
  gets anna "hello"
  remember "close() returns at once, the thread is gone, and the kernel goes on delivering."
}

part_2() {
  title "SO_LINGER with a time of 0"
  pause "The same happens again. What is left at the server's end after close() this time?"
  run_patched 4 linger-zero
  closes_with_reply_on_the_way ben
  check "no connection at the server's end" server_has_no_connection
  sockets '^FIN-WAIT-2'
  mend
  has_received ben "" || check "nothing to come back to ben" false
  printed "$(translated "all that came back to %s: nothing" ben)"
  remember "close() throws the reply away and sends RST. Here the RST is lost as well, so ben waits for ever."
}

part_3() {
  title "SO_LINGER with a time"
  pause "The same happens again. How long does close() take now?"
  run_patched 4 linger-wait
  closes_with_reply_on_the_way cora
  check "LAST-ACK at the server's end" server_is LAST-ACK
  sockets '^LAST-ACK'
  show_threads
  server_has_threads 2 || check "the thread to be there" false
  mend
  gets cora "hello"
  check "the thread to end" server_has_threads 1
  show_threads
  remember "the thread sleeps in close() until everything has arrived, or the 60 \
seconds are over. It returns 0 either way."
}

show_parts 3 "$@"
