# Brings the events of states.awk into the one order in which a page shows them, so that another
# recording of the same conversation gives the same page. Needs events.awk. Leaves out
# acknowledgements of data in packets of their own: whether the kernel sends one, or has the next
# packet carry it, differs between versions of Linux. Orders what programs do between two packets or
# moments of rest: there nobody waits for anybody, and either may be first. The client's events come
# before the server's, main's before those of its threads.

is_of_program() { program[++programs] = $0; next }
{ put_programs() }
bare != "" { if ($EVENT == "state") print bare; bare = "" }
$EVENT == "packet" && $WHAT == "ACK" && $RESULT == 0 { bare = $0; next }
{ print }

function put_programs(    rank, i) {
  for (rank = 0; rank <= 9; rank++)
    for (i = 1; i <= programs; i++)
      if (rank_of(program[i]) == rank) print program[i]
  programs = 0
}

# rank_of EVENT: 0 for a client, 1 for main, from 2 on for the others as they were started.
function rank_of(event,    field, part) {
  split(event, field, FS)
  if (field[SIDE] != "server") return 0
  if (field[TASK] == "main") return 1
  split(field[TASK], part, " ")
  return part[2] > 8 ? 9 : part[2] + 1
}
