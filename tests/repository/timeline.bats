#!/usr/bin/env bats
# make timeline draws what happened, in an order that can have been, and proves the states with ss.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/docs/language/locale.bash"
. "$ROOT/tests/helpers/wait.bash"
. "$ROOT/tests/helpers/processes.bash"

. "$ROOT/tests/repository/make.bash"
. "$ROOT/docs/timeline/possible.bash"

setup_file() { make -s -C "$ROOT" all; }

setup() {
  trace_only_the_test
  export TMPDIR=$BATS_TEST_TMPDIR/scratch # where timeline.sh makes its temporary folder
  mkdir "$TMPDIR"
  export TIMELINE_MARK=$BATS_TEST_TMPDIR # in the environment of whatever it starts
}

teardown() {
  [[ ! $(ls "$TMPDIR") ]]
  nothing_is_left
}

# No process that a recording of this test has started is still there.
nothing_is_left() {
  local left
  left=$(grep -ls "TIMELINE_MARK=$TIMELINE_MARK" /proc/[0-9]*/environ | grep -v /self/) || true
  for process in $left; do
    [[ ! -e $process ]] || { echo "left behind: $(tr '\0' ' ' <"${process%environ}cmdline")" && return 1; }
  done
}

# timeline SETTING...: runs make timeline with them; skips the test where nothing can be recorded. The
# drawing is plain text of at most 80 columns.
timeline() {
  find_network || skip "$PROBLEM"
  run -0 make -C "$ROOT" timeline "$@"
  [[ $output != *$'\e'* ]]
  [[ ! $(awk 'length > 80' <<<"$output") ]] || [[ $* == *FORMAT=* ]]
}

# shows EXPRESSION...: the output has a line for each of them, in this order.
shows() {
  local line
  {
    for expression in "$@"; do
      while :; do
        IFS= read -r line || { echo "not there, or not in this order: $expression" && return 1; }
        [[ ! $line =~ $expression ]] || break
      done
    done
  } <<<"$output"
}

SYN='\|<-+ SYN -+\|SYN-SENT'
SYN_ACK='SYN-RECV\|-+ SYN, ACK -+>\|ESTAB'
ACK='ESTAB\|<-+ ACK -+\|'
AGREED='^At each of [2-9] moments of rest ss showed the same states\.$'

# --- the four steps

@test "step 1 closes after one message, and the second is answered with a reset" {
  timeline STEP=1
  shows 'socket\(\) = 3' 'listen\(3, 128\) = 0 +LISTEN\|' 'accept\(3\) \.\.\.' ' connect\(3, 127.0.0.1:8881\)' \
    "$SYN" "$SYN_ACK" "$ACK" ' connect\(3\) = 0$' '\| +send\(3, 12\) = 12$' "$AGREED"
  shows "$ACK" 'accept\(3\) = 4, slept [0-9]+ ms' 'recv\(4, 16384\) \.\.\.' \
    '\| +send\(3, 12\) = 12$' '\|<-+ ACK, 12 bytes -+\|' 'recv\(4\) = 12, slept' 'send\(4, 12\) = 12' \
    '\|-+ ACK, 12 bytes -+>\|' 'close\(4\) = 0' 'FIN-WAIT-1\|-+ FIN, ACK -+>\|CLOSE-WAIT' 'ends with status 0' \
    'FIN-WAIT-2\|<-+ ACK -+\|' 'recv\(3, 65536\) = 12$' 'send\(3, 5\) = 5$' '\|<-+ ACK, 5 bytes -+\|' \
    'CLOSED\|-+ RST -+>\|CLOSED' 'recv\(3, 65536\) = 0$' 'close\(3\) = 0$' "$AGREED"
}

@test "step 2 asks recv() again and again when the client has left" {
  timeline STEP=2
  shows 'setsockopt\(3, SO_REUSEADDR\) = 0' "$SYN" "$SYN_ACK" "$ACK" 'recv\(4\) = 12' 'send\(4, 12\) = 12' \
    'recv\(4\) = 5' 'send\(4, 5\) = 5' 'close\(3\) = 0$' 'CLOSE-WAIT\|<-+ FIN, ACK -+\|FIN-WAIT-1' \
    'recv\(4\) = 0, slept' 'recv\(4, 16384\) = 0, [0-9,]+ times' '\|-+ ACK -+>\|FIN-WAIT-2' "$AGREED"
  [[ $output != *"close(4)"* ]]
}

