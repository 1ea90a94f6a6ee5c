# Makes events (events.awk) of what record.sh has written; `sort -n` brings them in order of time.
# Arguments: port=8883 clients="anna ben", in the order in which they connected; then each file with
# what it is:  kind=packets PACKETS (the capture, by tcpdump -e -tt --nano)  kind=rests RESTS
#              kind=lines LINES (of source.sh)  kind=tasks STRACE
#              kind=calls end=server STRACE  end=anna STRACE ...
# Beside those of events.awk it gives: ss, what ss shows of one end (WHAT: its state, RESULT: its
# Send-Q); end, of the scene; and in DETAIL of a rest since when.
# A call that takes less than SLEEPS milliseconds is one event, at the time when it was made.

BEGIN {
  FS = "\n"
  SLEEPS = 50
  NO_CARD = "02:00:00:00:00:99," # tests/helpers/machines.bash: what is sent to it is lost
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

function event(ms, kind, side, task, client, what, result, waited, detail, source) {
  printf "%.6f\t%s", ms, kind
  put(side); put(task); put(client); put(what); put(result); put(waited); put(detail); put(source)
  print ""
}
function put(text) { printf "\t%s", text == "" ? "-" : text }

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

# --- packets: TIME CARD > CARD, ethertype IPv4 (0x0800), length 71:
#              127.0.0.1.40000 > 127.0.0.1.8883: Flags [.], seq 1:6, ack 1, win 9, length 5

kind == "packets" {
  split($0, word, " ")
  at = milliseconds(word[1])
  arrives = word[4] == NO_CARD ? "lost" : "packet"
  sub(/^[^(]*\([^:]*: /, "")
  split($0, word, " ")
  from = port_of(word[1])
  client = client_of(from == port ? port_of(word[3]) : from)
  side = from == port ? "server" : client
  flags = flag("S", "SYN") flag("F", "FIN") flag("R", "RST") flag("\\.", "ACK")
  event(at, arrives, side, "", client, substr(flags, 2), number("length"), since_last(),
    number("seq") " " number("ack") " " number("win"))
  next
}

function flag(letter, word) { return $0 ~ "Flags \\[[A-Z.]*" letter ? "," word : "" }

# number NAME: the one behind ", NAME "; of a range the first; - for none.
function number(text) {
  text = ", " text " "
  if (!match($0, text "[0-9]+")) return "-"
  return substr($0, RSTART + length(text), RLENGTH - length(text))
}

# since_last: for how long the packet was not sent, when it is one that is sent again. A bare
# acknowledgement is new each time.
function since_last(    packet, before) {
  packet = side " " client " " number("seq")
  if (number("length") == 0 && flags !~ /SYN|FIN/) return ""
  before = sent[packet]
  sent[packet] = at
  return before == "" ? "" : at - before
}

# --- moments of rest, with the lines of ss -Htan: STATE RECV-Q SEND-Q LOCAL PEER

kind == "rests" {
  split($0, word, " ")
  if (word[1] == "end") event(milliseconds(word[2]), "end")
  else if (word[1] == "cable") event(milliseconds(word[4]), "cable", word[3], "", "", word[2])
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

# --- calls: lines of strace -f -k, PID TIME and then one of
#       name(arguments) = result <seconds>
#       name(arguments <unfinished ...>  and later  <... name resumed>arguments) = result <seconds>
#       --- SIGNAL {...} ---   --- stopped by SIGNAL ---
#       +++ killed by SIGNAL +++   +++ exited with 0 +++
#     and, without a PID, those of the stack, which are for source.sh

kind == "lines" {
  split($0, word, "\t")
  source_of[word[1]] = word[2]
  next
}

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
  source = end == "server" ? source_of[FNR] : ""
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
function called(line, begin, back,    call, address, result, own) {
  call = line
  sub(/\(.*/, "", call)
  if (call ~ /fork|clone/) starts_task(new_pid(line), begin)
  if (who == "" || call !~ listed && call !~ waiting) return
  address = address_in(line)
  gsub(/"([^"\\]|\\.)*"/, "\"\"", line) # the bytes that are sent may look like anything
  if (!match(line, /\) += /)) return
  result = substr(line, RSTART + RLENGTH)
  line = substr(line, length(call) + 2, RSTART - length(call) - 2)
  own = call == "socket" || call ~ /^accept/ ? result : line # the connection's, or the new one's
  sub(/ *<.*/, "", result)  # of 4<TCP:[...]> <0.000012>
  sub(/ +\(.*/, "", result) # of -1 ECONNRESET (Connection reset by peer)
  if (call ~ waiting) report(call, "", "", "", result, begin, back)
  else if ((call == "socket" ? own : line) ~ /^[0-9]+<(TCP|TCPv6|socket):/)
    report(call, call == "socket" ? "" : line + 0, more(call, line, address), peer(own), result,
      begin, back)
}

# peer TEXT: whose connection "4<TCP:[127.0.0.1:8883->127.0.0.1:40000]>" is. Of a connection that is
# gone strace knows no addresses: then it is whose the descriptor was before.
function peer(text,    descriptor) {
  descriptor = text + 0
  if (end != "server") return end
  if (match(text, /->[^>]*:[0-9]+\]>/))
    client_on[pid, descriptor] = client_on[descriptor] = \
      client_of(port_of(substr(text, RSTART, RLENGTH - 2)))
  if ((pid, descriptor) in client_on) return client_on[pid, descriptor]
  return client_on[descriptor] # of the parent, or of another thread
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
function address_in(line,    its_port, host) {
  if (!match(line, /htons\([0-9]+/)) return ""
  its_port = substr(line, RSTART + 6, RLENGTH - 6)
  if (match(line, /(inet_addr\(|AF_INET6, )"[^"]*/)) host = substr(line, RSTART, RLENGTH)
  sub(/.*"/, "", host)
  return (host ~ /:/ ? "[" host "]" : host) ":" its_port
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
  slept = back - begin >= SLEEPS && !is_at_the_end(call, client, result)
  if (returns && !again && !slept && call != "connect") {
    event(begin, "call", end, who, client, text, result, "", "", source)
    return
  }
  if (!again)
    event(begin, "call", end, who, call ~ /^accept/ ? "" : client, text, "...", "", "", source)
  if (returns)
    event(back, "return", end, who, client, call "(" descriptor ")", result,
      slept ? back - begin : "", "", source)
}

# is_at_the_end: the end of file was read before. Then no recv() sleeps: one that took long had to
# wait for a processor.
function is_at_the_end(call, client, result) {
  return call ~ /^(recv|read)/ && result == 0 && end_of_file[end, client]++
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
