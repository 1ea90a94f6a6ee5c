# Makes the table of events of the player, from the events of fold.awk: with what the drawings call
# each in English and in Chinese as two fields more, and with clients' ports as on the pages, 50001
# and 50002. Needs events.awk.

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
