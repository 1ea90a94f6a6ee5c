# Folds repetition. Input: the events of states.awk. Gives them with one field more, TIMES, how
# often it has happened, where it happened first. Needs events.awk. What is folded:
#   the same calls: a task makes the same one to four calls in turn, with the same results, 3 times;
#   much data: a task receives and sends in turn, whatever the sizes, 8 times; or an end sends 8
#     packets that carry or acknowledge data and change no state. Then RESULT is the sum of the
#     bytes, DETAIL is "bytes", and the last packet stands alone: it may have closed the window.

BEGIN { LONGEST = 4 }

{
  line[NR] = $0
  size[NR] = $RESULT
  times[NR] = 1
  if ($EVENT == "state" && packet) alike[packet] = packet # one that changes a state stands alone
  if ($EVENT != "state") packet = $EVENT == "packet" ? NR : 0
  if ($EVENT == "packet") add("packets " $SIDE " " $CLIENT, NR, $WHAT == "ACK" ? "data" : NR)
  if (is_of_program())
    add("calls " $SIDE " " $TASK, $EVENT " " $WHAT " " $RESULT, carries_data() ? short_name() : NR)
}

function carries_data() {
  return $EVENT == "call" && $WHAT ~ /^(recv|read|send|write)/ && $RESULT > 0
}
function short_name(    text) {
  text = $WHAT
  sub(/,.*/, ")", text)
  return text
}

# add LANE KEY KEY: the event is the next one of its lane. Two with the same first key are the same;
# with the same second key they differ in their sizes at most.
function add(name, same, similar) {
  if (!(name in length_of)) lane[++lanes] = name
  event[name, ++length_of[name]] = NR
  exactly[NR] = same
  alike[NR] = similar
}

END {
  for (i = 1; i <= lanes; i++)
    for (at = 1; at <= length_of[lane[i]]; at += fold(lane[i], at));
  for (i = 1; i <= NR; i++) {
    $0 = line[i]
    if (i in bytes) sum_up(bytes[i])
    if (times[i]) print $0, times[i]
  }
}

function sum_up(sum) {
  if ($EVENT == "call") $WHAT = short_name()
  $RESULT = sum
  $DETAIL = "bytes"
}

# fold LANE AT: folds what happens again and again from there on. Returns how many events that were;
# 1 when none does.
function fold(name, at,    period, turns) {
  for (period = 1; period <= LONGEST; period++) {
    turns = count_turns(name, at, period, alike)
    if (turns >= 8) return gather(name, at, period, turns - (name ~ /^packets/), 1)
  }
  for (period = 1; period <= LONGEST; period++) {
    turns = count_turns(name, at, period, exactly)
    if (turns >= 3) return gather(name, at, period, turns, 0)
  }
  return 1
}

# count_turns LANE AT PERIOD KEYS: how often the next PERIOD events come one after the other.
function count_turns(name, at, period, key,    i) {
  for (i = at + period; i <= length_of[name]; i++)
    if (key[event[name, i]] != key[event[name, i - period]]) break
  return int((i - at) / period)
}

# gather LANE AT PERIOD TURNS SUM: leaves the first turn. Returns how many events that were.
function gather(name, at, period, turns, sum,    i, first) {
  for (i = at; i < at + period * turns; i++) {
    first = event[name, at + (i - at) % period]
    if (i >= at + period) times[event[name, i]] = 0
    times[first] = turns
    if (sum) bytes[first] += size[event[name, i]]
  }
  return period * turns
}
