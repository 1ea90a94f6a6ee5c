# Draws the events of fold.awk as a sequence diagram of Mermaid, for a page: after order.awk, and
# without times and counts, which are different in each recording. Needs words.awk.

BEGIN { FS = "\t" }

# Those who take part, from left to right: the server's tasks, the two kernels, the clients.
{ event[NR] = $0 }
$2 ~ /^(call|return|task)$/ && !(($3, $4) in letter) { meet() }

END {
  print "sequenceDiagram"
  for (i = 1; i <= tasks; i++)
    participant("S" i, words("server") (tasks == 1 ? "" : ": " task_name(task[i])))
  participant("SK", words("server's kernel"))
  participant("CK", words("client's kernel"))
  for (i = 1; i <= clients; i++) participant("C" i, sprintf(words("client"), client[i]))
  for (i = 1; i <= NR; i++) {
    $0 = event[i]
    if ($2 == "packet") packet()
    else if ($2 == "state") note($3 == "server" ? "SK" : "CK", of_several() $6)
    else if ($2 == "call") message(letter[$3, $4], "->>", kernel(), phrase())
    else if ($2 == "return") message(kernel(), "-->>", letter[$3, $4], phrase())
    else if ($2 == "task" && $6 == "starts") starts()
    else if ($2 == "task") note(letter[$3, $4], what_happened())
  }
}

function meet() {
  if ($3 == "server") task[++tasks] = $4
  else client[++clients] = $3
  letter[$3, $4] = $3 == "server" ? "S" tasks : "C" clients
}

function packet() {
  if ($10 > 1) message(kernel(), "->>", other_kernel(), of_several() words("many packets"))
  else message(kernel(), "->>", other_kernel(), of_several() label())
}

# A task begins with the call that made it.
function starts() {
  message(letter[$3, $4], "->>", letter["server", $7],
    $7 ~ /^thread/ ? "pthread_create()" : "fork()")
}

# phrase: of a call, without how long it slept and how often it was repeated.
function phrase(    often) {
  often = $10
  $8 = "-"
  $10 = 1
  return often > 1 ? sprintf(words("again"), $9 == "bytes" ? $6 : what_happened()) : what_happened()
}

function kernel() { return $3 == "server" ? "SK" : "CK" }
function other_kernel() { return $3 == "server" ? "CK" : "SK" }
function of_several() { return clients > 1 && $5 != "-" ? $5 ": " : "" }
function participant(name, text) { print "    participant " name " as " text }
function message(from, arrow, to, text) { print "    " from arrow to ": " text }
function note(over, text) { print "    Note over " over ": " text }