@test "step 3 closes when recv() has returned 0, and goes back to accept()" {
  timeline STEP=3
  shows 'CLOSE-WAIT\|<-+ FIN, ACK -+\|FIN-WAIT-1' 'recv\(4\) = 0, slept' 'close\(4\) = 0' \
    'LAST-ACK\|-+ FIN, ACK -+>\|TIME-WAIT' 'CLOSED\|<-+ ACK -+\|$' 'accept\(3\) \.\.\.' "$AGREED"
}

@test "step 4 serves the client in a thread, and the lines say which" {
  timeline STEP=4
  shows 'accept\(3\) = 4' 'starts thread 1' 'thread 1: recv\(4\) = 12' 'thread 1: send\(4, 12\) = 12' \
    'thread 1: recv\(4\) = 5' 'thread 1: recv\(4\) = 0' 'thread 1: close\(4\) = 0' \
    'LAST-ACK\|-+ FIN, ACK -+>\|TIME-WAIT' 'thread 1: ends' "$AGREED"
}

# --- scenes

@test "a reset is one packet, and recv() tells of it" {
  timeline STEP=3 SCENE=reset
  shows 'close\(3\) = 0$' 'CLOSED\|<-+ RST, ACK -+\|CLOSED' 'recv\(4\) = -1 ECONNRESET' 'close\(4\)' \
    'accept\(3\) \.\.\.' "$AGREED"
  [[ $output != *"FIN, ACK"* ]]
}

@test "a client that closes half still reads all, and the server's FIN" {
  timeline STEP=3 SCENE=half-close
  shows 'shutdown\(3, SHUT_WR\) = 0$' 'CLOSE-WAIT\|<-+ FIN, ACK -+\|FIN-WAIT-1' 'recv\(4\) = 0' 'close\(4\)' \
    'LAST-ACK\|-+ FIN, ACK -+>\|TIME-WAIT' ' recv\(3, 65536\) = 12$' ' recv\(3, 65536\) = 0$' "$AGREED"
}

@test "the kernels shake hands while the server is stopped; accept() was one call all the time" {
  timeline STEP=3 SCENE=leave-early
  shows 'accept\(3\) \.\.\.' 'is stopped \(SIGSTOP\)' "$SYN" "$SYN_ACK" "$ACK" \
    'CLOSE-WAIT\|<-+ FIN, ACK -+\|FIN-WAIT-1' 'is sent SIGCONT' 'accept\(3\) = 4, slept' \
    'recv\(4, 16384\) = 0' 'close\(4\)' "$AGREED"
  (($(grep -c 'accept(3) \.\.\.' <<<"$output") == 2)) # the one that was stopped, and the next
}

@test "two clients have names, and step 4 a thread for each" {
  timeline STEP=4 SCENE=two
  shows 'anna: connect' 'SYN-SENT +anna$' 'starts thread 1' 'ben: connect' 'SYN-SENT +ben$' 'starts thread 2' \
    'thread 2: recv\(5\) = 6' 'thread 2: send\(5, 6\) = 6' 'CLOSE-WAIT\|<.*FIN-WAIT-1 +anna$' 'thread 1: close\(4\)' \
    'ben: recv\(3, 65536\) = 6$' 'thread 2: close\(5\)' "$AGREED"
}

@test "a client that reads nothing closes the windows; what is repeated is folded" {
  timeline STEP=3 SCENE=flood
  shows 'send\(3, 25165824\) \.\.\.' '\|<-+ [0-9]+ packets -+\|' '\| +[0-9,]+ bytes +\|' \
    'send\(4\), [0-9,]+ times, [0-9,]+ bytes' 'ACK, window 0' \
    'CLOSED\|<-+ RST, ACK -+\|CLOSED' 'send\(4.*ECONNRESET' "$AGREED"
  (($(wc -l <<<"$output") < 60))
}

# --- other servers

@test "a learner's server in Python is followed through its threads" {
  command -v python3 >/dev/null || skip "python3 is not installed on this machine"
  cat >"$BATS_TEST_TMPDIR/server.py" <<'END'
import socket, sys, threading

def serve(client):
    while data := client.recv(1024):
        client.sendall(data)
    client.close()

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
END
  timeline SERVER="python3 $BATS_TEST_TMPDIR/server.py"
  shows 'accept4\(3\) = 4' 'starts thread 1' 'thread 1: recv\(4\) = 12' 'thread 1: send\(4, 12\) = 12' \
    'thread 1: close\(4\) = 0' 'LAST-ACK\|-+ FIN, ACK -+>\|TIME-WAIT' 'thread 1: ends' "$AGREED"
}

