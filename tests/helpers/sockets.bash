# Using ss to look at the two ends of the connections of PORT: it is the source port of the server's
# end, and the destination port of the client's, which may be on another machine (machines.bash).

server_sockets() { ss -Htanp "sport = :$PORT"; }
client_sockets() { "${CLIENT_MACHINE[@]}" ss -Htanp "dport = :$PORT"; }

# bytes_on_the_way: the queues of both ends. They are the same twice when no byte moves. (With -p,
# as above, each ss that has inherited a connection would show its own pid.)
bytes_on_the_way() {
  ss -Htan "sport = :$PORT"
  "${CLIENT_MACHINE[@]}" ss -Htan "dport = :$PORT"
}

# server_is STATE [COUNT], client_is STATE [COUNT]: that end of at least one connection, or of
# exactly COUNT, is in that state. The names are those of ss (ESTAB, CLOSE-WAIT ...).
server_is() { has_line "$(server_sockets)" "^$1 " "${2:-}"; }
client_is() { has_line "$(client_sockets)" "^$1 " "${2:-}"; }

# server_recv_queue BYTES: a connection has so many bytes unread at the server's end.
server_recv_queue() { has_line "$(server_sockets)" "^(LA|[^L])[^ ]+ +$1 "; }

# The server waits in send(), so its send queue holds bytes, and it sleeps.
server_send_is_blocked() {
  has_line "$(server_sockets)" "^ESTAB +[0-9]+ +[1-9]" && server_sleeps
}

# Waits until the server waits in send(). Returns 1 when no byte has moved for DEADLINE seconds
# before that.
await_blocked_send() {
  local queues='' before end=$((SECONDS + DEADLINE))
  until server_send_is_blocked; do
    before=$queues
    queues=$(bytes_on_the_way)
    [[ $queues == "$before" ]] || end=$((SECONDS + DEADLINE))
    ((SECONDS <= end)) || return 1
    sleep 0.01
  done
}

# accept_queue CONNECTIONS: so many finished connections wait for accept() (Recv-Q of LISTEN).
accept_queue() { has_line "$(server_sockets)" "^LISTEN +$1 "; }

# The accept queue is not full, or there is none: then a connect() is answered at once.
accept_queue_has_room() {
  ss -Hltn "sport = :$PORT" | awk '$2 > $3 { full = 1 } END { exit full }'
}

# A connection at the server's end belongs to a process, or it does not: it is not accepted yet.
server_has_accepted() { has_line "$(server_sockets)" "^ESTAB .*users:"; }
server_has_unaccepted() { has_line "$(server_sockets)" "^ESTAB [^u]*$"; }

# At the server's end no connection is left, in any state.
server_has_no_connection() { ! has_line "$(server_sockets)" "^(LA|[^L])"; }

client_has_no_connection() { [[ ! $(client_sockets) ]]; }

# has_line LINES PATTERN [COUNT]: a line matches the expression, or exactly COUNT lines do.
has_line() {
  if [[ ${3:-} ]]; then (($(grep -Ec "$2" <<<"$1") == $3)); else grep -Eq "$2" <<<"$1"; fi
}
