#!/usr/bin/env bash
# Why a send() of a megabyte returns at once: the two buffers, and how the kernel sizes them.
. "$(dirname "$0")/helpers.bash"

# buffer_sizes: shows how many bytes the receive buffer (rb) and the send buffer (tb) of each end
# may hold.
buffer_sizes() {
  run_shown "ss -tmn '( sport = :$PORT or dport = :$PORT )' | grep -o 'rb.*tb[0-9]*'"
}

# receive_buffer: that of the server's end, as a number.
receive_buffer() {
  ss -Htmn state established "sport = :$PORT" | sed -n 's/.*[(,]rb\([0-9]*\).*/\1/p'
}

# has_grown_meanwhile: it has grown while a megabyte more went there and back.
has_grown_meanwhile() {
  send_file anna "$SCRATCH/megabyte"
  receive_file anna "$SCRATCH/megabyte" && (($(receive_buffer) > before))
}

title "A megabyte that nobody reads"
run_step 4
dial anna
buffer_sizes
before=$(receive_buffer)
pause "The server is stopped and cannot call recv(). anna sends a megabyte. Does send() sleep?"
stop_program
typed "head -c 1000000 /dev/zero >&\$anna; echo \$?"
head -c 1000000 /dev/zero >"$SCRATCH/megabyte"
send_file anna "$SCRATCH/megabyte"
check process_has_ended "${CLIENT_SENDER[anna]}"
printed 0
check window_is_closed
sockets ESTAB 'bash|^LISTEN'
say "No. What the server's receive buffer has no room for waits in her own send buffer. That \
send() has returned says nothing about the other end."
pause "Now both read, and more megabytes go there and back. Does the receive buffer keep its size?"
continue_program
check receive_file anna "$SCRATCH/megabyte"
DEADLINE=20 check has_grown_meanwhile
buffer_sizes
remember "the kernel sizes the buffers while a connection runs (autotuning), up to the last \
numbers of tcp_rmem and tcp_wmem. A receive buffer grows when its program reads fast enough."
