# What a socket of TCP is doing, in the reader's language; the table of it is meanings.tsv. Used by
# make states, make watch and the demos. Needs docs/language/locale.bash.
# The end whose local port is that of the server is the server's; any other end is the client's.

MEANINGS=${BASH_SOURCE[0]%/*}/meanings.tsv

# require_port TEXT TARGET: ends with status 2 when the text is not a port from 1 to 65535.
require_port() {
  if [[ ! $1 =~ ^[0-9]{1,5}$ ]] || ((10#$1 < 1 || 10#$1 > 65535)); then
    stop 2 "Which port, from 1 to 65535? For example: make %s PORT=8882. You said: PORT='%s'" \
      "$2" "$1"
  fi
}

# port_sockets PORT: prints the lines of ss for every socket of the port, at both ends.
port_sockets() { ss -Htanpo "( sport = :$1 or dport = :$1 )"; }

# note_listener LINES: sets listener_seen to nothing when ss shows a listener but not its process.
# Then ss does not show either which connections have been accepted.
note_listener() {
  listener_seen=yes
  if grep -q '^LISTEN' <<<"$1" && ! grep -q '^LISTEN.*pid=' <<<"$1"; then listener_seen=''; fi
}

# parse_socket PORT LINE: takes a line of `ss -Htanpo` apart into state, recv_queue, send_queue,
# local, peer, end (server or client), other (the opposite), client_port ("" of a LISTEN), owner
# (the name of the process, "" when ss shows none), owner_pid, owner_fd, timer (its name, or "") and
# seconds (left of it, or ""). Call note_listener with all lines before.
parse_socket() {
  local rest
  read -r state recv_queue send_queue local peer rest <<<"$2"
  end=client other=server client_port=${local##*:}
  if [[ $local == *":$1" ]]; then end=server other=client client_port=${peer##*:}; fi
  client_port=${client_port#'*'}
  owner='' owner_pid='' timer='' seconds=''
  # This shell, if it is one of them; else the last: the one that opened it.
  if [[ $rest =~ \"([^\"]+)\",pid=($$),fd=([0-9]+) ||
    $rest =~ .*\"([^\"]+)\",pid=([0-9]+),fd=([0-9]+) ]]; then
    owner=${BASH_REMATCH[1]} owner_pid=${BASH_REMATCH[2]} owner_fd=${BASH_REMATCH[3]}
  fi
  # What is left: 119min, 1min59sec, 59sec, 9.096ms, 096ms; nothing when the timer is due.
  if [[ $rest =~ timer:\(([a-z]+),([0-9]+min)?([0-9]+)?(sec|ms|\.)? ]]; then
    timer=${BASH_REMATCH[1]}
    seconds=$((10#0${BASH_REMATCH[2]%min} * 60))
    if [[ ${BASH_REMATCH[4]} == [s.]* ]]; then seconds=$((seconds + BASH_REMATCH[3])); fi
  fi
}

# end_name server|client: prints that word in the reader's language.
end_name() { translated "$1"; }

# The situations of meanings.tsv: whether the socket that parse_socket has taken apart is in it.
is_full() { ((recv_queue > send_queue)); } # the queue of a LISTEN
is_queued() { [[ ! $owner && $end == server && $listener_seen ]]; } # of an ESTAB or CLOSE-WAIT
is_blocked() { [[ $timer == persist ]]; } # the other end's window is closed
is_open() { [[ $owner ]]; }               # shutdown() was called, and not close()
is_timed() { [[ $seconds ]]; }
is_unread() { ((recv_queue)); }
is_unacknowledged() { ((send_queue)); }
is_otherwise() { :; }

# meaning: prints in a sentence what that socket is doing.
meaning() {
  local name situation text
  while IFS=$'\t' read -r name situation text; do
    if [[ $name == "$state" ]] && "is_$situation"; then break; fi
  done <"$MEANINGS"
  text=$(translated "$text")
  text=${text//'{recv}'/$recv_queue}
  text=${text//'{send}'/$send_queue}
  text=${text//'{places}'/$((send_queue + 1))}
  text=${text//'{left}'/$seconds}
  echo "${text//'{other}'/$(end_name "$other")}"
}

# describe_socket: prints the client's port, the socket and its meaning, in a line.
describe_socket() {
  local who queues=''
  who=$(end_name "$end")
  if [[ $owner ]]; then
    [[ $owner == "$end" ]] || who+=" $owner"
    who=$(translated "%s (pid %s)" "$who" "$owner_pid")
  elif [[ $end == server && $state =~ ^(ESTAB|CLOSE-WAIT)$ ]]; then
    who=$(translated "no process")
    [[ $listener_seen ]] || who=$(translated "process unknown")
  else
    who=$(translated "the %s's end" "$who")
  fi
  if [[ $state != LISTEN ]]; then
    ((recv_queue == 0)) || queues=$(translated ", Recv-Q %s" "$recv_queue")
    ((send_queue == 0)) || queues+=$(translated ", Send-Q %s" "$send_queue")
    printf '%s' "$(translated "client %s: " "$client_port")"
  fi
  tell "%s%s, %s: %s" "$state" "$queues" "$who" "$(meaning)"
}