@test "a server that sends on its listener is found out" {
  cp -r "$ROOT/step1_single_shot" "$BATS_TEST_TMPDIR/mine"
  sed -i 's/send(client,/send(3,/' "$BATS_TEST_TMPDIR/mine/server.c"
  make -s -C "$BATS_TEST_TMPDIR/mine"
  timeline SERVER="$BATS_TEST_TMPDIR/mine/server"
  shows 'recv\(4\) = 12' 'send\(3, 12\) = -1 EPIPE' 'is sent SIGPIPE' 'FIN-WAIT-1\|-+ FIN, ACK -+>\|CLOSE-WAIT' \
    'is ended by SIGPIPE' ' recv\(3, 65536\) = 0$' "$AGREED"
}

@test "a server that does not listen is told so, with its own words" {
  find_network || skip "$PROBLEM"
  run -2 make -C "$ROOT" timeline SERVER='echo no thanks; false'
  [[ $output == *"The server ended, with status 1, before it listened"*"no thanks"* ]]
}

# --- what cannot be

@test "nothing is drawn when ss shows another state than the packets lead to" {
  find_network || skip "$PROBLEM"
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\n%s "$@" | sed "s/^TIME-WAIT/LAST-ACK /"\n' "$(command -v ss)" >"$BATS_TEST_TMPDIR/bin/ss"
  chmod +x "$BATS_TEST_TMPDIR/bin/ss"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH run -2 make -C "$ROOT" timeline STEP=3
  [[ $output == *"ms the packets say of the client's end of anna's connection: TIME-WAIT, and ss says: LAST-ACK."* ]]
  [[ $output != *SYN* ]]
}

@test "a system that forbids a network of one's own is told in a sentence, with the setting" {
  mkdir -p "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/sysctl/kernel" "$BATS_TEST_TMPDIR/sysctl/user"
  printf '#!/bin/sh\necho "unshare: Operation not permitted" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/unshare"
  chmod +x "$BATS_TEST_TMPDIR/bin/unshare"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH SYSCTL=$BATS_TEST_TMPDIR/sysctl
  export SYSCTL
  run -2 make -C "$ROOT" timeline STEP=3
  [[ $output == *"network of "*": "*"unshare: Operation not permitted"* ]]
  is_root() { false; } # as an ordinary user
  echo 1 >"$SYSCTL/kernel/apparmor_restrict_unprivileged_userns" # Ubuntu 24.04
  run ! find_network
  find_network || [[ $PROBLEM == *"forbids users a network of their own: run the same command with sudo, \
or change the setting: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" ]]
  echo 0 >"$SYSCTL/kernel/apparmor_restrict_unprivileged_userns"
  echo 0 >"$SYSCTL/user/max_user_namespaces"
  find_network || [[ $PROBLEM == *"sudo sysctl -w user.max_user_namespaces="[1-9]* ]]
}

@test "without strace or tcpdump it names what is missing, and the command" {
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in bash env dirname awk grep cat ss; do
    ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
  done
  PATH=$BATS_TEST_TMPDIR/bin run -3 env -u LANGUAGE STEP=3 "$ROOT/docs/timeline/timeline.sh"
  [[ $output == *"strace"*"tcpdump"*"apt-get install -y strace tcpdump"* ]]
}

@test "a word that it does not know is told, with the ones that it does" {
  run -2 make -C "$ROOT" timeline
  [[ $output == *"Which step? make timeline STEP=3"* ]]
  run -2 make -C "$ROOT" timeline STEP=3 SCENE=quarrel
  [[ $output == *"There is no SCENE=quarrel"* ]]
  for scene in talk leave-early half-close reset two stay silent flood; do [[ $output == *"$scene: "* ]]; done
  run -2 make -C "$ROOT" timeline STEP=3 FORMAT=pdf
  [[ $output == *"FORMAT is text, mermaid or tsv"* ]]
}

@test "a recording that is interrupted leaves nothing behind" {
  find_network || skip "$PROBLEM"
  STEP=4 setsid env --default-signal=INT "$ROOT/docs/timeline/timeline.sh" \
    >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- 4>&- &
  eventually compgen -G "$TMPDIR/*/anna.strace" >/dev/null
  eventually is_ended_by INT $! || kill -s KILL -- "-$!"
  status=0
  wait $! || status=$?
  ((status == 130))
}

# --- formats and pages

