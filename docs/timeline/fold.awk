# Folds repetition. Input: the events of states.awk. Gives them with one field more, TIMES, how
# often it has happened, where it happened first. Needs events.awk. Folded is what happens 8 times
# in turn: the same one to four calls of a task with the same results, or, of data, with any sizes;
# packets of an end that carry or acknowledge data and change no state. Of those the last one before
# a rest stands alone: it may have closed the window. Of data RESULT is then the sum of the bytes,
# and DETAIL is "bytes".

{
  line[NR] = $0
  times[NR] = 1
  if ($EVENT == "state" && packet) key[packet] = packet # one that changes a state stands alone
  if ($EVENT != "state") packet = $EVENT == "packet" ? NR : 0
}
$EVENT == "rest" { rests++ }
packet == NR { add("packets " $SIDE " " $CLIENT " " rests, $WHAT == "ACK" ? "data" : NR) }
is_of_program() {
  add("calls " $SIDE " " $TASK, carries_data() ? short_name() : $EVENT " " $WHAT " " $RESULT)
}
packet == NR || carries_data() { size[NR] = $RESULT }

function carries_data() {
  return $EVENT == "call" && $WHAT ~ /^(recv|read|send|write)/ && $RESULT > 0
}
function short_name(    text) {
  text = $WHAT
  sub(/,.*/, ")", text)
  return text
}

# add LANE KEY: the event is the next one of its lane. Two with the same key are the same.
function add(lane, same) {
  event[lane, ++length_of[lane]] = NR
  key[NR] = same
}

END {
  for (lane in length_of)
    for (at = 1; at <= length_of[lane]; at += fold(lane, at));
  for (i = 1; i <= NR; i++) {
    $0 = line[i]
    if (i in bytes) {
      if ($EVENT == "call") $WHAT = short_name()
      $RESULT = bytes[i]
      $DETAIL = "bytes"
    }
    if (times[i]) print $0, times[i]
  }
}

# fold LANE AT: folds what happens again and again from there on, and leaves its first turn. Returns
# how many events that were; 1 when none does.
function fold(lane, at,    period, last, turns, i, first) {
  for (period = 1; period <= 4; period++) {
    for (last = at + period; last <= length_of[lane]; last++)
      if (key[event[lane, last]] != key[event[lane, last - period]]) break
    turns = int((last - at) / period)
    if (turns < 8) continue
    if (lane ~ /^packets/) turns--
    for (i = at; i < at + period * turns; i++) {
      first = event[lane, at + (i - at) % period]
      if (event[lane, i] in size) bytes[first] += size[event[lane, i]]
      times[event[lane, i]] = 0
      times[first] = turns
    }
    return period * turns
  }
  return 1
}
