#!/usr/bin/env bash
# A client that connects again and again runs out of ports; and a limit on the number of TIME-WAITs.
. "$(dirname "$0")/two_machines.bash"

# come_and_leave COUNT: so many clients connect, and each closes first; shows what fails.
come_and_leave() {
  local command="for i in {1..$1}; do (: <>/dev/tcp/$HOST/$PORT); done"
  typed "$command" client
  failed=$(there bash -c "$command" 2>&1 | grep -o 'connect: .*' || true)
  printed "$failed"
  check client_is TIME-WAIT 4
  count_clients
}

title "Four ports"
set_kernel ipv4/ip_local_port_range "50001 50004" client
run_step 4
pause "The clients' machine has only four ports to choose from. Five clients come, one by one, and \
each closes first. What does the fifth one get?"
come_and_leave 5
check test "$failed" = "connect: Cannot assign requested address"
say "No port is left for this server. With the usual range of some 28,000 ports that takes more \
than 470 connections a second, for a minute."
pause "Now there are more ports, but four TIME-WAITs at most. What do six more clients leave?"
set_kernel ipv4/ip_local_port_range "50001 50098" client
set_kernel ipv4/tcp_max_tw_buckets 4 client
come_and_leave 6
run_shown "nstat -asz TcpExtTCPTimeWaitOverflow | grep Tcp" client
remember "a TIME-WAIT holds one port for one server. Use a connection for more than one request."
