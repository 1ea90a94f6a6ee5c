# Draws the events of fold.awk as a sequence diagram of Mermaid, for a page: after order.awk, and
# without the times and counts that differ between recordings. Needs events.awk.

# Those who take part, from left to right: the server's tasks, the two kernels, the clients.
{ event[NR] = $0 }
is_of_program() && !(($SIDE, $TASK) in letter) {
  if ($SIDE == "server") task[++tasks] = $TASK
  else client[++clients] = $SIDE
  letter[$SIDE, $TASK] = $SIDE == "server" ? "S" tasks : "C" clients
}

END {
  print "sequenceDiagram"
  for (i = 1; i <= tasks; i++)
    participant("S" i, words("server") (tasks == 1 ? "" : ": " task_name(task[i])))
  participant("SK", words("server's kernel"))
  participant("CK", words("client's kernel"))
  for (i = 1; i <= clients; i++) participant("C" i, sprintf(words("client %s"), client[i]))
  for (i = 1; i <= NR; i++) {
    $0 = event[i]
    program = letter[$SIDE, $TASK]
    kernel = $SIDE == "server" ? "SK" : "CK"
    whose = clients > 1 && $CLIENT != "-" ? $CLIENT ": " : ""
    if (is_packet())
      message(kernel, $EVENT == "lost" ? "-x" : "->>", kernel == "SK" ? "CK" : "SK", whose packet())
    else if ($EVENT == "state") note(kernel, whose $WHAT)
    else if ($EVENT == "cable") note("SK,CK", cable())
    else if ($EVENT == "call") message(program, "->>", kernel, phrase())
    else if ($EVENT == "return") message(kernel, "-->>", program, phrase())
    else if ($EVENT == "task" && $WHAT == "starts") # with the call that made it
      message(program, "->>", letter["server", $RESULT],
        $RESULT ~ /^thread/ ? "pthread_create()" : "fork()")
    else if ($EVENT == "task") note(program, what_becomes())
  }
}

# packet: of one that is sent again, with the tenths of a second in full that it was not sent.
function packet() {
  if ($WAITED == "-") return label()
  return sprintf(words("%s, again %s s later"), label(), int($WAITED / 100) / 10)
}

# phrase: of a call, without how long it slept and how often it was repeated.
function phrase(    text) {
  text = $WHAT ($RESULT == "..." ? " ..." : " = " $RESULT)
  return $TIMES > 1 ? sprintf(words("%s, again and again"), text) : text
}

function participant(name, text) { print "    participant " name " as " text }
function message(from, arrow, to, text) { print "    " from arrow to ": " text }
function note(over, text) { print "    Note over " over ": " text }
