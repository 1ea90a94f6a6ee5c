# Makes events (events.awk) of what record.sh has written; `sort -n` brings them in order of time.
# Arguments: port=8883, then each file with what it is: kind=packets PACKETS (the capture, by
# tcpdump -e -tt --nano) kind=rests RESTS kind=lines LINES (of source.sh) kind=tasks server.strace
# kind=calls anna.strace ben.strace server.strace
# Beside those of events.awk it gives "end", of the scene, and in DETAIL of a rest since when.
# A call that takes less than SLEEPS milliseconds is one event, at the time when it was made.

BEGIN {
  OFS = "\t"
  SLEEPS = 50
  NO_CARD = "02:00:00:00:00:99," # tests/helpers/machines.bash: what is sent to it is lost
  split("anna ben", name)        # the clients of scenes.bash, in the order in which they connect
}

function event(ms, kind, side, task, client, what, result, waited, detail, source) {
  print sprintf("%.4f", ms), kind, or_none(side), or_none(task), or_none(client), or_none(what),
    or_none(result), or_none(waited), or_none(detail), or_none(source)
}
function or_none(field) { return field == "" ? "-" : field }

# client_of ADDRESS [ADDRESS]: the name of the client that has one of them; the other one is the
# server's. The packets are read first, and the clients connect in their order.
function client_of(one, other,    number) {
  number = port_of(one) == port ? port_of(other) : port_of(one)
  if (!(number in owner)) owner[number] = name[++owners]
  return owner[number]
}

# port_of ADDRESS: what stands behind the last colon or, in what tcpdump prints, the last full stop.
function port_of(address) {
  sub(/[^0-9]*$/, "", address)
  sub(/.*[.:]/, "", address)
  return address
}

# --- packets: TIME CARD > CARD, ethertype IPv4 (0x0800), length 71:
#              127.0.0.1.40000 > 127.0.0.1.8883: Flags [.], seq 1:6, ack 1, win 9, length 5

kind == "packets" {
  at = $1 * 1000
  arrives = $4 == NO_CARD ? "lost" : "packet"
  client = client_of($10, $12)
  side = port_of($10) == port ? "server" : client
  sub(/.*: Flags /, "")
  flags = flag("S", "SYN") flag("F", "FIN") flag("R", "RST") flag("\\.", "ACK")
  event(at, arrives, side, "", client, substr(flags, 2), number("length"), since_last(),
    number("seq") " " number("ack") " " number("win"))
}

function flag(letter, word) { return $1 ~ letter ? "," word : "" }

# number NAME: the one behind ", NAME "; of a range the first; - for none.
function number(text) {
  text = ", " text " "
  return match($0, text "[0-9]+") ? substr($0, RSTART + length(text), RLENGTH - length(text)) : "-"
}

# since_last: for how long the packet was not sent, when it is one that is sent again. A bare
# acknowledgement is new each time.
function since_last(    packet, before) {
  if (number("length") == 0 && flags !~ /SYN|FIN/) return ""
  packet = side " " client " " number("seq")
  before = sent[packet]
  sent[packet] = at
  return before == "" ? "" : at - before
}

# --- moments of rest, with the lines of ss -Htan: STATE RECV-Q SEND-Q LOCAL PEER

kind == "rests" && $1 == "end" { event($2 * 1000, "end") }
kind == "rests" && $1 == "cable" { event($4 * 1000, "cable", $3, "", "", $2) }
kind == "rests" && $1 == "rest" {
  at = $3 * 1000
  event(at, "rest", "", "", "", "", "", "", sprintf("%.4f", $2 * 1000))
}
kind == "rests" && /^[A-Z]/ {
  client = $1 == "LISTEN" ? "" : client_of($4, $5)
  event(at, "ss", port_of($4) == port ? "server" : client, "", client,
    $1 " " $2 " " $3 " " $4 " " $5)
}

# --- calls: lines of strace -f -k, PID TIME and then one of
#       name(arguments) = result <seconds>
#       name(arguments <unfinished ...>  and later  <... name resumed>arguments) = result <seconds>
#       --- SIGNAL {...} ---   --- stopped by SIGNAL ---
#       +++ killed by SIGNAL +++   +++ exited with 0 +++
#     and below a call the lines of its stack, > PROGRAM(FUNCTION) [ADDRESS]

kind == "lines" {
  split($0, word, "\t")
  place[word[1]] = word[2]
}

