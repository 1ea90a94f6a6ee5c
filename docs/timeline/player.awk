# Makes the table of events of the player. Needs events.awk and words.awk. What it does is its kind:
#   rests, a file of record.sh, then events, a table with names in its first line: puts behind each
#            rest what ss showed then, an event "ss" for each line. Clients' ports become 50001,
#            50002 ... as on the pages
#   phrases      prints for each event what the drawings call it
#   comparable   leaves out of the table, and of what stands around it, what may be different in
#                another recording of the same conversation

function masked(address,    port) {
  port = address
  sub(/.*:/, "", port)
  if (port + 0 < 32768) return address # a server's, or *
  if (!(port in client)) client[port] = 50001 + clients++
  return substr(address, 1, length(address) - length(port)) client[port]
}

kind == "rests" {
  split($0, word, " ")
  if (word[1] == "rest") rests++
  else if (word[1] ~ /^[A-Z]/)
    shown[rests] = shown[rests] word[1] " " word[2] " " word[3] " " masked(word[4]) " " \
      masked(word[5]) "\n"
}

kind == "events" { print }
kind == "events" && $EVENT == "rest" {
  count = split(shown[++rest], row, "\n")
  for (i = 1; i < count; i++) print $MS, "ss", "-", "-", "-", row[i]
}

kind == "phrases" {
  if (is_packet()) print label()
  else if ($EVENT == "cable") print cable()
  else print is_of_program() ? what_happened() : "-"
}

kind == "comparable" && NF < 2 { print }
kind == "comparable" && NF > TIMES && $EVENT !~ /^(rest|agreed)$/ {
  if ($DETAIL == "bytes" || $TIMES > 1) $RESULT = $TIMES = ""
  $MS = $WAITED = $DETAIL = ""
  for (i = TIMES + 1; i <= NF; i++) if ($EVENT == "return") $i = ""; else gsub(/[0-9,]+/, "", $i)
  print
}
