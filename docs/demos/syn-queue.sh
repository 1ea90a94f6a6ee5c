#!/usr/bin/env bash
# Half-open connections: how many there may be, where they are counted, and what ends them.
# Takes PAUSE (see helpers.bash). Under 15 seconds without pauses.
# shellcheck source=docs/demos/machines.bash
. "$(dirname "$0")/machines.bash"

# set_kernel NAME VALUE: a setting of this machine, which is ours alone.
set_kernel() {
  typed "echo $2 >/proc/sys/net/$1"
  echo "$2" >"/proc/sys/net/$1"
}

# pile_up: a server, and twelve clients that it cannot answer.
pile_up() {
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
counter_is_above() { (($(nstat -asz "TcpExt$1" | awk -v name="TcpExt$1" '$1 == name { print $2 }') > $2)); }

title "The queue of the half-open"
set_kernel core/somaxconn 8 # caps the 128 of listen()
pause "listen() has a limit of 8 now. The server's answers are lost, and twelve clients call connect(). \
How many half-open connections are there? On which line of ss are they counted?"
pile_up
count_states
sockets '^LISTEN' '^LISTEN'
say "Nine: one more than 8, as in the accept queue. But Recv-Q of LISTEN is 0: it counts the finished \
ones only. A half-open connection has a line of its own, without a process."
check "SYN cookies to be sent" counter_is_above SyncookiesSent 2
counters SyncookiesSent ListenDrops
say "The other three are answered too, with SYN cookies: the answer itself holds what the kernel would \
have to remember."
next_part

pause "The same again, and the cable is mended. Who gets through?"
pile_up
mend
check "12 connections" server_is ESTAB 12
count_states
say "All of them: the SYN+ACK is sent again, and the handshake is finished."
next_part

title "Clients that never answer"
pause "The same, and the clients vanish. What ends a half-open connection?"
pile_up
stop_clients
set_kernel ipv4/tcp_synack_retries 0
check "the last half-open connection to end" server_is SYN-RECV 0
count_states
say "Its kernel gives up. Here it does after a second; by default it sends the SYN+ACK five times more, \
which takes about a minute."
next_part

title "Without SYN cookies"
pause "The same, and the kernel may not send cookies. What becomes of the three that find no place?"
set_kernel ipv4/tcp_syncookies 0
pile_up
check "dropped SYNs" counter_is_above ListenDrops 2
counters ListenDrops TCPReqQFullDrop
say "Their SYNs are dropped, as when the accept queue is full. Nobody tells the clients."
remember "two queues: half-open connections (SYN-RECV) and finished ones that wait for accept() \
(Recv-Q of LISTEN). listen() bounds both, and the kernel fills them without your program."
