# Brings the events of states.awk into one order, so that another recording of the same conversation
# gives the same page. Needs events.awk. Leaves out acknowledgements of data in packets of their
# own: whether the kernel sends one, or has the next packet carry it, differs between versions of
# Linux. Orders what programs do between two packets or moments of rest: there nobody waits for
# anybody, and either may be first. The client's events come before the server's, main's before
# those of its threads.
# Takes compare=1, to leave out what differs between recordings all the same, times and counts (also
# in the fields of player.awk); and taste=1, what programmers may choose as they like: lines of
# source, sizes of buffers.

compare && NF >= SOURCE { simplify() }
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
compare && $EVENT ~ /^(rest|ss|agreed)$/ { next }
{ print }

function simplify(    i) {
  $MS = ""
  $WAITED = $DETAIL = "-"
  for (i = TIMES; i <= NF; i++) gsub(/[0-9,]+/, "", $i)
  if (taste) $SOURCE = "-"
  if (taste && $EVENT == "call") sub(/,.*/, ")", $WHAT)
}
