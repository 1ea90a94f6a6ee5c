# Of the events of states.awk or player.awk, and of what stands around them in a page: what is the
# same in another recording of the same conversation. Takes taste=1, to leave out what programmers
# may choose as they like: lines of source, sizes of buffers. Needs events.awk.

$EVENT ~ /^(rest|ss|agreed)$/ { next }
NF >= SOURCE {
  if ($TIMES > 1) $TIMES = "many"
  $MS = ""
  $WAITED = $DETAIL = "-"
  for (i = TIMES + 1; i <= NF; i++) {
    gsub(/[0-9,]+/, "", $i)
    if ($EVENT == "return" && $WHAT ~ /^connect/) $i = "" # it has slept, or not quite
  }
  if (taste) $SOURCE = "-"
  if (taste && $EVENT == "call") sub(/,.*/, ")", $WHAT)
}
{ print }