@test "KEEP keeps the capture, the calls and the events; they are drawn in Chinese and for a page too" {
  timeline STEP=3 FORMAT=tsv KEEP="$BATS_TEST_TMPDIR/kept"
  [[ ${lines[0]} == ms$'\t'event$'\t'* ]]
  [[ ! $(awk -F '\t' 'NF != 9' <<<"$output") ]]
  cd "$BATS_TEST_TMPDIR/kept"
  [[ $output == "$(cat events.tsv)" ]]
  [[ $(tcpdump -r - 'tcp[tcpflags] & tcp-fin != 0' <capture.pcap 2>/dev/null | wc -l) == 2 ]]
  grep -q 'recvfrom(4<TCP:\[127.0.0.1:8883->' server.strace
  grep -q 'sendto(3<TCP:' anna.strace
  run -0 "$ROOT/docs/timeline/draw.sh" text zh < <(tail -n +2 events.tsv)
  shows '服务端 .*客户端 anna$' 'recv\(4\) = 12，睡眠 [0-9]+ ms' 'ACK, 12 字节'
  run -0 "$ROOT/docs/timeline/draw.sh" mermaid zh < <(tail -n +2 events.tsv)
  shows 'sequenceDiagram' 'participant SK as 服务端内核' 'S1->>SK: accept\(3\) \.\.\.' 'CK->>SK: SYN$' \
    'Note over CK: SYN-SENT' 'SK-->>S1: accept\(3\) = 4' 'CK->>SK: FIN, ACK' 'Note over CK: TIME-WAIT'
}

# event MS EVENT END TASK CONNECTION WHAT RESULT DETAIL: a line as merge.awk gives it.
event() { printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t-\t%s\n' "$@"; }

@test "a call is not drawn before the packet that it waited for, though strace says so" {
  local tools=$ROOT/docs/timeline
  run -0 awk -f "$tools/words.awk" -f "$tools/states.awk" < <(
    event 1 call anna anna anna "connect(3)" ... -
    event 2 return anna anna anna "connect(3)" 0 -
    event 3 packet anna - anna SYN 0 "7 - 9"
    event 4 packet server - anna SYN,ACK 0 "8 8 9"
    event 5 return server main anna "accept(3)" 4 -
    event 6 packet anna - anna ACK 0 "- 1 9"
    event 6.1 call server main - "epoll_wait()" ... -
    event 6.2 return server main - "epoll_wait()" 1 -
    event 7 return server main anna "recv(4)" 5 -
    event 8 packet anna - anna ACK 5 "1 1 9"
    event 9 end - - - - - -
  )
  shows 'call.*connect' 'packet.*SYN' 'packet.*SYN,ACK' 'packet.*ACK' 'state.*ESTAB' \
    '^5.000.return.*connect' '^5.000.return.*accept' 'call.*epoll_wait' \
    '^7.000.packet' '^7.000.return.*epoll_wait' '^7.000.return.*recv'
}

@test "a page shows one order of what may come in either, and no bare acknowledgement of data" {
  client() { event 2 return anna anna anna "connect(3)" 0 -; }
  server() {
    event 2 return server main anna "accept(3)" 4 -
    event 2 call server main anna "recv(4, 16384)" ... -
  }
  ack() { event "$1" packet "$2" - anna ACK "$3" "1 1 64"; }
  before() { event 1 call anna anna anna "connect(3)" ... - && ack 1 anna 0 && event 1 state server - anna ESTAB - -; }
  after() { event 3 rest - - - - - - && ack 4 anna 12; }
  draw() { "$ROOT/docs/timeline/draw.sh" mermaid en; }
  run -0 draw < <(before && client && server && after && ack 4 server 0)
  one=$output
  run -0 draw < <(before && server && client && after)
  [[ $output == "$one" ]]
  shows 'CK->>SK: ACK$' 'Note over SK: ESTAB' 'CK-->>C1: connect\(3\) = 0' 'SK-->>S1: accept\(3\) = 4' \
    'S1->>SK: recv\(4, 16384\)' 'CK->>SK: ACK, 12 bytes'
  (($(grep -c 'K: ACK$' <<<"$output") == 1))
}

@test "a page whose picture is not what a new recording gives is noticed" {
  find_network || skip "$PROBLEM"
  cp -r "$ROOT" "$BATS_TEST_TMPDIR/copy"
  cd "$BATS_TEST_TMPDIR/copy"
  sed -i 's/CLOSE-WAIT|<---- FIN, ACK ----|FIN-WAIT-1/CLOSE-WAIT|<---- FIN, ACK ----|FIN-WAIT-2/' docs/timeline.md
  run -1 docs/pages/generate.sh --check docs/timeline.md
  [[ $output == *"stale: docs/timeline.md"*"|FIN-WAIT-2"*"|FIN-WAIT-1"* ]]
}
