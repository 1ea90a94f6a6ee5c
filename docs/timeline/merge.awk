# Makes events of what record.sh has written, one a line; `sort -n` brings them in order of time.
# Arguments: port=8883 clients="anna ben", in the order in which they connected; then each file with
# what it is:  kind=packets PACKETS (the capture, by tcpdump -tt --nano)  kind=rests RESTS
#              kind=tasks end=server STRACE  kind=calls STRACE  end=anna STRACE ...
# An event has nine fields, tabs between them, - for what does not apply:
#   ms          milliseconds; since the start only after states.awk
#   event       call, return (of a call that slept), packet, task, rest, ss, end
#   end         server or a client: whose call it is, who sent the packet
#   task        of the program: main, thread 1, child 1 ... of the server; the client itself
#   connection  the client whose it is
#   what        call: its name and arguments; packet: its flags; task: what becomes of it; ss: the
#               state that it shows
#   result      call: what it returned, or ... when it sleeps; packet: bytes of data; ss: Send-Q
#   slept       return: for how many milliseconds, unless it was next to nothing
#   detail      packet: the numbers of its first byte, of the byte expected next, and its window;
#               rest: since when
# A call that takes less than SLEEPS milliseconds is one event, at the time when it was made; one
# that takes longer is two. connect() always is two: three packets come in between.

BEGIN {
  FS = "\n"
  SLEEPS = 50
  split(clients, name, " ")
  listed = "^(socket|setsockopt|bind|listen|accept4?|connect|shutdown|close|" \
    "recv(from|msg)?|readv?|send(to|msg)?|writev?|sendfile|splice)$"
  waiting = "^(p?select6?|p?poll|epoll_p?wait2?|io_uring_enter)$" # for several descriptors
}

# milliseconds TIME: of a time in seconds, since the first that was seen: a double can hold that.
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

# client_of PORT: its name. The packets are read first, and the clients connect in their order.
function client_of(number) {
  if (!(number in owner)) owner[number] = name[++owners]
  return owner[number]
}

# port_of ADDRESS: what stands behind the last colon or, in what tcpdump prints, the last full stop.
function port_of(address) {
  sub(/:$/, "", address)
  sub(/.*[.:]/, "", address)
  return address
}

# --- packets: TIME IP 127.0.0.1.40000 > 127.0.0.1.8883: Flags [.], seq 1:6, ack 1, win 9, length 5

kind == "packets" {
  split($0, word, " ")
  from = port_of(word[3])
  client = client_of(from == port ? port_of(word[5]) : from)
  flags = flag("S", "SYN") flag("F", "FIN") flag("R", "RST") flag("\\.", "ACK")
  event(milliseconds(word[1]), "packet", from == port ? "server" : client, "", client,
    substr(flags, 2), number("length"), "", number("seq") " " number("ack") " " number("win"))
  next
}

function flag(letter, word) { return $0 ~ "Flags \\[[A-Z.]*" letter ? "," word : "" }

# number NAME: the one behind ", NAME "; of a range the first; - for none.
function number(text) {
  text = ", " text " "
  if (!match($0, text "[0-9]+")) return "-"
  return substr($0, RSTART + length(text), RLENGTH - length(text))
}

# --- moments of rest, with the lines of ss -Htan: STATE RECV-Q SEND-Q LOCAL PEER

kind == "rests" {
  split($0, word, " ")
  if (word[1] == "end") event(milliseconds(word[2]), "end")
  else if (word[1] == "rest") {
    at = milliseconds(word[3])
    event(at, "rest", "", "", "", "", "", "", milliseconds(word[2]))
  } else if (word[1] != "LISTEN" && word[1] != "") {
    own = port_of(word[4])
    client = client_of(own == port ? port_of(word[5]) : own)
    event(at, "ss", own == port ? "server" : client, "", client, word[1], word[3])
  }
  next
}

# --- calls: lines of strace -f, PID TIME and then one of
#       name(arguments) = result <seconds>
#       name(arguments <unfinished ...>  and later  <... name resumed>arguments) = result <seconds>
#       --- SIGNAL {...} ---   --- stopped by SIGNAL ---
#       +++ killed by SIGNAL +++   +++ exited with 0 +++

