# Draws the events of fold.awk for a terminal of 80 columns: the time; at the left the server's
# program, its calls behind the number of their line of source; at the right the client's; in
# between the two kernels, a | each, with their packets. Beside its | stands the state that a
# kernel's end of the connection gets to. Takes colour=1 for a terminal. Needs events.awk,
# words.awk.

BEGIN {
  LEFT = 30  # columns of the server's program
  WIRE = 19  # between the kernels
  RIGHT = 22 # of the client's program; with the time, 7 columns, and the two |, that is 80
  BOLD = colour ? "\033[1m" : ""
  CYAN = colour ? "\033[36m" : ""
  PLAIN = colour ? "\033[0m" : ""
}

{ event[NR] = $0 }
is_packet() && !($CLIENT in met) { met[$CLIENT] = 1; clients++; client = $CLIENT }
length(line_number()) > digits { digits = length(line_number()) }
function line_number(    part) { return split($SOURCE, part, ":") == 2 ? part[2] : "" }

END {
  if ($EVENT == "disagreed") {
    show_disagreement()
    exit
  }
  begin_row("title", "ms")
  server_text = words("server")
  client_text = clients == 1 ? sprintf(words("client %s"), client) : words("clients")
  server_state = client_state = words("its kernel")
  for (i = 1; i <= NR; i++) {
    $0 = event[i]
    if ($EVENT == "state") show_state()
    else if (is_packet()) show_packet()
    else if (is_of_program()) show_program()
    else if ($EVENT == "rest") pauses = 1
    else if ($EVENT == "cable") show_cable()
  }
  put_row()
  if ($EVENT == "agreed")
    printf "\n" words("At each of %s moments of rest ss showed the same states.") "\n", $RESULT
}

# ss has shown another state than the packets lead to.
function show_disagreement(    side) {
  side = $SIDE == "server" ? words("server's end") : words("client's end")
  printf words("At %s ms the packets say of the %s of %s's connection: %s, and ss says: %s.") "\n",
    $MS, side, $CLIENT, $WHAT, $RESULT
  print words("Nothing is drawn, because one of the two is wrong. KEEP=folder keeps the recording.")
}

# --- events

# A state belongs into the row of the packet, or of the listen(), that has led to it.
function show_state() {
  if (row_of != ($CLIENT == "-" ? "program" : "packet")) begin_row("packet", $MS)
  if ($CLIENT != "-") client_text = of_several()
  if ($SIDE == "server") server_state = $WHAT
  else client_state = $WHAT
}

# A packet's bytes stand in a second row when there is no room for them in the first.
function show_packet() {
  begin_row("packet", $MS)
  client_text = of_several()
  if ($WAITED > 0 && $SIDE == "server") server_state = again()
  if ($WAITED > 0 && $SIDE != "server") client_state = again()
  if ($TIMES > 1 || width(label()) > WIRE - ($EVENT == "lost" ? 5 : 3)) {
    second_wire = centred(number_of_bytes($RESULT))
    $RESULT = 0
  }
  if ($EVENT == "lost")
    wire = $SIDE == "server" ? dashed(label(), WIRE - 3) "x  " : "  x" dashed(label(), WIRE - 3)
  else wire = $SIDE == "server" ? dashed(label(), WIRE - 1) ">" : "<" dashed(label(), WIRE - 1)
}
function again() { return sprintf(words("again after %s ms"), int($WAITED + 0.5)) }

function show_program() {
  begin_row("program", $MS)
  if ($SIDE != "server") client_text = (clients > 1 ? $SIDE ": " : "") what_happened()
  else {
    server_text = ($TASK == "main" ? "" : task_name($TASK) ": ") what_happened()
    if (digits) server_text = sprintf("%" digits "s %s", line_number(), server_text)
  }
}

function show_cable() {
  begin_row("", $MS)
  print clock($MS) dashed(cable(), LEFT + WIRE + RIGHT + 2)
}

function of_several() { return clients > 1 ? $CLIENT : "" }

# --- a row

# begin_row KIND MS: prints the row before, which the events since then have filled in. A moment of
# rest is an empty row between two others.
function begin_row(kind, ms) {
  put_row()
  if (pauses) put("", "", "", "", "", "")
  pauses = 0
  row_of = kind
  at = ms
}

function put_row() {
  if (row_of) put(clock(at), server_text, server_state, wire, client_state, client_text)
  if (second_wire != "") put("", "", "", second_wire, "", "")
  server_text = server_state = wire = client_state = client_text = second_wire = ""
}

function clock(ms) { return sprintf(ms !~ /^[0-9]/ ? "%6s " : ms < 9999 ? "%6.1f " : "%6d ", ms) }

# put: what is too wide for its part runs over the | beside it.
function put(time, program, state, wire, client_state, client,    left, right, free) {
  free = LEFT - width(program) - width(state)
  if (wire == "") wire = blanks(WIRE)
  if (free >= 0) left = program blanks(free) bold(state) "|" CYAN wire PLAIN
  else left = program blanks(LEFT + 1 + WIRE - width(program))
  free = RIGHT - width(client) - width(client_state)
  if (free >= 0) right = "|" bold(client_state) blanks(free) client
  else {
    left = substr(blanks(LEFT) "|" blanks(WIRE), 1, LEFT + 1 + WIRE + 1 + RIGHT - width(client))
    right = client
  }
  time = sprintf("%7s%s%s", time, left, right)
  sub(/ +$/, "", time)
  print time
}
function bold(text) { return text ~ /^[A-Z]/ ? BOLD text PLAIN : text }

# Of a character of Chinese awk counts three bytes under LC_ALL=C, and a terminal two columns.
function width(text,    wide) {
  wide = gsub(/[\343-\357]/, "&", text)
  return length(text) - wide
}
function blanks(count) { return count > 0 ? sprintf("%" count "s", "") : "" }

function dashed(text, columns,    free, dashes) {
  free = columns - 2 - width(text)
  dashes = blanks(free)
  gsub(/ /, "-", dashes)
  return substr(dashes, 1, int(free / 2)) " " text " " substr(dashes, int(free / 2) + 1)
}
function centred(text,    free) {
  free = WIRE - width(text)
  return blanks(int(free / 2)) text blanks(free - int(free / 2))
}
