# The scenes of `make timeline`: what the clients do. After each call of a client comes a moment of
# rest, so that the server and the kernels have reacted to it before the next one.
# The line above each scene is its description in timeline.sh.

# describe_scenes [NAME]: prints each scene with what it is, or only that one; 1 when there is none.
describe_scenes() {
  local line status=1
  while read -r line; do
    [[ $line =~ ^"# "([a-z-]+)": " && ${1:-${BASH_REMATCH[1]}} == "${BASH_REMATCH[1]}" ]] ||
      continue
    tell "${line#\# }"
    status=0
  done <"${BASH_SOURCE[0]}"
  return "$status"
}

# on_two_machines SCENE: one in which packets are lost. On one machine none can be.
on_two_machines() { [[ $1 == *-lost || $1 == unplugged ]]; }

# talk: two messages, then the client leaves (the default)
scene_talk() {
  does anna connect
  does anna send "hello, world"
  does anna recv
  does anna send "again"
  does anna recv
  leaves anna
}

# leave-early: the client comes and leaves while the server is stopped
scene_leave-early() {
  stops_server
  does anna connect
  leaves anna
  continues_server
}

# half-close: the client stops sending, shutdown(SHUT_WR), and reads on
scene_half-close() {
  does anna connect
  does anna send "hello, world"
  does anna shutdown
  does anna recv
  does anna recv
  leaves anna
}

# reset: the client leaves with the reply unread, so RST is sent instead of FIN
scene_reset() {
  does anna connect
  does anna send "hello, world"
  leaves anna
}

# two: a second client comes while the first is there
scene_two() {
  does anna connect
  does anna send "hello, world"
  does anna recv
  does ben connect
  does ben send "me too"
  leaves anna
  does ben recv
  leaves ben
}

# stay: the client waits until the server closes, which is ended if it does not
scene_stay() {
  does anna connect
  does anna send "hello, world"
  does anna recv
  ends_server
  does anna recv
  leaves anna
}

# silent: the client connects and sends nothing
scene_silent() {
  does anna connect
}

# flood: the client sends on and on and reads nothing: the windows close
scene_flood() {
  does anna connect
  does anna flood
  leaves anna
}

# syn-lost: what the client sends is lost at first: it repeats its SYN
scene_syn-lost() {
  cuts client
  does anna connect
  loses 2
  mends client
  does anna send "hello, world"
  does anna recv
  leaves anna
}

# reply-lost: the server's reply is lost three times, and then gets through
scene_reply-lost() {
  does anna connect
  stops_server
  does anna send "hello, world"
  cuts server
  continues_server
  loses 3
  mends server
  does anna recv
  leaves anna
}

# last-ack-lost: the last ACK is lost four times: the reason for TIME-WAIT
scene_last-ack-lost() {
  does anna connect
  stops_server
  leaves anna
  cuts client
  continues_server
  loses 4
  mends client
}

# unplugged: the client's machine vanishes while the server sends
scene_unplugged() {
  does anna connect
  stops_server
  does anna send "hello, world"
  cuts client server
  continues_server
  loses 5
  rest
}
