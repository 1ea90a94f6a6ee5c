# Derives the state of each end of each connection from the packets that it has sent and received,
# by figure 5 of RFC 9293, and compares it with what ss showed at each moment of rest.
# Input: the events of merge.awk in order of time; needs events.awk. Gives back those before the
# event "end", in milliseconds since the first, with the events "state", each behind what has led to
# it, and as the last one "agreed" or "disagreed" (WHAT: the state derived, RESULT: that of ss).
# Status 1 for that.

NR == 1 { start = $MS }
{ $MS = sprintf("%.3f", $MS - start) }
$EVENT != "ss" && resting { compare() }
$EVENT == "end" {
  while ((getline line) > 0); # or what writes to us would end by SIGPIPE
  exit
}
$EVENT == "rest" { rest(); next }
$EVENT == "ss" { ss(); next }
is_packet() { packet(); next }
possible() { show(); next }
{ held[++holds] = $0 }

END {
  if (!disagreed) give("agreed", "-", "-", "-", agreements + 0)
  exit disagreed
}

# show: the event as it stands. give: one of our own.
function show() {
  print
  if ($EVENT == "call" && $WHAT ~ /^listen\(/ && $RESULT == 0)
    give("state", "server", "-", "LISTEN", "-")
}
function give(event, side, client, what, result) {
  print $MS, event, side, "-", client, what, result, "-", "-", "-"
}

# --- packets and what they do to the states

function packet(    number) {
  last_packet = $MS + 0
  split($DETAIL, number, " ")
  first = number[1]
  acknowledged = number[2]
  show()
  sends($SIDE, $CLIENT)
  if ($EVENT == "packet") receives($SIDE == "server" ? $CLIENT : "server", $CLIENT)
  show_held()
}

# sends SIDE CLIENT, receives: the packet of $0.
function sends(side, client,    to) {
  to = state[side, client]
  if ($WHAT ~ /ACK/) acknowledges[side] = 1
  if ($WHAT ~ /FIN/) fin[side, client] = first + $RESULT + 1 # the number that acknowledges it
  if ($WHAT ~ /RST/) to = to == "" ? "" : "CLOSED"
  else if ($WHAT ~ /SYN/) to = $WHAT ~ /ACK/ ? "SYN-RECV" : "SYN-SENT"
  else if ($WHAT ~ /FIN/ && (to == "ESTAB" || to == "SYN-RECV")) to = "FIN-WAIT-1"
  else if ($WHAT ~ /FIN/ && to == "CLOSE-WAIT") to = "LAST-ACK"
  turn(side, client, to)
}

function receives(side, client,    to) {
  to = state[side, client]
  if (to == "") return
  if ($RESULT > 0 && first + $RESULT - 1 > came[side, client]) # it may have come before
    came[side, client] = first + $RESULT - 1
  if ($WHAT ~ /FIN|RST/) over[side, client] = 1
  if ($RESULT > 0 || $WHAT ~ /FIN|RST/ || to == "SYN-RECV") news[side]++
  if ($WHAT ~ /SYN,ACK/ && to == "SYN-SENT") to = "ESTAB"
  if ($WHAT ~ /ACK/ && to == "SYN-RECV") to = "ESTAB"
  if ($WHAT ~ /ACK/ && fin[side, client] != "" && acknowledged >= fin[side, client]) {
    if (to == "FIN-WAIT-1") to = "FIN-WAIT-2"
    else if (to == "CLOSING") to = "TIME-WAIT"
    else if (to == "LAST-ACK") to = "CLOSED"
  }
  if ($WHAT ~ /FIN/) {
    if (to == "ESTAB") to = "CLOSE-WAIT"
    else if (to == "FIN-WAIT-1") to = "CLOSING"
    else if (to == "FIN-WAIT-2") to = "TIME-WAIT"
  }
  turn(side, client, $WHAT ~ /RST/ ? "CLOSED" : to)
}

# turn SIDE CLIENT STATE: an event, when it is a new one. CLOSED is no state: nothing is left.
function turn(side, client, to) {
  if (to == state[side, client]) return
  give("state", side, client, to, "-")
  state[side, client] = to == "CLOSED" ? "" : to
  known[side, client] = 1
}

# --- what cannot have been before its cause

# strace does not count the time that it takes itself, to read the arguments. So a call may seem to
# return some microseconds before the packet that it is about; it is held back until that has come.
# possible: what the call of $0 returned agrees with the packets that its end has got so far.
function possible(    call) {
  call = substr($WHAT, 1, index($WHAT, "(") - 1)
  if (call ~ /^(select|poll|epoll_wait)$/) { # it sleeps until there is news
    if ($EVENT == "call") news_before[$SIDE, $TASK] = news[$SIDE]
    return $EVENT == "call" || $RESULT <= 0 || news[$SIDE] > news_before[$SIDE, $TASK]
  }
  if (!is_call() || $CLIENT == "-" || $RESULT == "...") return 1
  if ($RESULT ~ /ECONNRE|EPIPE/ || call ~ /^(recv|read)/ && $RESULT == 0)
    return over[$SIDE, $CLIENT]
  if (call ~ /^(accept|connect)/) return $RESULT < 0 || acknowledges[$CLIENT]
  if (call !~ /^(recv|read)/ || $RESULT < 0 || $WHAT ~ /MSG_PEEK/) return 1
  if (taken[$SIDE, $CLIENT] + $RESULT > came[$SIDE, $CLIENT]) return 0
  taken[$SIDE, $CLIENT] += $RESULT
  return 1
}

# show_held [ALL]: those that have become possible, at the time of the packet; or all of them.
function show_held(all,    line, moment, waiting, i) {
  line = $0
  moment = $MS
  waiting = holds
  holds = 0
  for (i = 1; i <= waiting; i++) {
    $0 = held[i]
    if (possible() || all) {
      if (!all) $MS = moment
      show()
    } else held[++holds] = $0
  }
  $0 = line
}

# --- the moments of rest

# The lines of ss that follow were printed between the times of DETAIL and MS.
function rest() {
  show_held("all")
  resting = last_packet == "" || last_packet < $DETAIL - start
  $DETAIL = "-"
  show()
  split("", shown)
}

function ss(    word) {
  show()
  if ($CLIENT == "-") return # the listener
  split($WHAT, word, " ")
  shown[$SIDE, $CLIENT] = word[1]
  unsent[$SIDE, $CLIENT] = word[3]
  known[$SIDE, $CLIENT] = 1
}

function compare(    end, part) {
  resting = 0
  agreements++
  for (end in known) {
    split(end, part, SUBSEP)
    # A FIN behind bytes for which the other end has no room is no packet yet; the state has changed
    # all the same (RFC 9293, section 3.10.4).
    if (unsent[end] > 0 && state[end] shown[end] ~ /^(ESTABFIN-WAIT-1|CLOSE-WAITLAST-ACK)$/)
      turn(part[1], part[2], shown[end])
    if (state[end] == shown[end]) continue
    disagreed = 1
    give("disagreed", part[1], part[2], or_closed(state[end]), or_closed(shown[end]))
    exit
  }
}
function or_closed(state) { return state == "" ? "CLOSED" : state }
