# An event is a line with tabs between its fields, and - in those that do not apply. Here, for every
# awk program of this folder: the numbers of the fields, and what the drawings say of an event.
# FORMAT=tsv prints them; docs/timeline.md, "For other tools", tells more of each.

BEGIN {
  FS = OFS = "\t"
  MS = 1      # when, in milliseconds since the first call
  EVENT = 2   # call, return, packet, lost, cable, state, task, rest, ss, agreed
  SIDE = 3    # who calls or sends, or whose state it is: server, or the name of a client
  TASK = 4    # which task of the server: main, thread 1, child 1; of a client its name
  CLIENT = 5  # whose connection: the name of a client
  WHAT = 6    # the call with its arguments, the flags of a packet, the state, the line of ss
  RESULT = 7  # what the call returned, ... if it sleeps; the bytes of a packet
  WAITED = 8  # milliseconds that the call has slept, or since the same packet was last sent
  DETAIL = 9  # of a packet: sequence number, acknowledgement number, window
  SOURCE = 10 # the line that made the call: server.c:75
  TIMES = 11  # how often it has happened (only after fold.awk)
}

$MS == "ms" { next } # the first line that FORMAT=tsv prints

function is_call() { return $EVENT == "call" || $EVENT == "return" }
function is_of_program() { return is_call() || $EVENT == "task" }
function is_packet() { return $EVENT == "packet" || $EVENT == "lost" }

# --- words: of the event in $0, in the reader's language; the names of calls, flags and states
# belong to none. Takes table=FILE: on a line an English sentence, on the next its Chinese;
# in_english=1 does without.

BEGIN { while ((getline english < table) > 0) getline chinese[english] < table }

function words(english) {
  return english in chinese && !in_english ? chinese[english] : english
}

# label: of a packet, its flags and bytes.
function label(    text) {
  text = $WHAT
  gsub(/,/, ", ", text)
  if ($RESULT == 1) return text ", " sprintf(words("%s byte"), 1)
  if ($RESULT > 1) return text ", " sprintf(words("%s bytes"), thousands($RESULT))
  return $WHAT == "ACK" && $DETAIL ~ / 0$/ ? text ", " words("window 0") : text
}

# cable: whose packets are lost from here on, or arrive again.
function cable() {
  return sprintf($WHAT == "cut" ? words("from here on, what the %s sends is lost") : \
    words("from here on, what the %s sends arrives"), words($SIDE))
}

# what_happened: of a program.
function what_happened(    text) {
  if ($EVENT == "task") return what_becomes()
  text = $WHAT ($RESULT == "..." ? " ..." : " = " $RESULT)
  if ($WAITED > 0) text = sprintf(words("%s, slept %s ms"), text, int($WAITED + 0.5))
  if ($TIMES > 1) text = sprintf(words("%s, %s times"), text, thousands($TIMES))
  return text
}

function what_becomes() {
  if ($WHAT == "starts") return sprintf(words("starts %s"), task_name($RESULT))
  if ($WHAT == "killed") return sprintf(words("is ended by %s"), $RESULT)
  if ($WHAT == "signal") return sprintf(words("is sent %s"), $RESULT)
  if ($WHAT == "stopped") return sprintf(words("is stopped (%s)"), $RESULT)
  return $TASK ~ /^thread/ ? words("ends") : sprintf(words("ends with status %s"), $RESULT)
}

# task_name NAME: "thread 1", "child 1" in the reader's language.
function task_name(name,    part) {
  split(name, part, " ")
  if (part[2] == "") return name
  return sprintf(part[1] == "thread" ? words("thread %s") : words("child %s"), part[2])
}

# thousands NUMBER: with commas.
function thousands(number,    rest) {
  rest = length(number) - 3
  return rest > 0 ? thousands(substr(number, 1, rest)) "," substr(number, rest + 1) : number
}
