# Folds repetition. Input: the events of states.awk. Gives them with a tenth field: how often it has
# happened; it stands where it happened first. What is folded:
#   the same calls: a task makes the same one to four calls in turn, with the same results, 3 times;
#   much data: a task receives and sends in turn, whatever the sizes, 8 times; or an end sends 8
#     packets that carry or acknowledge data and change no state. Then field 7 is the sum of the
#     bytes, field 9 is "bytes", and the last packet stands alone: it may have closed the window.

BEGIN {
  FS = OFS = "\t"
  LONGEST = 4
}

{
  line[NR] = $0
  times[NR] = 1
  if ($2 == "state" && packet) roughly[packet] = packet # a packet that changes a state stands alone
  packet = $2 == "packet" ? NR : $2 == "state" ? packet : 0
  if ($2 == "packet") add("packets " $3 " " $5, NR, $6 == "ACK" ? "data" : NR)
  if ($2 ~ /^(call|return|task)$/)
    add("calls " $3 " " $4, $2 " " $6 " " $7, carries_data() ? short_name() : NR)
}

function carries_data() { return $2 == "call" && $6 ~ /^(recv|read|send|write)/ && $7 > 0 }
function short_name(    text) {
  text = $6
  sub(/,.*/, ")", text)
  return text
}

# add LANE KEY KEY: the event is the next one of its lane. Two with the same first key are the same;
# with the same second key they differ in their sizes at most.
function add(name, same, alike) {
  if (!(name in length_of)) lane[++lanes] = name
  event[name, ++length_of[name]] = NR
  exactly[NR] = same
  roughly[NR] = alike
}

END {
  for (i = 1; i <= lanes; i++) fold(lane[i])
  for (i = 1; i <= NR; i++) if (times[i]) print line[i], times[i]
}

function fold(name,    at, count) {
  for (at = 1; at <= length_of[name]; at += period * count)
    if ((count = repeats(name, at, roughly, 8)))
      gather(name, at, count - (name ~ /^packets/), 1)
    else if ((count = repeats(name, at, exactly, 3))) gather(name, at, count, 0)
    else period = count = 1
}

# repeats LANE AT KEYS LEAST: how often the events at AT come in turn; 0 when less than LEAST times.
# Sets period to the number of events that take turns.
function repeats(name, at, key, least,    i) {
  for (period = 1; period <= LONGEST; period++) {
    for (i = at + period; i <= length_of[name]; i++)
      if (key[event[name, i]] != key[event[name, i - period]]) break
    if (int((i - at) / period) >= least) return int((i - at) / period)
  }
  return 0
}

# gather LANE AT COUNT SUM: leaves of COUNT turns the first.
function gather(name, at, count, sum,    i, first) {
  for (i = at; i < at + period * count; i++) {
    first = event[name, at + (i - at) % period]
    if (i >= at + period) times[event[name, i]] = 0
    times[first] = count
    if (sum) bytes[first] += bytes_of(event[name, i])
    if (sum) total(first)
  }
}

function bytes_of(number,    field) {
  split(line[number], field, FS)
  return field[7]
}

function total(number) {
  $0 = line[number]
  if ($2 == "call") $6 = short_name()
  $7 = bytes[number]
  $9 = "bytes"
  line[number] = $0
}
