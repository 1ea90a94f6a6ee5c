# Draws the events of fold.awk for a terminal of 80 columns: the time; at the left the server's
# program, its calls behind the number of their line of source; at the right the client's; in
# between the two kernels, a | each, with their packets. Beside its | stands the state that a
# kernel's end of the connection gets to. Needs events.awk.

BEGIN {
  LEFT = 30  # columns of the server's program
  WIRE = 19  # between the kernels
  RIGHT = 22 # of the client's program; with the time, 7 columns, and the two |, that is 80
  EMPTY = sprintf("%" LEFT "s|%" WIRE "s|%" RIGHT "s", "", "", "")
}

{ event[NR] = $0 }
is_packet() && !($CLIENT in met) { met[$CLIENT] = 1; clients++; client = $CLIENT }
length(line_number()) > digits { digits = length(line_number()) }

END {
  begin_row("title", "ms")
  text["server"] = words("server")
  text["client"] = clients == 1 ? sprintf(words("client %s"), client) : words("clients")
  state["server"] = state["client"] = words("its kernel")
  for (i = 1; i <= NR; i++) {
    $0 = event[i]
    side = $SIDE == "server" ? "server" : "client"
    if ($EVENT == "state") show_state()
    else if (is_packet()) show_packet()
    else if (is_of_program()) show_program()
    else if ($EVENT == "rest") pauses = 1
    else if ($EVENT == "cable") show_cable()
  }
  end_row()
  if ($EVENT == "agreed")
    printf "\n" words("At each of %s moments of rest ss showed the same states.") "\n", $RESULT
}

# --- events

# A state belongs into the row of the packet, or of the listen(), that has led to it.
function show_state() {
  if (row_of != ($CLIENT == "-" ? "program" : "packet")) begin_row("packet", $MS)
  state[side] = $WHAT
}

function show_packet(    room, packet) {
  begin_row("packet", $MS)
  if ($WAITED > 0) state[side] = sprintf(words("again after %s ms"), int($WAITED + 0.5))
  room = WIRE - ($EVENT == "lost" ? 3 : 1)
  packet = label()
  if (width(packet) > room - 2) sub(/ [^ ]*$/, "", packet) # no room for "bytes"
  wire = padded(" " packet " ", room, "-")
  if ($EVENT == "lost") wire = side == "server" ? wire "x  " : "  x" wire
  else wire = side == "server" ? wire ">" : "<" wire
}

function show_program() {
  begin_row("program", $MS)
  if (side == "client") text[side] = (clients > 1 ? $SIDE ": " : "") what_happened()
  else text[side] = line_number() ($TASK == "main" ? "" : task_name($TASK) ": ") what_happened()
}

# line_number: of the call's source, as wide as the widest of them, and a space.
function line_number(    number) {
  if ($SOURCE != "-") number = substr($SOURCE, index($SOURCE, ":") + 1) " "
  return sprintf("%" digits + 0 "s", number)
}

function show_cable() {
  begin_row("", $MS)
  print clock($MS) padded(" " cable() " ", length(EMPTY), "-")
}

# --- a row

# begin_row KIND MS: a row, which the events to come fill in; that of a packet says whose it is, if
# there are several clients. A moment of rest is an empty row between two others.
function begin_row(kind, ms) {
  end_row()
  if (pauses) print_row("")
  pauses = 0
  row_of = kind
  at = ms
  if (kind == "packet" && clients > 1) text["client"] = $CLIENT
}

function end_row() {
  if (row_of) print_row(clock(at))
  split("", text)
  split("", state)
  wire = ""
}

function clock(ms) { return sprintf(ms !~ /^[0-9]/ ? "%6s " : ms < 9999 ? "%6.1f " : "%6d ", ms) }

# What is too wide for its part runs over the | beside it, and hides a state. From right to left: a
# character of Chinese has more bytes than columns, and what stands before a column has none yet.
function print_row(time) {
  row = EMPTY
  lay(length(EMPTY) + 1 - width(text["client"]), text["client"])
  if (width(state["client"]) + width(text["client"]) <= RIGHT)
    lay(LEFT + WIRE + 3, state["client"])
  lay(LEFT + 2, wire)
  if (width(text["server"]) + width(state["server"]) <= LEFT)
    lay(LEFT + 1 - width(state["server"]), state["server"])
  lay(1, text["server"])
  sub(/ +$/, "", row)
  printf "%7s%s\n", time, row
}

# lay COLUMN TEXT: over what the row has there.
function lay(column, part) {
  row = substr(row, 1, column - 1) part substr(row, column + width(part))
}

# Of a character of Chinese awk counts three bytes under LC_ALL=C, and a terminal two columns.
function width(part,    wide) {
  wide = gsub(/[\343-\357]/, "&", part)
  return length(part) - wide
}

# padded TEXT COLUMNS CHARACTER: in the middle of so many.
function padded(part, columns, character) {
  while (width(part) + 1 < columns) part = character part character
  return width(part) < columns ? part character : part
}
