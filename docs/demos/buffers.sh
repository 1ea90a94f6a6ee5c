#!/usr/bin/env bash
# Why a send() of a megabyte returns at once: the two buffers, and how the kernel sizes them.
# Takes PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# buffer_sizes: shows how many bytes the receive buffer (rb) and the send buffer (tb) may hold at both ends.
buffer_sizes() { run_shown "ss -tmn '( sport = :$PORT or dport = :$PORT )' | grep -o 'rb.*tb[0-9]*'"; }

# size_of END COLUMN: one of them, as a number: of the server's end (sport) or the client's (dport), rb or tb.
size_of() { ss -Htmn state established "$1 = :$PORT" | sed -n "s/.*[(,]$2\\([0-9]*\\).*/\\1/p"; }

# has_grown_meanwhile: the receive buffer has grown while a megabyte more went there and back.
has_grown_meanwhile() {
  send_file anna "$SCRATCH/megabyte"
  receive_file anna "$SCRATCH/megabyte" || return 1
  (($(size_of sport rb) > before))
}

window_is_closed() { [[ $(ss -Htno "dport = :$PORT") == *persist* ]]; }

title "A megabyte that nobody reads"
run_step 4
dial anna
buffer_sizes
before=$(size_of sport rb)
pause "The server is stopped, so it cannot call recv(). anna sends a megabyte. Does her send() sleep?"
stop_program
typed "head -c 1000000 /dev/zero >&\$anna; echo \$?"
head -c 1000000 /dev/zero >"$SCRATCH/megabyte"
send_file anna "$SCRATCH/megabyte"
check "the command to end" process_has_ended "${CLIENT_SENDER[anna]}"
printed 0
check "the window to be closed" window_is_closed
sockets ESTAB 'bash|^LISTEN'
say "No. What the server's receive buffer has no room for waits in her own send buffer. That send() has returned \
says nothing about the other end."
pause "Now both read, and more megabytes go there and back. Does the receive buffer keep its size?"
continue_program
receive_file anna "$SCRATCH/megabyte" || check "anna to get it all back" false
DEADLINE=20 check "the receive buffer to grow" has_grown_meanwhile
buffer_sizes
remember "the kernel sizes the buffers while a connection runs (autotuning), up to the last numbers of tcp_rmem \
and tcp_wmem. A receive buffer grows when its program reads fast enough."
