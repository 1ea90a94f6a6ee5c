# Folds repetition. Input: the events of states.awk. Gives them with one field more, TIMES, how
# often it has happened, where it happened first. Needs events.awk. Folded are the same one to four
# calls of a task with the same results when it makes them 8 times in turn.

{
  line[NR] = $0
  times[NR] = 1
}
is_of_program() {
  task = $SIDE " " $TASK
  event[task, ++count[task]] = NR
  key[NR] = $EVENT " " $WHAT " " $RESULT
}

END {
  for (task in count)
    for (at = 1; at <= count[task]; at += fold(task, at));
  for (i = 1; i <= NR; i++)
    if (times[i]) print line[i], times[i]
}

# fold TASK AT: folds what happens again and again from there on, and leaves its first turn. Returns
# how many events that were; 1 when none does.
function fold(task, at,    period, last, turns, i) {
  for (period = 1; period <= 4; period++) {
    for (last = at + period; last <= count[task]; last++)
      if (key[event[task, last]] != key[event[task, last - period]]) break
    turns = int((last - at) / period)
    if (turns < 8) continue
    for (i = at; i < at + period * turns; i++)
      times[event[task, i]] = i < at + period ? turns : 0
    return period * turns
  }
  return 1
}
