# Asking ss about the two ends of the connections of PORT; used by the tests and by the demos.
# On loopback both ends are on this machine: the server's has PORT as its source, the client's as
# its destination. With two machines (machines.bash) the client's is on the other one.

server_sockets() { ss -Htanp "sport = :$PORT"; }
client_sockets() { "${CLIENT_MACHINE[@]}" ss -Htanp "dport = :$PORT"; }

# server_is STATE [COUNT], client_is STATE [COUNT]: that end of at least one connection, or of
# exactly COUNT, is in that state, as ss names it: ESTAB, CLOSE-WAIT ...
server_is() { has_line "$(server_sockets)" "^$1 " "${2:-}"; }
client_is() { has_line "$(client_sockets)" "^$1 " "${2:-}"; }

# server_recv_queue BYTES: a connection has so many bytes unread at the server's end.
server_recv_queue() { has_line "$(server_sockets)" "^(LA|[^L])[^ ]+ +$1 "; }

# The server waits in send(): its send queue holds bytes, and it sleeps.
server_send_is_blocked() {
  has_line "$(server_sockets)" "^ESTAB +[0-9]+ +[1-9]" && server_sleeps
}

# Waits until it does; 1 when it does not, and no byte has moved for DEADLINE seconds.
await_blocked_send() { untraced poll_while_bytes_move; }
poll_while_bytes_move() {
  local queues='' before end=$((SECONDS + DEADLINE))
  until server_send_is_blocked; do
    before=$queues
    queues=$(server_sockets && client_sockets)
    [[ $queues == "$before" ]] || end=$((SECONDS + DEADLINE))
    ((SECONDS <= end)) || return 1
    sleep 0.01
  done
}

# accept_queue CONNECTIONS: so many finished connections wait for accept() (Recv-Q of LISTEN).
accept_queue() { has_line "$(server_sockets)" "^LISTEN +$1 "; }

# A connection at the server's end belongs to a process, or to none: nobody called accept() for it.
server_has_accepted() { has_line "$(server_sockets)" "^ESTAB .*users:"; }
server_has_unaccepted() { has_line "$(server_sockets)" "^ESTAB [^u]*$"; }

# Nothing is left of any connection at the server's end, in no state at all.
server_has_no_connection() { ! has_line "$(server_sockets)" "^(LA|[^L])"; }

client_has_no_connection() { [[ ! $(client_sockets) ]]; }

# has_line LINES PATTERN [COUNT]: at least one line, or exactly COUNT, matches the expression.
has_line() {
  local line count=0
  while read -r line; do
    if [[ $line =~ $2 ]]; then count=$((count + 1)); fi
  done <<<"$1"
  if [[ ${3:-} ]]; then ((count == $3)); else ((count > 0)); fi
}
