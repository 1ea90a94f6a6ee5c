# Brings what record.sh has written to events, one a line, not yet in order of time: `sort -n`.
# Arguments: clients="anna ben", in the order in which they connected; port=; then each file with what
# it is: kind=calls end=server server.strace kind=calls end=anna anna.strace
# kind=packets PACKETS (tcpdump -tt --nano of the capture) kind=rests rests
# Gives events of nine fields, tabs between them, - for what does not apply:
#   ms          milliseconds; not yet since the start
#   event       call, return (of a call that slept), packet, task, rest, end
#   end         server or the name of a client: whose call it is; who sent the packet
#   task        of the server's program: main, thread 1, child 1 ...
#   connection  the name of the client
#   what        call: its name and arguments; packet: its flags; task: what became of it
#   result      call: what it returned, "..." when it slept, nothing when it never returned;
#               packet: how many bytes of data
#   slept       of a return: for how many milliseconds, unless it was next to nothing
#   detail      packet: seq ack window; rest: since when; of a call: nothing
# A call that takes less than SLEEPS milliseconds is one event, at the time when it was made; one that
# takes longer is two, its call and its return. connect() always is two: packets come in between.

BEGIN {
  FS = "\n"
  OFS = "\t"
  SLEEPS = 20
  split(clients, name, " ")
  listed = "^(socket|bind|listen|accept4?|connect|recv(from|msg)?|read|readv|send(to|msg)?|write|" \
    "writev|sendfile|splice|shutdown|close|setsockopt)$"
}

# milliseconds TIME: of a time in seconds since 1970, from the first that was seen; so a double is
# exact to the nanosecond.
function milliseconds(time,    part) {
  split(time, part, ".")
  if (base == "") base = part[1]
  return (part[1] - base) * 1000 + ("0." part[2]) * 1000
}

function event(ms, kind, end, task, connection, what, result, slept, detail) {
  printf "%.6f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", ms, kind, or_dash(end), or_dash(task),
    or_dash(connection), or_dash(what), or_dash(result), or_dash(slept), or_dash(detail)
}
function or_dash(text) { return text == "" ? "-" : text }

# client_of PORT: the name of the client that has it; ports are given names in the order in which they
# are first seen, which is the order in which the clients have connected.
function client_of(client_port) {
  if (!(client_port in owner)) owner[client_port] = name[++owners]
  return owner[client_port]
}

# --- packets: "TIME IP 127.0.0.1.40000 > 127.0.0.1.8883: Flags [S.], seq 1, ack 1, win 9, ..., length 0"

kind == "packets" {
  split($0, word, " ")
  from = port_of(word[3])
  to = port_of(word[5])
  flags = flag("S", "SYN") flag("F", "FIN") flag("R", "RST") flag("\\.", "ACK")
  sub(/^,/, "", flags)
  client = client_of(from == port ? to : from)
  seq = number(", seq ")
  event(milliseconds(word[1]), "packet", from == port ? "server" : client, "", client, flags,
    number(", length "), "", seq " " number(", ack ") " " number(", win "))
  next
}

function port_of(address) {
  sub(/:$/, "", address)
  sub(/.*\./, "", address)
  return address
}
function flag(letter, word) {
  return match($0, "Flags \\[[A-Z.]*" letter) ? "," word : ""
}
# number BEFORE: the number that stands behind that text; - for none. Of a range a:b the first.
function number(before) {
  if (!match($0, before "[0-9]+")) return "-"
  return substr($0, RSTART + length(before), RLENGTH - length(before))
}

# --- moments of rest

kind == "rests" && /^rest / {
  split($0, word, " ")
  since = milliseconds(word[2])
  at = milliseconds(word[3])
  sockets = 0
  event(at, "rest", "", "", "", "", "", "", since)
  next
}
kind == "rests" && /^end / {
  split($0, word, " ")
  event(milliseconds(word[2]), "end")
  next
}
# A line of ss: the end whose own port is the server's is the server's.
kind == "rests" {
  split($0, word, " ")
  if (word[1] == "LISTEN" || word[1] == "") next
  own = word[4]
  other = word[5]
  sub(/.*:/, "", own)
  sub(/.*:/, "", other)
  client = client_of(own == port ? other : own)
  event(at, "ss", own == port ? "server" : client, "", client, word[1], word[3], "", since)
  next
}

