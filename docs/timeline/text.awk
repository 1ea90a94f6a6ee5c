# Draws the events of fold.awk for a terminal of 80 columns: the time, at the left the server's
# program, at the right the client's, in between the two kernels, a | each, with their packets.
# Beside its | stands the state that a kernel's end of the connection gets to. Takes colour=1 for
# a terminal. Needs words.awk.

BEGIN {
  FS = "\t"
  LEFT = 30  # columns of the server's program
  WIRE = 19  # between the kernels
  RIGHT = 22 # of the client's program; with the time, 7 columns, and the two |, that is 80
  BOLD = colour ? "\033[1m" : ""
  CYAN = colour ? "\033[36m" : ""
  PLAIN = colour ? "\033[0m" : ""
}

{ event[NR] = $0 }
$2 == "packet" && !($5 in met) { met[$5] = 1; clients++; client = $5 }

END {
  row("ms", words("server"), words("its kernel"), "", words("its kernel"),
    clients == 1 ? sprintf(words("client"), client) : words("clients"))
  for (i = 1; i <= NR; i++) {
    $0 = event[i]
    if ($2 == "packet") packet_row()
    else if ($2 == "state" && $3 == "server") row($1, "", $6, "", "", of_several())
    else if ($2 == "state") row($1, "", "", "", $6, of_several())
    else if ($2 == "rest") pause()
    else if ($2 == "agreed") printf "\n" words("agreed") "\n", $7
    else program_row()
  }
}

# packet_row: one row, with the states that it leads to at both ends; a second one for many bytes.
function packet_row(    ms, arrow, name, bytes, left, right) {
  ms = $1
  name = of_several()
  if ($10 > 1 || width(label()) > WIRE - 3) {
    bytes = centred(number_of_bytes($7))
    $7 = 0
  }
  arrow = $3 == "server" ? to_right(label()) : to_left(label())
  for (; following("state") && $5 != "-"; i++) {
    if ($3 == "server") left = $6
    else right = $6
  }
  row(ms, "", left, arrow, right, name)
  if (bytes != "") row("", "", "", bytes, "", "")
}

# following EVENT: the next event is of that kind; $0 becomes that event then.
function following(kind,    field) {
  if (i == NR) return 0
  split(event[i + 1], field, FS)
  if (field[2] != kind) return 0
  $0 = event[i + 1]
  return 1
}

# program_row: a call, its return or what becomes of a task; with listen() the kernel's LISTEN.
function program_row(    ms, text, state) {
  ms = $1
  text = what_happened()
  if ($3 != "server") {
    row(ms, "", "", "", "", (clients > 1 ? $3 ": " : "") text)
    return
  }
  if ($4 != "main") text = task_name($4) ": " text
  if (following("state") && $5 == "-") {
    state = $6
    i++
  }
  row(ms, text, state, "", "", "")
}

# pause: a moment of rest is an empty row, between others.
function pause() {
  if (!following("rest") && !following("agreed")) row("", "", "", "", "", "")
}

function of_several() { return clients > 1 ? $5 : "" }

# --- a row

# row MS PROGRAM STATE WIRE STATE PROGRAM: what is too wide for its part runs over the | beside it.
function row(ms, program, state, wire, client_state, client,    left, right, free) {
  ms = sprintf(ms !~ /^[0-9]/ ? "%6s " : ms < 9999 ? "%6.1f " : "%6d ", ms)
  free = LEFT - width(program) - width(state)
  if (wire == "") wire = blanks(WIRE)
  if (free >= 0) left = program blanks(free) BOLD state PLAIN "|" CYAN wire PLAIN
  else left = program blanks(LEFT + 1 + WIRE - width(program))
  free = RIGHT - width(client) - width(client_state)
  if (free >= 0) right = "|" BOLD client_state PLAIN blanks(free) client
  else {
    left = substr(blanks(LEFT) "|" blanks(WIRE), 1, LEFT + 1 + WIRE + 1 + RIGHT - width(client))
    right = client
  }
  ms = ms left right
  sub(/ +$/, "", ms)
  print ms
}

# Of a character of Chinese awk counts three bytes under LC_ALL=C, and a terminal two columns.
function width(text,    wide) {
  wide = gsub(/[\343-\357]/, "&", text)
  return length(text) - wide
}
function blanks(count) { return count > 0 ? sprintf("%" count "s", "") : "" }

function to_right(text) { return dashed(text) ">" }
function to_left(text) { return "<" dashed(text) }
function dashed(text,    free, dashes) {
  free = WIRE - 3 - width(text)
  dashes = blanks(free)
  gsub(/ /, "-", dashes)
  return substr(dashes, 1, int(free / 2)) " " text " " substr(dashes, int(free / 2) + 1)
}
function centred(text,    free) {
  free = WIRE - width(text)
  return blanks(int(free / 2)) text blanks(free - int(free / 2))
}
