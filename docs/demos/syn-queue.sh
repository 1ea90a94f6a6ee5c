#!/usr/bin/env bash
# Half-open connections: how many there may be, where they are counted, and what ends them.
# Arguments: the parts to show, 1 to 4; none means all. Takes PAUSE (see helpers.bash). Under 10
# seconds without pauses.
# shellcheck source=docs/demos/machines.bash
. "$(dirname "$0")/machines.bash"

# set_kernel NAME VALUE: a setting of this machine, which is ours alone.
set_kernel() {
  typed "echo $2 >/proc/sys/net/$1"
  echo "$2" >"/proc/sys/net/$1"
}

# pile_up: a server with a queue of 8, and twelve clients that it cannot answer.
pile_up() {
  set_kernel core/somaxconn 8 # caps the 128 of listen()
  run_step 4
  lose server
  typed "for i in {1..12}; do nc $HOST $PORT & done" client
  for number in {1..12}; do connect_nc "client$number"; done
  check "12 clients in SYN-SENT" client_is SYN-SENT 12
  check "9 half-open connections" server_is SYN-RECV 9
}

# count_states: shows how many sockets of the server's port are in each state.
count_states() { run_shown "ss -Htan 'sport = :$PORT' | awk '{ print \$1 }' | sort | uniq -c"; }

# counters NAME...: shows these counters of the kernel.
counters() { run_shown "nstat -asz ${*/#/TcpExt} | grep Tcp"; }

# counter_is_above NAME NUMBER
counter_is_above() { (($(nstat -asz "TcpExt$1" | awk '/^Tcp/ { print $2 }') > $2)); }

part_1() {
  title "The queue of the half-open"
  pause "listen() has a limit of 8. Its answers are lost, and twelve clients call connect(). How many \
half-open connections are there? On which line does ss count them?"
  pile_up
  count_states
  sockets '^LISTEN' '^LISTEN'
  check "SYN cookies to be sent" counter_is_above SyncookiesSent 2
  counters SyncookiesSent ListenDrops
  say "Nine, one more than the limit, as in the accept queue. The other three got a SYN cookie: an \
answer that holds all that the kernel would have to remember. Recv-Q of LISTEN is 0, because it counts \
finished connections only."
  remember "a half-open connection is a line in SYN-RECV, without a process."
}

part_2() {
  title "The answers arrive"
  pause "The same, and then the cable is mended. Who gets through?"
  pile_up
  mend
  check "12 connections" server_is ESTAB 12
  count_states
  remember "all of them: the SYN+ACK is sent again, and the handshake goes on."
}

part_3() {
  title "Clients that never answer"
  pause "The same, and the clients vanish. What ends a half-open connection?"
  set_kernel ipv4/tcp_synack_retries 0
  pile_up
  stop_clients
  check "the last half-open connection to end" server_is SYN-RECV 0
  count_states
  remember "a timer of the kernel. Here it sends no SYN+ACK again; by default five, for about a minute."
}

part_4() {
  title "Without SYN cookies"
  pause "The same, and the kernel may not send cookies. What becomes of the three that find no place?"
  set_kernel ipv4/tcp_syncookies 0
  pile_up
  check "dropped SYNs" counter_is_above ListenDrops 2
  counters ListenDrops TCPReqQFullDrop
  remember "their SYNs are dropped, and nobody tells them: as when the accept queue is full."
}

show_parts 4 "$@"
