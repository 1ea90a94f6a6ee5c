# Brings the events of states.awk into one order, so that another recording of the same conversation
# gives the same page. Needs events.awk. Between two packets or moments of rest nobody waits for
# anybody, and what programs do may come in any order: here the client's events come first, then
# main's, then those of its threads. Acknowledgements of data in packets of their own are left out:
# whether the kernel sends one, or the next packet carries it, depends on its version.
# compare=1 leaves out what still differs between recordings, times and counts (also in the fields
# of player.awk); taste=1 what programmers may choose, lines of source and sizes of buffers.

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
