#!/usr/bin/env bash
# SO_LINGER's three cases: what close() does with a reply that has not arrived.
. "$(dirname "$0")/two_machines.bash"

# closes_with_reply_on_the_way CLIENT: the client sends 'hello' and closes its sending side. The
# server echoes, finds the end of file, and calls close(). Whatever it sends is lost.
closes_with_reply_on_the_way() {
  freeze_server
  half_close "$1"
  lose server
  continue_server
  server_says "client gone"
}

if part "close() without SO_LINGER"; then
  run_step 4
  pause "The echo is lost on the way, and the server calls close(). How long does that take? Will \
the echo arrive when the cable is mended?"
  closes_with_reply_on_the_way anna
  show server LAST-ACK
  show_threads 1
  mend
  gets anna "hello"
  remember "close() returns at once, the thread is gone, and the kernel goes on delivering."
fi

if part "SO_LINGER with a time of 0"; then
  pause "The same happens again. What is left at the server's end after close() this time?"
  run_patched 4 linger-zero
  closes_with_reply_on_the_way ben
  check server_has_no_connection
  show client FIN-WAIT-2
  mend
  gets ben ""
  remember "close() throws the reply away and sends RST. That is lost too, and ben waits for ever."
fi

if part "SO_LINGER with a time"; then
  pause "The same happens again. How long does close() take now?"
  run_patched 4 linger-wait
  closes_with_reply_on_the_way cora
  show server LAST-ACK
  show_threads 2
  mend
  gets cora "hello"
  show_threads 1
  remember "close() sleeps until all has arrived or the time is over, and returns 0 either way."
fi