# A first look at the server's, for the names of its tasks: main is the one that calls listen(); the
# others that call TCP have numbers in the order in which they were started. The rest have no name.
kind == "tasks" {
  split($0, word, " ")
  pid = word[1]
  if ($0 ~ / listen\(/ && main == "") main = pid
  if ($0 ~ /<TCP/) calls_tcp[pid] = 1
  if ($0 ~ / (clone3?|v?fork)\(/) starting[pid] = $0 ~ /CLONE_THREAD/ ? "thread" : "child"
  if ($0 ~ /(clone3?|v?fork)(\(| resumed>)/ && new_pid($0)) {
    started[++starts] = new_pid($0)
    sort_of[new_pid($0)] = starting[pid]
  }
  next
}

# new_pid LINE: what a clone() returned; 0 when it did not, or not yet.
function new_pid(line) {
  return match(line, / = [0-9]+ <[0-9.]+>$/) ? substr(line, RSTART + 3) + 0 : 0
}

function name_tasks(    i, pid) {
  named = 1
  task["server " main] = "main"
  for (i = 1; i <= starts; i++) {
    pid = started[i]
    if (pid in calls_tcp && pid != main)
      task["server " pid] = sort_of[pid] " " ++count[sort_of[pid]]
  }
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
  else if (sub(/ <unfinished \.\.\.>$/, "", line)) {
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

# called LINE BEGIN RETURN: the events of a whole call.
function called(line, begin, back,    call, address, result, descriptor) {
  call = line
  sub(/\(.*/, "", call)
  if (call ~ /fork|clone/) starts_task(new_pid(line), begin)
  if (who != "" && call ~ waiting && match(line, /\) += [-?0-9]+/)) {
    result = substr(line, RSTART, RLENGTH)
    sub(/.* /, "", result)
    client = ""
    report(call, "", "", result, begin, back)
  }
  if (who == "" || call !~ listed) return
  address = address_in(line)
  gsub(/"([^"\\]|\\.)*"/, "\"\"", line) # the bytes that are sent may look like anything
  if (!match(line, /\) += /)) return
  result = substr(line, RSTART + RLENGTH)
  line = substr(line, length(call) + 2, RSTART - length(call) - 2)
  if ((call == "socket" ? result : line) !~ /^[0-9]+<(TCP|TCPv6|socket):/) return
  descriptor = line + 0
  peer(call ~ /^accept/ ? result : line)
  sub(/ *<.*/, "", result)   # of 4<TCP:[...]> <0.000012>
  sub(/ +\(.*/, "", result)  # of -1 ECONNRESET (Connection reset by peer)
  if (call == "socket") descriptor = ""
  report(call, descriptor, more(call, line, address), result, begin, back)
}

# peer TEXT: sets client to whose connection "4<TCP:[127.0.0.1:8883->127.0.0.1:40000]>" is. Of a
# connection that is gone strace knows no addresses: then it is whose the descriptor was before.
function peer(text,    descriptor) {
  descriptor = text + 0
  if (end != "server") client = end
  else if (match(text, /->[^>]*:[0-9]+\]>/)) {
    client = client_of(port_of(substr(text, RSTART, RLENGTH - 2)))
    client_on[pid, descriptor] = client_on[descriptor] = client
  } else if ((pid, descriptor) in client_on) client = client_on[pid, descriptor]
  else client = client_on[descriptor] # of the parent, or of another thread
}

# more CALL ARGUMENTS ADDRESS: what is worth seeing beside the descriptor.
function more(call, arguments, address,    argument, text) {
  if (call == "bind" || call == "connect") return address
  split(arguments, argument, ", ")
  if (call ~ /^(listen|shutdown)$/) return argument[2]
  if (call == "setsockopt") return argument[3]
  if (argument[3] == "") return "" # a thread that ended in the call: strace had not read them all
  if (call ~ /^(recvfrom|sendto|read|write)$/) text = argument[3]
  if (call ~ /^(recvfrom|sendto)$/ && argument[4] != "0") text = text ", " argument[4]
  return text
}

# address_in LINE: 127.0.0.1:8881, [::1]:8881 or nothing.
function address_in(line,    other_port, host) {
  if (!match(line, /htons\([0-9]+\)/)) return ""
  other_port = substr(line, RSTART + 6, RLENGTH - 7)
  if (!match(line, /inet_(addr\(|pton\(AF_INET6, )"[^"]*"/)) return ":" other_port
  host = substr(line, RSTART, RLENGTH - 1)
  sub(/.*"/, "", host)
  return (host ~ /:/ ? "[" host "]" : host) ":" other_port
}

# report: the event, or two, of a call. One that a stop of the process interrupts (ERESTARTSYS) is
# made again by the kernel when the process continues: that is still the same call.
function report(call, descriptor, arguments, result, begin, back,    text, again, slept, two) {
  sub(/^recvfrom$/, "recv", call) # the names that the kernel has for recv() and send()
  sub(/^sendto$/, "send", call)
  sub(/^pselect6$/, "select", call)
  sub(/^ppoll$/, "poll", call)
  sub(/^epoll_pwait2?$/, "epoll_wait", call)
  text = call "(" descriptor (arguments == "" ? "" : ", " arguments) ")"
  again = asleep[pid] == text
  if (again) begin = asleep_since[pid]
  asleep[pid] = result ~ /^\?/ ? text : ""
  asleep_since[pid] = begin
  slept = back - begin >= SLEEPS && !is_at_the_end(call, result)
  two = again || slept || call == "connect" || asleep[pid] != ""
  if (!two) event(begin, "call", end, who, client, text, result)
  if (two && !again) event(begin, "call", end, who, call ~ /^accept/ ? "" : client, text, "...")
  if (two && asleep[pid] == "")
    event(back, "return", end, who, client, call "(" descriptor ")", result,
      slept ? back - begin : "")
}

# is_at_the_end: the end of file was read before. Then no recv() sleeps: one that took long had to
# wait for a processor.
function is_at_the_end(call, result,    before) {
  before = (end, client) in end_of_file
  if (call ~ /^(recv|read)/ && result == 0) end_of_file[end, client] = 1
  return call ~ /^(recv|read)/ && before
}

# --- what becomes of a task

function starts_task(child, begin) {
  if (who != "" && task["server " child] != "")
    event(begin, "task", end, who, "", "starts", task["server " child])
}

# A stop is told when it has come about, once for all threads. That a child has ended, or a runtime
# wakes its own threads, is of no interest.
function signalled(line,    signal) {
  split(line, word, " ")
  if (word[2] == "stopped" && who == "main") event(now, "task", end, who, "", "stopped", word[4])
  if (who == "" || word[2] ~ /^(stopped|SIGSTOP|SIGCHLD|SIGURG|SIGWINCH)$/) return
  event(now, "task", end, who, "", "signal", word[2])
}

function ended(line) {
  if (pid in begun) called(unfinished[pid] ") = ?", begun[pid], now)
  split(line, word, " ")
  if (who != "") event(now, "task", end, who, "", word[2] == "killed" ? "killed" : "ends", word[4])
}
