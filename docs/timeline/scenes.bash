# The scenes of `make timeline`, in words of record.sh. After each call of a client and each signal
# comes a moment of rest, so that the server and the kernels have reacted to it before the next one.
# The line above each scene is its description.

# describe_scenes [NAME]: prints each scene with what it is, or only that one; 1 when there is none.
describe_scenes() {
  awk -v name="${1:-}" '/^# [a-z-]+: / && (name == "" || $2 == name ":")' "${BASH_SOURCE[0]}" |
    while read -r _ description; do tell "$description"; done | grep -a .
}

# on_two_machines SCENE: one in which packets are lost. On one machine none can be.
on_two_machines() { [[ $1 == *-lost || $1 == unplugged ]]; }

# talk: two messages, then the client leaves (the default)
scene_talk() { does anna connect "send hello, world" recv "send again" recv close; }

# leave-early: the client comes and leaves while the server is stopped
scene_leave-early() {
  signals_server STOP
  does anna connect close
  signals_server CONT
}

# half-close: the client stops sending, shutdown(SHUT_WR), and reads on
scene_half-close() { does anna connect "send hello, world" shutdown recv recv close; }

# reset: the client leaves with the reply unread, so RST is sent instead of FIN
scene_reset() { does anna connect "send hello, world" close; }

# two: a second client comes while the first is there
scene_two() {
  does anna connect "send hello, world" recv
  does ben connect "send me too"
  does anna close
  does ben recv close
}

# stay: the client waits for the server to close; the server is ended with SIGTERM
scene_stay() {
  does anna connect "send hello, world" recv
  signals_server TERM
  does anna recv close
}

# silent: the client connects and sends nothing
scene_silent() { does anna connect; }

# flood: the client sends on and on and reads nothing: the windows close
scene_flood() { does anna connect flood close; }

# syn-lost: what the client sends is lost at first: it repeats its SYN
scene_syn-lost() {
  cuts client
  does anna connect
  loses 2
  mends client
  does anna "send hello, world" recv close
}

# reply-lost: the server's reply is lost three times, and then gets through
scene_reply-lost() {
  does anna connect
  signals_server STOP
  does anna "send hello, world"
  cuts server
  signals_server CONT
  loses 3
  mends server
  does anna recv close
}

# last-ack-lost: the last ACK is lost four times: the reason for TIME-WAIT
scene_last-ack-lost() {
  does anna connect
  signals_server STOP
  does anna close
  cuts client
  signals_server CONT
  loses 4
  mends client
}

# unplugged: the client's machine vanishes while the server sends
scene_unplugged() {
  does anna connect
  signals_server STOP
  does anna "send hello, world"
  cuts client
  cuts server
  signals_server CONT
  loses 5
  rest
}
