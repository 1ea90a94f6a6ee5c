#!/usr/bin/env bash
# Half-open connections: how many there may be, what ends them, and a full accept queue.
. "$(dirname "$0")/two_machines.bash"

# pile_up: starts a server with a queue of 8, and twelve clients that its replies do not reach.
pile_up() {
  set_kernel core/somaxconn 8 # caps the 128 of listen()
  run_step 4
  lose server
  typed "for i in {1..12}; do nc $HOST $PORT & done" client
  for number in {1..12}; do connect_nc "client$number"; done
  check client_is SYN-SENT 12
  check are_half_open
}
are_half_open() { server_is SYN-RECV 9 || server_is SYN-RECV 8; } # 8 in kernels before 2025

# counters NAME...: shows these counters of the kernel, when the first is above 2.
counters() {
  check is_above_2 "$1"
  run_shown "nstat -asz ${*/#/TcpExt} | grep Tcp"
}
is_above_2() { (($(nstat -asz "TcpExt$1" | awk '/^Tcp/ { print $2 }') > 2)); }

if part "The queue of the half-open"; then
  pause "The queue of listen() is limited to 8, and what the server's machine sends is lost. \
Twelve clients call connect(). How many connections are half-open? Where does ss count them?"
  pile_up
  count_states
  sockets '^LISTEN' '^LISTEN'
  counters SyncookiesSent ListenDrops
  say "Nine, one more than the limit (eight in kernels before 2025). The others were sent a SYN \
cookie, which holds what the kernel would remember. Recv-Q counts only finished connections."
  mend
  check server_is ESTAB 12
  count_states
  remember "a half-open connection is a line in SYN-RECV. The kernel sends its SYN+ACK again, so \
when the replies arrive, all clients get through."
fi

if part "Clients that find no room, and clients that vanish"; then
  pause "The same happens, but without cookies. What happens to the three clients that find no \
room? And what ends a half-open connection when all the clients vanish?"
  set_kernel ipv4/tcp_syncookies 0
  pile_up
  counters ListenDrops TCPReqQFullDrop
  set_kernel ipv4/tcp_synack_retries 0
  stop_clients
  DEADLINE=20 check server_is SYN-RECV 0
  count_states
  echo 1 >/proc/sys/net/ipv4/tcp_syncookies # as it was
  echo 5 >/proc/sys/net/ipv4/tcp_synack_retries
  remember "a SYN that finds no room is dropped without a reply. A timer ends a half-open \
connection: by default after a minute and five more SYN+ACKs, here after none."
fi

if part "Half-open, and the accept queue is full"; then
  pause "Three connections are half-open, because the replies are lost. Now three more clients \
fill the queue. In which state is each end of the first three? And when the server accepts again?"
  set_kernel core/somaxconn 2
  run_step 4
  stop_program
  lose server
  for number in {1..3}; do connect_nc "early$number"; done
  check server_is SYN-RECV 3
  deliver server
  for number in {1..3}; do connect_nc "late$number"; done
  check client_is ESTAB 6
  count_states
  count_clients
  counters ListenOverflows ListenDrops
  say "The first three are ESTAB at their own end only: their third packet found the queue full \
and was dropped. Nobody tells them. The server's kernel sends its SYN+ACK again."
  say "Now the server accepts again:"
  continue_program
  check server_is ESTAB 6
  count_states
  remember "a client that is connected may not be connected at the other end yet. ListenOverflows \
counts what a full accept queue has cost."
fi