# --- calls: lines of strace -f: "PID TIME " and then one of
#       name(arguments) = result <seconds>
#       name(arguments <unfinished ...>   and later   <... name resumed>arguments) = result <seconds>
#       --- SIGNAL {...} ---   --- stopped by SIGNAL ---
#       +++ killed by SIGNAL +++   +++ exited with 0 +++

# A first look at the server's calls, for the names of its tasks: main is the one that calls listen(),
# threads and children get numbers as they are started. Those that call nothing of TCP's get no name.
kind == "tasks" {
  split($0, word, " ")
  if ($0 ~ / listen\(/ && main == "") main = word[1]
  if ($0 ~ /<TCP/) speaks[word[1]] = 1
  if ($0 ~ /(clone3?|v?fork)( resumed>|\().* = [0-9]+ <[0-9.]+>$/) {
    match($0, / = [0-9]+ <[0-9.]+>$/)
    split(substr($0, RSTART), word, " ")
    started[++starts] = word[2]
    sort_of[word[2]] = $0 ~ /CLONE_THREAD/ ? "thread" : "child"
  }
  next
}

# name_tasks: gives main its name, and a number to each that it has started and that calls TCP.
function name_tasks(    i, count) {
  named = 1
  task["server " main] = "main"
  for (i = 1; i <= starts; i++)
    if (started[i] in speaks && started[i] != main)
      task["server " started[i]] = sort_of[started[i]] " " ++count[sort_of[started[i]]]
}

kind == "calls" {
  if (!named) name_tasks()
  if (!match($0, /^ *[0-9]+ +[0-9.]+ /)) next
  split(substr($0, 1, RLENGTH), word, " ")
  line = substr($0, RLENGTH + 1)
  now = milliseconds(word[2])
  pid = end " " word[1]
  who = end == "server" ? task[pid] : end
  if (line ~ /^\+\+\+ /) ended(line)
  else if (line ~ /^--- /) signalled(line)
  else if (line ~ / <unfinished \.\.\.>$/) {
    sub(/ <unfinished \.\.\.>$/, "", line)
    begun[pid] = now
    unfinished[pid] = line
  } else if (sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", line)) {
    called(unfinished[pid] line, begun[pid], now)
    delete begun[pid]
  } else called(line, now, now + duration(line))
  next
}

# duration LINE: milliseconds; 0 for a call that the end of its process has cut off.
function duration(line) {
  return match(line, /<[0-9.]+>$/) ? substr(line, RSTART + 1, RLENGTH - 2) * 1000 : 0
}

# called LINE BEGIN RETURN: a whole call.
function called(line, begin, back,    call, address, result, descriptor, client, text, slept) {
  call = line
  sub(/\(.*/, "", call)
  if (call ~ /fork|clone/) {
    starts_task(line, begin)
    return
  }
  if (who == "" || call !~ listed) return
  address = address_in(line)
  gsub(/"([^"\\]|\\.)*"(\.\.\.)?/, "\"\"", line) # the bytes themselves may look like anything
  if (!match(line, /\) += /)) return
  result = substr(line, RSTART + RLENGTH)
  line = substr(line, length(call) + 2, RSTART - length(call) - 2)
  if ((call == "socket" ? result : line) !~ /^[0-9]+<(TCP|TCPv6|socket):/) return
  descriptor = line + 0
  client = end == "server" ? peer(call ~ /^accept/ ? result : line, descriptor) : end
  if (call ~ /^accept/) client_on[result + 0] = client
  sub(/ *<.*/, "", result) # 4<TCP:[...]> <0.000012>
  sub(/ +\(.*/, "", result) # -1 ECONNRESET (Connection reset by peer)
  text = call
  sub(/^recvfrom$/, "recv", text) # what the kernel calls recv() and send()
  sub(/^sendto$/, "send", text)
  report(text, call == "socket" ? "" : descriptor, more(call, line, address), result, client, begin, back)
}

# report: the event, or two, of a call. One that a stop of the process interrupts (ERESTARTSYS) is
# made again by the kernel when the process continues: that is still the same call.
function report(call, descriptor, arguments, result, client, begin, back,    text) {
  text = call "(" descriptor (arguments == "" ? "" : ", " arguments) ")"
  if (asleep[pid] == text) begin = asleep_since[pid]
  else if (result ~ /^\?/ || call == "connect" || back - begin >= SLEEPS)
    event(begin, "call", end, who, client, text, "...")
  else event(begin, "call", end, who, client, text, result)
  if (result !~ /^\?/ && (asleep[pid] == text || call == "connect" || back - begin >= SLEEPS))
    event(back, "return", end, who, client, call "(" descriptor ")", result, back - begin >= SLEEPS ? back - begin : "")
  asleep[pid] = result ~ /^\?/ ? text : ""
  asleep_since[pid] = begin
}

# more CALL ARGUMENTS ADDRESS: what is worth seeing beside the descriptor.
function more(call, arguments, address,    argument, text) {
  if (call == "bind" || call == "connect") return address
  split(arguments, argument, ", ")
  if (call ~ /^(listen|shutdown)$/) return argument[2]
  if (call == "setsockopt") return argument[3]
  if (call ~ /^(recvfrom|sendto|read|write)$/) text = argument[3]
  if (call ~ /^(recvfrom|sendto)$/ && argument[4] != "0") text = text ", " argument[4]
  return text
}

# address_in LINE: as one writes it, 127.0.0.1:8881 or [::1]:8881; of IPv4 without quotes.
function address_in(line,    host) {
  if (!match(line, /htons\([0-9]+\)/)) return ""
  port_there = substr(line, RSTART + 6, RLENGTH - 7)
  if (!match(line, /inet_(addr\(|pton\(AF_INET6, )"[^"]*"/)) return ":" port_there
  host = substr(line, RSTART, RLENGTH - 1)
  sub(/.*"/, "", host)
  return (host ~ /:/ ? "[" host "]" : host) ":" port_there
}

# peer TEXT DESCRIPTOR: the client at the other end of "4<TCP:[127.0.0.1:8883->127.0.0.1:40000]>"; of
# a connection that is gone strace knows no addresses, so what the descriptor was before.
function peer(text, descriptor) {
  if (!match(text, /->[^>]*:[0-9]+\]>/)) return client_on[descriptor]
  text = substr(text, RSTART, RLENGTH)
  sub(/\]>$/, "", text)
  sub(/.*:/, "", text)
  return client_of(text)
}

function starts_task(line, begin) {
  if (who != "" && match(line, / = [0-9]+ <[0-9.]+>$/)) {
    split(substr(line, RSTART), word, " ")
    if (task["server " word[2]] != "") event(begin, "task", end, who, "", "starts", task["server " word[2]])
  }
}

# Signals that are of no interest: a child has ended, a runtime wakes its threads.
function signalled(line,    signal) {
  split(line, word, " ")
  signal = word[2] == "stopped" ? word[4] : word[2]
  if (who == "" || signal ~ /^SIG(CHLD|URG|WINCH)$/ || (signal == "SIGSTOP" && word[2] != "stopped")) return
  if (signal == "SIGSTOP" && who != "main") return
  event(now, "task", end, who, "", signal == "SIGSTOP" ? "stopped" : "signal", signal)
}

function ended(line) {
  if (pid in begun) called(unfinished[pid] ") = ?", begun[pid], now)
  if (who == "") return
  split(line, word, " ")
  event(now, "task", end, who, "", word[2] == "killed" ? "killed" : "ends", word[4])
}
