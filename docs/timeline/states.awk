# Derives the state of each end of each connection from the packets that it has sent and received,
# by figure 5 of RFC 9293, and compares it with what ss showed at each moment of rest.
# Input: the events of merge.awk in order of time. Gives back those before the event "end", in
# milliseconds since the first and without those of ss, and two more kinds:
#   state    what: the state from now on; end: whose kernel. It stands after what has led to it.
#   agreed   the last event; result: at how many moments of rest ss was asked, and agreed
# Status 1, and a sentence on standard error, when ss does not agree. Needs words.awk.

BEGIN { FS = OFS = "\t" }

NR == 1 { start = $1 }
$2 != "ss" && resting { compare() }
$2 == "end" { exit }
$2 == "rest" { rest(); next }
$2 == "ss" { shown[$3, $5] = $6; unsent[$3, $5] = $7; known[$3, $5] = 1; next }
$2 == "packet" { packet(); next }
possible() { show(); next }
{ held[++holds] = $0 }

END {
  $1 = rested
  if (!disagreed) give("agreed", "-", "-", "-", agreements + 0)
  exit disagreed
}

# show: the event as it stands. give: one of our own.
function show() {
  $1 = sprintf("%.3f", $1 - start)
  print
  if ($2 == "call" && $6 ~ /^listen\(/ && $7 == 0) give("state", "server", "-", "LISTEN", "-")
}
function give(event, end, connection, what, result) {
  print $1, event, end, "-", connection, what, result, "-", "-"
}

# --- packets and what they do to the states

function packet(    receiver) {
  last_packet = $1
  show()
  receiver = $3 == "server" ? $5 : "server"
  sends($3, $5)
  receives(receiver, $5)
  show_held()
}

# sends END CONNECTION, receives: the packet of $0. Its fields 6, 7 and 9: the flags; the bytes of
# data; the numbers of its first byte and of the byte that is expected next.
function sends(end, connection,    from, to, number) {
  from = to = state[end, connection]
  split($9, number, " ")
  if ($6 ~ /ACK/) acknowledges[end, connection] = 1
  if ($6 ~ /FIN/) fin[end, connection] = number[1] + $7 + 1 # the number that acknowledges it
  if ($6 ~ /RST/) to = from == "" ? "" : "CLOSED"
  else if ($6 ~ /SYN,ACK/) to = "SYN-RECV"
  else if ($6 ~ /SYN/) to = "SYN-SENT"
  else if ($6 ~ /FIN/ && (from == "ESTAB" || from == "SYN-RECV")) to = "FIN-WAIT-1"
  else if ($6 ~ /FIN/ && from == "CLOSE-WAIT") to = "LAST-ACK"
  turn(end, connection, to)
}

function receives(end, connection,    to, number) {
  to = state[end, connection]
  if (to == "") return
  split($9, number, " ")
  came[end, connection] += $7
  if ($6 ~ /FIN|RST/) over[end, connection] = 1
  if ($7 > 0 || $6 ~ /FIN|RST/ || to == "SYN-RECV") news[end]++
  if ($6 ~ /RST/) to = "CLOSED"
  else {
    if ($6 ~ /SYN,ACK/ && to == "SYN-SENT") to = "ESTAB"
    if ($6 ~ /ACK/ && to == "SYN-RECV") to = "ESTAB"
    if ($6 ~ /ACK/ && fin[end, connection] != "" && number[2] >= fin[end, connection]) {
      if (to == "FIN-WAIT-1") to = "FIN-WAIT-2"
      else if (to == "CLOSING") to = "TIME-WAIT"
      else if (to == "LAST-ACK") to = "CLOSED"
    }
    if ($6 ~ /FIN/) {
      if (to == "ESTAB") to = "CLOSE-WAIT"
      else if (to == "FIN-WAIT-1") to = "CLOSING"
      else if (to == "FIN-WAIT-2") to = "TIME-WAIT"
    }
  }
  turn(end, connection, to)
}

# turn END CONNECTION STATE: an event, when it is a new one. CLOSED is no state: nothing is left.
function turn(end, connection, to) {
  if (to == state[end, connection]) return
  give("state", end, connection, to, "-")
  state[end, connection] = to == "CLOSED" ? "" : to
  known[end, connection] = 1
}

# --- what cannot have been before its cause

# strace tells when a call was made, and how long the kernel was at it: not the time that strace
# itself took in between, to read the arguments. So a call may seem to return some microseconds
# before the packet that it is about. It is held back until that packet has come.
# possible: what the call of $0 returned agrees with the packets that its end has got so far.
function possible(    call) {
  if ($5 == "-" && $6 ~ /^(select|poll|epoll_wait)\(/) { # it sleeps until there is news
    if ($2 == "call") news_before[$3, $4] = news[$3]
    return $2 == "call" || $7 <= 0 || news[$3] > news_before[$3, $4]
  }
  if ($2 !~ /^(call|return)$/ || $5 == "-" || $7 == "...") return 1
  call = $6
  sub(/\(.*/, "", call)
  if ($7 ~ /ECONNREFUSED/) return over[$3, $5]
  if (call == "connect") return $7 != 0 || acknowledges[$3, $5]
  if (call ~ /^accept/) return $7 < 0 || acknowledges[$5, $5]
  if (call ~ /^(send|write)/) return $7 !~ /EPIPE|ECONNRESET/ || over[$3, $5]
  if (call !~ /^(recv|read)/) return 1
  if ($7 == 0 || $7 ~ /ECONNRESET/) return over[$3, $5]
  if ($7 < 0 || $6 ~ /MSG_PEEK/) return 1
  if (taken[$3, $5] + $7 > came[$3, $5]) return 0
  taken[$3, $5] += $7
  return 1
}

# show_held [ALL]: those that have become possible, at the time of the packet; or all of them.
function show_held(all,    i, kept, now, line) {
  now = $1 + start
  line = $0
  for (i = 1; i <= holds; i++) {
    $0 = held[i]
    if (possible() || all) {
      if (!all) $1 = now
      show()
    } else held[++kept] = $0
  }
  holds = kept + 0
  $0 = line
}

# --- the moments of rest

# The lines of ss that follow were printed between the times of fields 9 and 1.
function rest() {
  show_held("all")
  resting = last_packet == "" || last_packet < $9
  $9 = "-"
  show()
  rested = $1
  split("", shown)
}

function compare(    key, part) {
  resting = 0
  agreements++
  for (key in known) {
    split(key, part, SUBSEP)
    if (unsent[key] > 0 && fin_waits(state[key], shown[key])) turn(part[1], part[2], shown[key])
    if (state[key] != shown[key]) disagree(part[1], part[2], state[key], shown[key])
  }
  if (disagreed) exit
}

# A FIN behind bytes for which the other end has no room is no packet yet; the state has changed all
# the same (RFC 9293, section 3.10.4).
function fin_waits(derived, shown) {
  return derived == "ESTAB" && shown == "FIN-WAIT-1" ||
    derived == "CLOSE-WAIT" && shown == "LAST-ACK"
}

function disagree(end, connection, derived, shown) {
  disagreed = 1
  printf words("disagree") "\n", rested, words(end == "server" ? "server's end" : "client's end"),
    connection, derived == "" ? "CLOSED" : derived, shown == "" ? "CLOSED" : shown > "/dev/stderr"
}