# A first look at the server's, for the lines of source and the names of its tasks: main is the one
# that calls listen(), others that call TCP are numbered as they are started, the rest have none.
kind == "tasks" && $0 in place && !(call in source_of) { source_of[call] = place[$0] }
kind == "tasks" && !/^ > / {
  call = FNR
  if (/ listen\(/ && main == "") main = $1
  if (/<TCP/) calls_tcp[$1] = 1
  if (/ (clone3?|v?fork)\(/) starts[$1] = /CLONE_THREAD/ ? "thread" : "child"
  if (started($0)) sort_of[started($0)] = starts[$1]
}

# started LINE: the pid that clone() or fork() has returned, if the line says so.
function started(line) {
  if (line !~ /(clone3?|fork)[( ]/ || !match(line, / = [0-9]+ <[0-9.]+>$/)) return 0
  return substr(line, RSTART + 3) + 0
}

function name_of(pid) {
  if (pid == main) return "main"
  if (!(pid in calls_tcp)) return ""
  if (!(pid in task)) task[pid] = sort_of[pid] " " ++count[sort_of[pid]]
  return task[pid]
}

kind == "calls" && FNR == 1 {
  end = FILENAME
  gsub(/.*\/|\.strace$/, "", end)
}
kind == "calls" && !/^ > / {
  pid = $1
  now = $2 * 1000
  who = end == "server" ? name_of(pid) : end
  source = end == "server" ? source_of[FNR] : ""
  line = $0
  sub(/^ *[0-9]+ +[0-9.]+ /, "", line)
  if ($3 == "+++") ended()
  else if ($3 == "---") signalled()
  else if (sub(/ <unfinished \.\.\.>$/, "", line)) {
    begun[pid] = now
    unfinished[pid] = line
  } else if (sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", line)) {
    called(unfinished[pid] line, begun[pid], now)
    delete begun[pid]
  } else called(line, now, now + substr($NF, 2) * 1000)
}

# called LINE BEGIN RETURN: the events of a whole call.
function called(line, begin, back,    call, child, address, result, own) {
  call = substr(line, 1, index(line, "(") - 1)
  child = name_of(started(line)) # in the order in which they are started
  if (who == "") return
  if (child != "") event(begin, "task", end, who, "", "starts", child)
  if (call ~ /^(bind|connect)$/) address = address_in(line)
  gsub(/"([^"\\]|\\.)*"/, "\"\"", line) # the bytes that are sent may look like anything
  if (!match(line, /\) += /)) return
  result = substr(line, RSTART + RLENGTH)
  line = substr(line, length(call) + 2, RSTART - length(call) - 2)
  own = call == "socket" || call ~ /^accept/ ? result : line # the connection's, or the new one's
  sub(/ *[<(].*/, "", result) # of 4<TCP:[...]> <0.000012>, -1 ECONNRESET (Connection reset ...)
  if (call ~ /select|poll|io_uring/) report(call, "", "", "", result, begin, back)
  else if ((call == "socket" ? own : line) ~ /^[0-9]+<(TCP|TCPv6|socket):/)
    report(call, call == "socket" ? "" : line + 0, address more(call, line), peer(own), result,
      begin, back)
}

# peer TEXT: whose connection "4<TCP:[127.0.0.1:8883->127.0.0.1:40000]>" is. If it is gone, strace
# knows no addresses: then it is whose the descriptor was, here or in the parent or another thread.
function peer(text,    descriptor) {
  descriptor = text + 0
  if (end != "server") return end
  if (match(text, /->[^>]*:[0-9]+\]>/))
    client_on[pid, descriptor] = client_on[descriptor] = client_of(substr(text, RSTART, RLENGTH))
  return (pid, descriptor) in client_on ? client_on[pid, descriptor] : client_on[descriptor]
}

# more CALL ARGUMENTS: what is worth seeing beside the descriptor.
function more(call, arguments,    argument) {
  split(arguments, argument, ", ") # fewer, of a thread that ended in the call
  if (call ~ /^(listen|shutdown)$/) return argument[2]
  if (call ~ /^(recvfrom|sendto)$/ && argument[4] !~ /^0?$/) return argument[3] ", " argument[4]
  return call ~ /^(setsockopt|recvfrom|sendto|read|write)$/ ? argument[3] : ""
}

# address_in LINE: 127.0.0.1:8881 or [::1]:8881.
function address_in(line,    part) {
  split(line, part, "\"")
  sub(/.*htons\(/, "", line)
  return (part[2] ~ /:/ ? "[" part[2] "]" : part[2]) ":" line + 0
}

# report: the events of one call. There are four cases:
#   it returns at once: a call with its result
#   it sleeps: a call, and a return. connect() is always two: three packets come in between.
#   a stop of the process interrupts it (ERESTARTSYS): the call only; the kernel will make it again
#   it is one that the kernel makes again: the return only, or nothing if it is interrupted again
function report(call, descriptor, arguments, client, result, begin, back,
                text, again, returns, slept) {
  sub(/^(recvfrom|sendto)$/, substr(call, 1, 4), call) # the kernel has other names than programs
  sub(/^pselect6$/, "select", call)
  sub(/^ppoll$/, "poll", call)
  sub(/^epoll_pwait2?$/, "epoll_wait", call)
  text = call "(" descriptor (arguments == "" ? "" : ", " arguments) ")"
  again = interrupted[pid] == text
  if (again) begin = begun_at[pid]
  returns = result !~ /^\?/
  interrupted[pid] = returns ? "" : text
  begun_at[pid] = begin
  slept = back - begin >= SLEEPS
  # Behind the end of file no recv() sleeps: one that took long had to wait for a processor.
  if (call ~ /^(recv|read)/ && result == 0 && end_of_file[end, client]++) slept = 0
  if (returns && !again && !slept && call != "connect")
    event(begin, "call", end, who, client, text, result, "", "", source)
  else {
    if (!again)
      event(begin, "call", end, who, call ~ /^accept/ ? "" : client, text, "...", "", "", source)
    if (returns)
      event(back, "return", end, who, client, call "(" descriptor ")", result,
        slept ? back - begin : "", "", source)
  }
}

# --- what becomes of a task

# A stop is told when it has come about, once for all threads. That a child has ended, or a runtime
# wakes its own threads, is of no interest.
function signalled() {
  if ($4 == "stopped" && who == "main") event(now, "task", end, who, "", "stopped", $6)
  if (who == "" || $4 ~ /^(stopped|SIGSTOP|SIGCHLD|SIGURG)$/) return
  event(now, "task", end, who, "", "signal", $4)
}

function ended() {
  if (pid in begun) called(unfinished[pid] ") = ?", begun[pid], now)
  if (who != "") event(now, "task", end, who, "", $4 == "killed" ? "killed" : "ends", $6)
}
