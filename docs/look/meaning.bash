# What each state of a TCP socket means, explained in this one place, in the reader's language. Used
# by make states, make watch, the demos and the player. Needs docs/language/locale.bash.
#
# The server's end of a connection has the server's port as its local port; any other end is the
# client's. The facts are those of docs/tcp_states.md; demos.bats holds them against the kernel.

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
end_name() {
  case $1 in
    server) translated "server" ;;
    client) translated "client" ;;
  esac
}

# not_accepted: the connection is in the accept queue. For ESTAB and CLOSE-WAIT only: later states
# have no process either.
not_accepted() { [[ ! $owner && $end == server && $listener_seen ]]; }

# meaning: prints in a sentence what the socket is doing that parse_socket has taken apart.
meaning() {
  local other_end did full='' left=''
  other_end=$(end_name "$other")
  did=$(translated "has closed")
  [[ ! $owner ]] || did=$(translated "has stopped sending") # shutdown(): it may still read
  [[ ! $seconds ]] || left=$(translated ", %s s left" "$seconds")
  case $state in
    LISTEN)
      if ((recv_queue > send_queue)); then
        full=$(translated ", so it is full, and the next client gets no reply")
      fi
      tell "waits for clients; %s of %s places in the accept queue are taken%s" \
        "$recv_queue" "$((send_queue + 1))" "$full"
      ;;
    SYN-SENT)
      tell "has asked to connect and has got no reply; the accept queue is full, or packets are \
lost"
      ;;
    SYN-RECV)
      tell "has replied to a client that wants to connect, and waits for the last step of the \
handshake"
      ;;
    ESTAB)
      if not_accepted; then
        tell "connected, waiting in the accept queue; accept() has not returned it yet"
      elif [[ $timer == persist ]]; then
        tell "connected; %s bytes wait to be sent, because the %s does not read: its window is \
closed" "$send_queue" "$other_end"
      elif ((recv_queue)); then
        tell "connected; %s bytes have come, and the program has not read them" "$recv_queue"
      elif ((send_queue)); then
        tell "connected; %s bytes have not been acknowledged by the %s, or not been sent yet" \
          "$send_queue" "$other_end"
      else
        tell "connected; nothing waits to be read or acknowledged"
      fi
      ;;
    FIN-WAIT-1)
      tell "%s, and its FIN is on the way; the %s has not acknowledged it yet" "$did" "$other_end"
      ;;
    FIN-WAIT-2)
      [[ ! $owner ]] || left='' # of another timer: only the kernel's own waiting has an end
      tell "%s, and the %s's kernel knows; the %s's FIN has not come yet%s" \
        "$did" "$other_end" "$other_end" "$left"
      ;;
    CLOSE-WAIT)
      if not_accepted; then
        tell "the client has closed before accept() returned it"
      elif ((recv_queue)); then
        tell "the %s has closed; this program has not read the end of file yet" "$other_end"
      else # a FIN that came with the last bytes is taken with them, so the end may still be unread
        tell "the %s has closed, nothing is left to read, and this program has not called close()" \
          "$other_end"
      fi
      ;;
    LAST-ACK)
      if [[ $owner ]]; then
        tell "both have stopped sending, the %s first; the last acknowledgement has not come yet" \
          "$other_end"
      else
        tell "both have closed, the %s first; the last acknowledgement has not come yet" \
          "$other_end"
      fi
      ;;
    CLOSING)
      tell "both have closed at the same moment; the last acknowledgement has not come yet"
      ;;
    TIME-WAIT)
      tell "closed first, so it keeps a record of the connection; no program is needed%s" "$left"
      ;;
    CLOSED) tell "the connection is gone; the kernel keeps nothing, and ss has no line for it" ;;
    *) tell "a state that this tool does not know: man ss" ;;
  esac
}

# describe_socket: prints the socket and its meaning, in a line. The client's port tells two clients
# apart.
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
