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

# counters NAME...: shows these counters of the kernel, of which the first must be above 2.
counters() {
  check counter_is_above_2 "$1"
  run_shown "nstat -asz ${*/#/TcpExt} | grep Tcp"
}
counter_is_above_2() { (($(nstat -asz "TcpExt$1" | awk '/^Tcp/ { print $2 }') > 2)); }

if part "The queue of the half-open"; then
  pause "The queue of listen() is limited to 8. What the server's machine sends is lost, and \
twelve clients call connect(). How many half-open connections are there? On which line does ss \
count them?"
  pile_up
  count_states
  sockets '^LISTEN' '^LISTEN'
  counters SyncookiesSent ListenDrops
  say "There are nine, one more than the limit, as in the accept queue (eight in kernels before \
2025). The others were sent a SYN cookie, a reply that holds all that the kernel would have to \
remember. Recv-Q of LISTEN is 0, because it counts only finished connections."
  mend
  check server_is ESTAB 12
  count_states
  remember "a half-open connection is a line in SYN-RECV, without a process. When the replies \
arrive, all clients get through, because the SYN+ACK is sent again, and the handshake goes on."
fi

if part "Clients that find no room, and clients that vanish"; then
  pause "The same happens, but the kernel may not send cookies. What happens to the three clients \
that find no room? Then all of them vanish. What ends a half-open connection?"
  set_kernel ipv4/tcp_syncookies 0
  pile_up
  counters ListenDrops TCPReqQFullDrop
  set_kernel ipv4/tcp_synack_retries 0
  stop_clients
  DEADLINE=20 check server_is SYN-RECV 0
  count_states
  echo 1 >/proc/sys/net/ipv4/tcp_syncookies # as it was
  echo 5 >/proc/sys/net/ipv4/tcp_synack_retries
  remember "a SYN that finds no room is dropped without a reply, as when the accept queue is full. \
A timer ends a half-open connection. Here the SYN+ACK is not repeated; by default it is, five \
times, for about a minute."
fi

if part "Half-open, and the accept queue is full"; then
  pause "Now three are half-open, because the server's replies are lost. Then the replies arrive \
again, but three others are quicker and fill the accept queue, which is limited to 2. In which \
state are the first three, at which end?"
  set_kernel core/somaxconn 2
  run_step 4
  stop_program
  lose server
  for number in {1..3}; do connect_nc "early$number"; done
  check server_is SYN-RECV 3
  deliver server
  for number in {1..3}; do connect_nc "late$number"; done
  check client_is ESTAB 6
  check counter_is_above_2 ListenOverflows
  count_states
  count_clients
  counters ListenOverflows ListenDrops
  say "The first three are ESTAB at their own end only: their third packet was dropped, because \
the queue has no room. They may send, and nobody tells them. The server's kernel sends its SYN+ACK \
again."
  pause "And when the server accepts again?"
  continue_program
  check server_is ESTAB 6
  count_states
  remember "a client that is connected may not be connected at the other end yet. ListenOverflows \
counts what a full accept queue has cost."
fi
