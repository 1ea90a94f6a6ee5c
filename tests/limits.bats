#!/usr/bin/env bats
# What the shipped stages promise beyond the contract for a learner's server, and what each of them
# still gets wrong, seen in ss. The tag says of which stage a test speaks.

load helpers/suite
lesson "step$STEP" "What is still wrong"

server() { timeout 5 "${SERVER_COMMAND[@]}" "$@"; }

# refuses STATUS MESSAGE [ARGUMENT...]: so called, the server ends with the status and says just
# that on stderr.
refuses() {
  run "-$1" --separate-stderr server "${@:3}"
  # The words of musl, in those of glibc.
  stderr=${stderr/Address in use/Address already in use}
  stderr=${stderr/Address not available/Cannot assign requested address}
  [[ ${stderr:-} == "$2" && ! $output ]]
}

USAGE=$'\n''usage: server [PORT [ADDRESS]]'

# --- every stage

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "what is not a port is refused with the usage line and status 2" {
  for port in '' 0 -1 65536 99999999999999999999 80x eighty 1.5 0x50; do
    refuses 2 "not a port from 1 to 65535: '$port'$USAGE" "$port"
  done
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "what is not an address is refused with the usage line and status 2" {
  for address in '' localhost 127.0.0 256.0.0.1 ::g 127.0.0.1:80; do
    refuses 2 "not an IPv4 or IPv6 address: '$address'$USAGE" 8881 "$address"
  done
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "a third argument is refused with the usage line and status 2" {
  refuses 2 "one argument too many: 'extra'$USAGE" 8881 127.0.0.1 extra
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "a port in use, and an address of another machine, are reported with status 1" {
  start_server
  refuses 1 "bind 127.0.0.1:$PORT: Address already in use" "$PORT" 127.0.0.1
  refuses 1 "bind 192.0.2.1:$PORT: Cannot assign requested address" "$PORT" 192.0.2.1
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "a port below 1024 without the privilege is reported with status 1" {
  (($(cat /proc/sys/net/ipv4/ip_unprivileged_port_start) > 99)) ||
    skip "on this machine everybody may use such ports"
  unprivileged=()
  ((EUID)) || unprivileged=(setpriv --bounding-set -net_bind_service)
  run -1 --separate-stderr timeout 5 "${unprivileged[@]}" "${SERVER_COMMAND[@]}" 99 127.0.0.1
  [[ ${stderr:-} == "bind 127.0.0.1:99: Permission denied" ]]
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "an IPv6 address where there is no IPv6 is reported with status 1" {
  unshare -rn true 2>/dev/null || skip "this machine does not let us make a network without IPv6"
  # In a network of its own, where nothing is up yet, not even loopback.
  run -1 --separate-stderr timeout 5 unshare -rn "${SERVER_COMMAND[@]}" 20000 ::1
  [[ ${stderr:-} =~ ^(bind|socket)\ \[::1\]:20000:\  ]]
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "it serves although nothing can be written to its stdout" {
  # shellcheck disable=SC2016 # for the other bash to expand
  SERVER_COMMAND=(bash -c 'exec "$@" >/dev/full' full "${SERVER_COMMAND[@]}")
  start_server
  connect 5
  exchange 5 "hello"
}

start_without_arguments() {
  local state=all # stage 1 cannot listen over a TIME-WAIT, the others can
  ((STEP == 1)) || state=listening
  PORT=888$STEP
  [[ ! $(ss -Htan state "$state" "sport = :$PORT") ]] ||
    skip "a socket on this machine uses port $PORT"
  launch_server
  eventually server_is_listening
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "without arguments it listens on port 8880 + the stage, of every address" {
  start_without_arguments
  [[ $(server_sockets) =~ ^LISTEN\ +0\ +128\ +0\.0\.0\.0:888$STEP\ + ]]
  server_has_said "listening on 0.0.0.0:888$STEP (fd 3)"
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "the listener is descriptor 3, the first client 4, and it says so" {
  start_server
  connect 5
  eventually server_has_said "connected (fd 4)"
  [[ $(server_sockets) =~ LISTEN.*fd=3\) ]]
  [[ $(server_sockets) =~ ESTAB\ +0\ +0\ +127.0.0.1:$PORT\ +(127.0.0.1:[0-9]+).*fd=4\) ]]
  server_has_said "client ${BASH_REMATCH[1]} connected (fd 4)"
}

# bats test_tags=stage:1,stage:2,stage:3,stage:4
@test "16384 bytes that wait together come back together" {
  start_server
  head -c 16384 /dev/urandom >"$SCRATCH/message"
  signal_server STOP
  eventually server_is_stopped
  connect 5
  cat "$SCRATCH/message" >&5
  eventually server_recv_queue 16384
  signal_server CONT
  timeout "$DEADLINE" head -c 16384 <&5 | cmp - "$SCRATCH/message"
}

# --- stage 1

# bats test_tags=stage:1
@test "stage 1 closes after one message: the second is never read" {
  start_server
  connect 5
  exchange 5 "first"
  # It closes first: its end waits for the client's FIN, and no process owns it any more.
  eventually server_is FIN-WAIT-2
  client_is CLOSE-WAIT
  eventually server_has_ended
  await_server # and its status is 0
  printf 'second' >&5
  [[ ! $(timeout "$DEADLINE" cat <&5) ]]
}

# bats test_tags=stage:1
@test "stage 1 closes first: TIME-WAIT stays on its port, with a timer" {
  start_server
  connect 5
  exchange 5 "hello"
  eventually server_is FIN-WAIT-2
  disconnect 5
  eventually server_is TIME-WAIT
  [[ $(ss -Htano "sport = :$PORT") =~ timer:\(timewait,[0-9]+sec ]]
  run ! client_is TIME-WAIT
}

# bats test_tags=stage:1
@test "stage 1 cannot be restarted while TIME-WAIT is there: Address already in use" {
  start_server
  connect 5
  exchange 5 "hello"
  eventually server_is FIN-WAIT-2
  disconnect 5
  eventually server_is TIME-WAIT
  refuses 1 "bind 127.0.0.1:$PORT: Address already in use" "$PORT" 127.0.0.1
}

# bats test_tags=stage:1
@test "stage 1 loses what a message is longer than its buffer" {
  start_server
  signal_server STOP
  eventually server_is_stopped
  connect 5
  head -c 20000 /dev/zero >&5
  eventually server_recv_queue 20000
  signal_server CONT
  eventually server_has_ended
  server_has_said "16384 bytes received, 16384 sent"
  # close() with 3616 bytes unread sends RST: no TIME-WAIT, and no FIN.
  eventually server_has_no_connection
}

# bats test_tags=stage:1
@test "stage 1 ends after one client: the one that waits behind it is reset" {
  start_server
  connect 5
  connect 6
  exchange 5 "hello"
  eventually server_has_ended
  run cat <&6
  [[ $output == *"Connection reset by peer"* ]]
}

# bats test_tags=stage:1
@test "stage 1 has ended when a client resets" {
  start_server
  connect 5
  reset_connection 5
  eventually server_has_ended
  await_server # and its status is 0
}

# --- stage 2

# bats test_tags=stage:2
@test "stage 2 does not close when the client leaves: CLOSE-WAIT faces FIN-WAIT-2" {
  start_server
  connect 5
  exchange 5 "hello"
  disconnect 5
  eventually server_is CLOSE-WAIT
  eventually client_is FIN-WAIT-2
  [[ $(grep CLOSE-WAIT <<<"$(server_sockets)") == *"fd=4)"* ]]
}

# bats test_tags=stage:2
@test "stage 2 spins when the client has left, and says nothing" {
  start_server
  connect 5
  exchange 5 "hello"
  disconnect 5
  eventually server_is CLOSE-WAIT
  said=$(cat "$SERVER_LOG")
  eventually server_used_cpu 20 "$(server_ticks)"
  [[ $(cat "$SERVER_LOG") == "$said" ]]
}

# bats test_tags=stage:2
@test "stage 2 never serves the next client: connected, its bytes unread, no process" {
  start_server
  connect 5
  exchange 5 "hello"
  disconnect 5
  eventually server_is CLOSE-WAIT
  nc_connect next
  nc_send next "anybody?"
  eventually server_recv_queue 8
  server_has_unaccepted
  accept_queue 1
  eventually server_used_cpu 20 "$(server_ticks)" # 200 ms later
  server_recv_queue 8
  nc_received next ""
}

# bats test_tags=stage:2
@test "a client's reset ends stage 2" {
  start_server
  connect 5
  reset_connection 5
  eventually server_has_ended
  status=0
  await_server || status=$?
  ((status == 1))
  server_has_said "recv client: Connection reset by peer"
}

# --- stage 3

# bats test_tags=stage:3
@test "stage 3 keeps a second client waiting, and serves it the moment the first leaves" {
  start_server
  connect 5
  exchange 5 "first"
  nc_connect second
  nc_send second "second"
  eventually server_recv_queue 6
  server_has_unaccepted
  accept_queue 1
  exchange 5 "first again"
  nc_received second ""
  disconnect 5
  eventually nc_received second "second"
}

# bats test_tags=stage:3
@test "a full accept queue leaves the next client in SYN-SENT: it is not refused" {
  start_server
  connect 5
  exchange 5 "hello"
  connect_many 129
  eventually accept_queue 129 # listen(fd, 128) admits one more
  nc_connect one_too_many
  eventually client_is SYN-SENT 1
  server_is ESTAB 130
}

# bats test_tags=stage:3,stage:4
@test "it says who came, who left and why" {
  start_server
  connect 5
  exchange 5 "hello"
  disconnect 5
  eventually server_has_said "client gone (fd 4): closed, 5 bytes echoed"
  connect 5
  reset_connection 5
  eventually server_has_said "): Connection reset by peer, 5 bytes echoed"
}

# --- stage 4

# bats test_tags=stage:4,counts-threads
@test "stage 4 needs a thread for each client, and gives it back" {
  start_server
  server_has_threads 1
  connect_many 20
  eventually server_has_threads 21
  for client in "${CLIENTS[@]}"; do disconnect "$client"; done
  eventually server_has_threads 1
}

# bats test_tags=stage:4
@test "out of descriptors it says so once, until accept() succeeds again" {
  start_server
  prlimit --pid "$SERVER_PID" --nofile=5:
  connect 5
  exchange 5 "hello"
  connect 6
  eventually server_has_said "accept: "
  eventually server_sleeps
  (($(grep -c "accept:" "$SERVER_LOG") == 1))
}

# bats test_tags=stage:4
@test "out of threads it says so, and closes that client" {
  start_server
  connect 5
  exchange 5 "hello"
  in_use=$(awk '/^VmSize/ { print $2 }' "/proc/$SERVER_PID/status")
  prlimit --pid "$SERVER_PID" --as=$(((in_use + 64) * 1024)): # less than a stack, in musl too
  connect 6
  eventually server_has_said "pthread_create: Resource temporarily unavailable"
  run timeout "$DEADLINE" cat <&6
  ((status == 0)) # 124: not closed
  [[ ! $output ]]
}
