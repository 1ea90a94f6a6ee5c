# What each state of a TCP socket means, explained in this one place. Used by make states, make watch
# and the demos.
# shellcheck disable=SC2034 # parse_socket sets variables for the scripts that source this
#
# The server's end of a connection has the server's port as its local port; any other end is the
# client's. The facts are those of docs/tcp_states.md; tests/repository/demos.bats holds them against the kernel.

# require_port TEXT TARGET: ends with status 2 when the text is not a port from 1 to 65535.
require_port() {
  if [[ ! $1 =~ ^[0-9]{1,5}$ ]] || ((10#$1 < 1 || 10#$1 > 65535)); then
    echo "Which port, from 1 to 65535? For example: make $2 PORT=8882. You said: PORT='$1'" >&2
    exit 2
  fi
}

# note_listener LINES: sets listener_seen to nothing when ss shows a listener but not its process. Then ss
# does not show either which connections have been accepted.
note_listener() {
  listener_seen=yes
  if grep -q '^LISTEN' <<<"$1" && ! grep -q '^LISTEN.*pid=' <<<"$1"; then listener_seen=''; fi
}

# parse_socket PORT LINE: takes a line of `ss -Htanpo` apart into state, recv_queue, send_queue,
# local, peer, end (server or client), other (the opposite), client_port ("" of a LISTEN), owner ("" when
# ss shows no process), timer (its name, or "") and seconds (left of it, or ""). Call note_listener with
# all lines before.
parse_socket() {
  local rest
  read -r state recv_queue send_queue local peer rest <<<"$2"
  end=client other=server client_port=${local##*:}
  if [[ $local == *":$1" ]]; then end=server other=client client_port=${peer##*:}; fi
  client_port=${client_port#'*'}
  owner='' timer='' seconds=''
  if [[ $rest =~ .*\"([^\"]+)\",pid=([0-9]+) ]]; then # of several, the last: the one that opened it
    owner="${BASH_REMATCH[1]} (pid ${BASH_REMATCH[2]})"
  fi
  if [[ $rest =~ timer:\(([a-z]+),([0-9]+min)?([0-9]+)?(sec|ms|\.) ]]; then
    timer=${BASH_REMATCH[1]}
    seconds=$((${BASH_REMATCH[2]%min} + 0))
    seconds=$((seconds * 60))
    if [[ ${BASH_REMATCH[4]} == sec ]]; then seconds=$((seconds + BASH_REMATCH[3])); fi
  fi
}

# meaning: prints in a sentence what the socket is doing that parse_socket has taken apart.
meaning() {
  local left=${seconds:+, $seconds s left}
  case $state in
    LISTEN)
      echo "waits for clients; $recv_queue of $((send_queue + 1)) places in the accept queue are taken$(
        ((recv_queue <= send_queue)) || echo ", so it is full, and the next client gets no reply"
      )"
      ;;
    SYN-SENT)
      echo "has asked to connect and has got no reply; the accept queue is full, or packets are lost"
      ;;
    SYN-RECV) echo "has replied to a client that wants to connect, and waits for the last step of the handshake" ;;
    ESTAB)
      if [[ ! $owner && $end == server && $listener_seen ]]; then
        echo "connected, waiting in the accept queue; accept() has not returned it yet"
      elif [[ $timer == persist ]]; then
        echo "connected; $send_queue bytes wait to be sent, because the $other does not read: its window is closed"
      elif ((recv_queue)); then
        echo "connected; $recv_queue bytes have come, and the program has not read them"
      elif ((send_queue)); then
        echo "connected; $send_queue bytes have not been acknowledged by the $other, or not been sent yet"
      else
        echo "connected; nothing waits to be read or acknowledged"
      fi
      ;;
    FIN-WAIT-1) echo "has closed, and its FIN is on the way; the $other has not acknowledged it yet" ;;
    FIN-WAIT-2) # with a process it was shutdown(), and the program may still read
      echo "has $([[ $owner ]] && echo "stopped sending" || echo closed), and the $other's kernel knows;" \
        "the $other's FIN has not come yet$left"
      ;;
    CLOSE-WAIT)
      if [[ ! $owner && $end == server && $listener_seen ]]; then
        echo "the client has closed before accept() returned it"
      elif ((recv_queue)); then
        echo "the $other has closed; this program has not read the end of file yet"
      else
        # It does not mean "the end of file was read": a FIN that came with the last bytes is taken with them.
        echo "the $other has closed, nothing is left to read, and this program has not called close()"
      fi
      ;;
    LAST-ACK) echo "both have closed, the $other first; the last acknowledgement has not come yet" ;;
    CLOSING) echo "both have closed at the same moment; the last acknowledgement has not come yet" ;;
    TIME-WAIT)
      echo "closed first, so it keeps a record of the connection; no program is needed$left"
      ;;
    CLOSED) echo "the connection is gone; the kernel keeps nothing, and ss has no line for it" ;;
    *) echo "a state that this tool does not know: man ss" ;;
  esac
}

# describe_socket: the socket and its meaning, in a line. The client's port tells two clients apart.
describe_socket() {
  local text=$state
  if [[ ! $owner && ($state == ESTAB || $state == CLOSE-WAIT) && $end == server ]]; then
    if [[ $listener_seen ]]; then text+=", no process"; else text+=", process unknown"; fi
  fi
  if [[ $state != LISTEN ]]; then
    ((recv_queue == 0)) || text+=", Recv-Q $recv_queue"
    ((send_queue == 0)) || text+=", Send-Q $send_queue"
  fi
  if [[ $owner ]]; then
    text+=", $end ${owner#"$end "}"
  elif [[ $text == "$state"* && $text != *process* ]]; then
    text+=", the $end's end"
  fi
  echo "${client_port:+client $client_port: }$text: $(meaning)"
}
