#!/usr/bin/env bash
# Half-open connections: how many there may be, what ends them, and what a full accept queue does to them.
# Takes the parts to show (1 to 5; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/two_machines.bash
. "$(dirname "$0")/two_machines.bash"

# pile_up: starts a server with a queue of 8, and twelve clients that its replies do not reach.
pile_up() {
  set_kernel core/somaxconn 8 # caps the 128 of listen()
  run_step 4
  lose server
  typed "for i in {1..12}; do nc $HOST $PORT & done" client
  for number in {1..12}; do connect_nc "client$number"; done
  check "12 clients in SYN-SENT" client_is SYN-SENT 12
  check "9 half-open connections" are_half_open
}
are_half_open() { server_is SYN-RECV 9 || server_is SYN-RECV 8; } # 8 in kernels before 2025

# counters NAME...: shows these counters of the kernel.
counters() { run_shown "nstat -asz ${*/#/TcpExt} | grep Tcp"; }

# counter_is_above NAME NUMBER
counter_is_above() { (($(nstat -asz "TcpExt$1" | awk '/^Tcp/ { print $2 }') > $2)); }

part_1() {
  title "The queue of the half-open"
  pause "The queue of listen() is limited to 8. What the server's machine sends is lost, and twelve clients \
call connect(). How many half-open connections are there? On which line does ss count them?"
  pile_up
  count_states
  sockets '^LISTEN' '^LISTEN'
  check "SYN cookies to be sent" counter_is_above SyncookiesSent 2
  counters SyncookiesSent ListenDrops
  say "There are nine, one more than the limit, as in the accept queue (eight in kernels before 2025). The others \
were sent a SYN cookie, a reply that holds all that the kernel would have to remember. Recv-Q of LISTEN is 0, because it \
counts only finished connections."
  remember "a half-open connection is a line in SYN-RECV, without a process."
}

part_2() {
  title "The replies arrive"
  pause "The same happens, and then the cable is mended. Which clients get through?"
  pile_up
  mend
  check "12 connections" server_is ESTAB 12
  count_states
  remember "all of them get through, because the SYN+ACK is sent again, and the handshake goes on."
}

part_3() {
  title "Clients that never reply"
  pause "The same happens, and the clients vanish. What ends a half-open connection?"
  set_kernel ipv4/tcp_synack_retries 0
  pile_up
  stop_clients
  check "the last half-open connection to end" server_is SYN-RECV 0
  count_states
  echo 5 >/proc/sys/net/ipv4/tcp_synack_retries # as it was, for the next part
  remember "a timer of the kernel ends it. Here the kernel does not repeat the SYN+ACK. By default it does \
so five times, for about a minute."
}

part_4() {
  title "Without SYN cookies"
  pause "The same happens, but the kernel may not send cookies. What happens to the three clients that find \
no room?"
  set_kernel ipv4/tcp_syncookies 0
  pile_up
  check "dropped SYNs" counter_is_above ListenDrops 2
  counters ListenDrops TCPReqQFullDrop
  echo 1 >/proc/sys/net/ipv4/tcp_syncookies # as it was
  remember "their SYNs are dropped without a reply, as when the accept queue is full."
}

part_5() {
  title "Half-open, and the accept queue is full"
  pause "Now three are half-open, because the server's replies are lost. Then the replies arrive again, but \
three others are quicker and fill the accept queue, which is limited to 2. In which state are the first three, at \
which end?"
  set_kernel core/somaxconn 2
  run_step 4
  stop_program
  lose server
  for number in {1..3}; do connect_nc "early$number"; done
  check "3 half-open connections" server_is SYN-RECV 3
  deliver server
  for number in {1..3}; do connect_nc "late$number"; done
  check "6 connected clients" client_is ESTAB 6
  check "dropped packets" counter_is_above ListenOverflows 2
  count_states
  count_clients
  counters ListenOverflows ListenDrops
  say "The first three are ESTAB at their own end only: their third packet was dropped, because the queue has \
no room. They may send, and nobody tells them. The server's kernel sends its SYN+ACK again. And when the server accepts again?"
  continue_program
  check "6 connections" server_is ESTAB 6
  count_states
  remember "a client that is connected may not be connected at the other end yet. ListenOverflows counts what a \
full accept queue has cost."
}

show_parts 5 "$@"
