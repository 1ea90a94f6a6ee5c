# Brings the events of states.awk into the one order in which a page shows them, so that another
# recording of the same conversation gives the same page. Needs events.awk. Leaves out
# acknowledgements of data in packets of their own: whether the kernel sends one, or has the next
# packet carry it, differs between versions of Linux. Orders what programs do between two packets or
# moments of rest: there nobody waits for anybody, and either may be first. The client's events come
# before the server's, main's before those of its threads.

is_of_program() {
  rank = $SIDE != "server" ? 0 : $TASK == "main" ? 1 : substr($TASK, index($TASK, " ")) + 1
  program[rank] = program[rank] $0 "\n"
  if (rank > last) last = rank
  next
}
{
  for (rank = 0; rank <= last; rank++) printf "%s", program[rank]
  split("", program)
}
bare != "" { if ($EVENT == "state") print bare; bare = "" }
$EVENT == "packet" && $WHAT == "ACK" && $RESULT == 0 { bare = $0; next }
{ print }
