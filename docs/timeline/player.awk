# Gives the player the events of fold.awk, with two fields more: what the drawings call each, in
# English and in Chinese. Clients' ports are as on the pages, 50001 and 50002. Needs events.awk.

$CLIENT != "-" && !($CLIENT in its_port) { its_port[$CLIENT] = 50000 + ++clients }
$EVENT == "ss" { gsub(/:[3-6][0-9][0-9][0-9][0-9]/, ":" its_port[$CLIENT], $WHAT) }
{
  in_english = 1
  english = phrase()
  in_english = 0
  print $0, english, phrase()
}

function phrase() {
  if (is_packet()) return label()
  if ($EVENT == "cable") return cable()
  return is_of_program() ? what_happened() : "-"
}
