#!/usr/bin/env bats
# make timeline draws what happened, in an order that can have been, and proves the states with ss.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/docs/language/locale.bash"
. "$ROOT/tests/helpers/wait.bash"
. "$ROOT/tests/helpers/processes.bash"
. "$ROOT/tests/repository/make.bash"
. "$ROOT/tests/repository/demos.bash"
. "$ROOT/tests/repository/kernel.bash"
. "$ROOT/docs/timeline/possible.bash"

setup_file() { make -s -C "$ROOT" all; }

skip_if_impossible() {
  local problem
  if problem=$(why_no_timeline ""); then skip "${problem%%$'\n'*}"; fi
}

# timeline SETTING...: runs make timeline with them; skips the test where nothing can be recorded. The
# drawing is plain text of at most 80 columns, and the states are those that the kernel itself has
# told, where it can be asked.
timeline() {
  skip_if_impossible
  KEPT=$BATS_TEST_TMPDIR/kept
  rm -rf "$KEPT"
  if kernel_can_be_asked; then start_kernel_states; fi
  run make -C "$ROOT" timeline KEEP="$KEPT" "$@"
  if kernel_can_be_asked; then stop_kernel_states >"$BATS_TEST_TMPDIR/kernel"; fi
  ((status == 0)) || { echo "$output" && return 1; }
  [[ $output != *$'\e'* ]]
  [[ ! $(awk 'length > 80' <<<"$output") ]] || [[ $* == *FORMAT=* ]]
  if kernel_can_be_asked; then kernel_agrees "$KEPT" "$BATS_TEST_TMPDIR/kernel"; fi
}

SYN='\|<-+ SYN -+\|SYN-SENT'
SYN_ACK='SYN-RECV\|-+ SYN, ACK -+>\|ESTAB'
ACK='ESTAB\|<-+ ACK -+\|'
AGREED='^At each of [2-9] moments of rest ss showed the same states\.$'

# --- what a drawing shows; the pages show more, and are compared

@test "step 1 closes after one message, and the second is answered with a reset" {
  timeline STEP=1
  shows '^ +[0-9.]+ [0-9]+ socket\(\) = 3' '[0-9] listen\(3, 128\) = 0 +LISTEN\|' 'accept\(3\) \.\.\.' ' connect\(3, 127.0.0.1:8881\)' \
    "$SYN" "$SYN_ACK" "$ACK" ' connect\(3\) = 0$' '\| +send\(3, 12\) = 12$' "$AGREED"
  shows "$ACK" 'accept\(3\) = 4, slept [0-9]+ ms' 'recv\(4, 16384\) \.\.\.' \
    '\| +send\(3, 12\) = 12$' '\|<-+ ACK, 12 bytes -+\|' 'recv\(4\) = 12, slept' 'send\(4, 12\) = 12' \
    '\|-+ ACK, 12 bytes -+>\|' 'close\(4\) = 0' 'FIN-WAIT-1\|-+ FIN, ACK -+>\|CLOSE-WAIT' 'ends with status 0' \
    'FIN-WAIT-2\|<-+ ACK -+\|' 'recv\(3, 65536\) = 12$' 'send\(3, 5\) = 5$' '\|<-+ ACK, 5 bytes -+\|' \
    'CLOSED\|-+ RST -+>\|CLOSED' 'recv\(3, 65536\) = 0$' 'close\(3\) = 0$' "$AGREED"
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

# --- packets that are lost

LOST='from here on, what the (server|client) sends is lost'
AGAIN='again after [0-9]+ ms'

@test "the last ACK is lost: the FIN comes again, and TIME-WAIT answers until LAST-ACK is gone" {
  timeline STEP=1 SCENE=last-ack-lost
  shows 'CLOSE-WAIT\|<-+ FIN, ACK -+\|FIN-WAIT-1' '\|-+ ACK -+>\|FIN-WAIT-2' "$LOST" 'close\(4\) = 0' \
    'LAST-ACK\|-+ FIN, ACK -+>\|TIME-WAIT' '\|  x-+ ACK -+\|$' "$AGAIN"'\|-+ FIN, ACK -+>\|$' '\|  x-+ ACK -+\|$' \
    "$AGAIN"'\|-+ FIN, ACK -+>\|$' '\|  x-+ ACK -+\|$' 'what the client sends arrives' \
    "$AGAIN"'\|-+ FIN, ACK -+>\|$' 'CLOSED\|<-+ ACK -+\|$' "$AGREED"
}

@test "a lost SYN and a lost reply come again, and the programs notice nothing" {
  timeline STEP=3 SCENE=syn-lost
  shows "$LOST" '\|  x-+ SYN -+\|SYN-SENT' '\|  x-+ SYN -+\|'"$AGAIN" 'sends arrives' '\|<-+ SYN -+\|'"$AGAIN" \
    "$SYN_ACK" "$ACK" ' connect\(3\) = 0, slept [0-9]+ ms' ' recv\(3, 65536\) = 12' "$AGREED"
  timeline STEP=3 SCENE=reply-lost
  shows "$LOST" 'send\(4, 12\) = 12' '\| ACK, 12 bytes -x  \|' "$AGAIN"'\| ACK, 12 bytes -x  \|' 'sends arrives' \
    "$AGAIN"'\|- ACK, 12 bytes -->\|' ' recv\(3, 65536\) = 12' 'TIME-WAIT' "$AGREED"
  timeline STEP=3 SCENE=unplugged # and if the client's machine is gone, again and again
  shows "$LOST" "$LOST" '\| ACK, 12 bytes -x  \|' "$AGAIN" "$AGAIN" "$AGAIN" "$AGREED"
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
  shows '^ +[0-9.]+ accept4\(3\) = 4' 'starts thread 1' 'thread 1: recv\(4\) = 12' 'thread 1: send\(4, 12\) = 12' \
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

@test "AGAINST=3 shows where a server first differs from step 3" {
  skip_if_impossible
  run -0 make -C "$ROOT" timeline STEP=2 AGAINST=3
  shows '^Here they first differ \(-: step 3, \+: step2_loop/server\):' '^  .* recv\(4\) = 0 ' '^- .* close\(4\) = 0' \
    '^- .* LAST-ACK\|' '^\+ .* recv\(4\) = 0, [0-9,]+ times'
  cp "$ROOT/step3_close_detect/server" "$BATS_TEST_TMPDIR/same"
  run -0 make -C "$ROOT" timeline SERVER="$BATS_TEST_TMPDIR/same" AGAINST=3
  [[ $output == "The calls, the packets and the states are those of step 3." ]]
}

@test "a server that does not listen is told so, with its own words" {
  skip_if_impossible
  run -2 make -C "$ROOT" timeline SERVER='echo no thanks; false'
  [[ $output == *"The server ended, with status 1, before it listened"*"no thanks"* ]]
}

# --- what cannot be

@test "the kernel says the same of every state, in its order" {
  kernel_can_be_asked || skip "the tracepoint sock:inet_sock_set_state is for root, with tracefs"
  for scene in leave-early half-close reset stay silent two; do
    timeline STEP=3 SCENE=$scene
    shows "$AGREED"
  done
  sed -i 's/FIN-WAIT-1/CLOSING/' "$KEPT/events.tsv"
  run -1 kernel_agrees "$KEPT" "$BATS_TEST_TMPDIR/kernel"
  [[ $output == *"drawn: "*" CLOSING CLOSE"*"the kernel:"*" FIN-WAIT-1 FIN-WAIT-2 CLOSE"* ]]
}

@test "nothing is drawn when ss shows another state than the packets lead to" {
  skip_if_impossible
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\n%s "$@" | sed "s/^TIME-WAIT/LAST-ACK /"\n' "$(command -v ss)" >"$BATS_TEST_TMPDIR/bin/ss"
  chmod +x "$BATS_TEST_TMPDIR/bin/ss"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH run -2 make -C "$ROOT" timeline STEP=3
  [[ $output == *"ms the packets say of the client's end of anna's connection: TIME-WAIT, and ss says: LAST-ACK."* ]]
  [[ $output != *SYN* ]]
}

@test "a system that forbids a network of one's own is told in a sentence, with the setting" {
  mkdir -p "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/sysctl/kernel"
  printf '#!/bin/sh\necho "unshare: Operation not permitted" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/unshare"
  chmod +x "$BATS_TEST_TMPDIR/bin/unshare"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH SYSCTL=$BATS_TEST_TMPDIR/sysctl
  export SYSCTL
  run -2 make -C "$ROOT" timeline STEP=3
  [[ $output == *"network of "*": "*"unshare: Operation not permitted"* ]]
  is_root() { false; } # as an ordinary user
  echo 1 >"$SYSCTL/kernel/apparmor_restrict_unprivileged_userns" # Ubuntu 24.04
  for scene in talk last-ack-lost; do
    run -0 why_no_timeline $scene
    [[ $output == *"forbids users a network of their own: run the same command with sudo, \
or change the setting: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" ]]
  done
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
  for scene in talk two flood last-ack-lost unplugged; do [[ $output == *"$scene: "* ]]; done
  run -2 make -C "$ROOT" timeline STEP=3 FORMAT=pdf
  [[ $output == *"FORMAT is text, mermaid or tsv"* ]]
}

@test "a recording that is interrupted leaves nothing behind" {
  skip_if_impossible
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
  timeline STEP=3 FORMAT=tsv
  [[ ${lines[0]} == ms$'\t'event$'\t'* ]]
  [[ ! $(awk -F '\t' 'NF != 10' <<<"$output") ]]
  line=$(sed -n '/close(client)/=' "$ROOT/step3_close_detect/server.c")
  [[ $output == *$'\tclose(4)\t0\t-\t-\tserver.c:'"$line"$'\n'* ]]
  [[ $output == "$(cat "$KEPT/events.tsv")" ]]
  cd "$KEPT"
  [[ $(tcpdump -r - 'tcp[tcpflags] & tcp-fin != 0' <capture.pcap 2>/dev/null | wc -l) == 2 ]]
  grep -q 'recvfrom(4<TCP:\[127.0.0.1:8883->' server.strace
  grep -q 'sendto(3<TCP:' anna.strace
  export SPOKEN=zh
  run -0 "$ROOT/docs/timeline/draw.sh" text < <(tail -n +2 events.tsv)
  shows '服务端 .*客户端 anna$' 'recv\(4\) = 12，阻塞 [0-9]+ ms' 'ACK, 12 字节'
  run -0 "$ROOT/docs/timeline/draw.sh" mermaid < <(tail -n +2 events.tsv)
  shows 'sequenceDiagram' 'participant SK as 服务端内核' 'S1->>SK: accept\(3\) \.\.\.' 'CK->>SK: SYN$' \
    'Note over CK: SYN-SENT' 'SK-->>S1: accept\(3\) = 4' 'CK->>SK: FIN, ACK' 'Note over CK: TIME-WAIT'
}

@test "a page shows one order of what may come in either, and no bare acknowledgement of data" {
  timeline STEP=3 FORMAT=mermaid
  shows 'CK->>SK: ACK$' 'Note over SK: ESTAB' 'CK-->>C1: connect\(3\) = 0' 'SK-->>S1: accept\(3\) = 4' \
    'S1->>SK: recv\(4, 16384\)' 'CK->>SK: ACK, 12 bytes'
  (($(grep -c 'K: ACK$' <<<"$output") == 2)) # in the handshake, and the last one
  # Once more, with the client's return of connect() behind the server's recv().
  [[ $output == "$(awk '/return.*connect/ { late = $0; next }
    { print }
    late && /call.*recv/ { print late; late = "" }' "$KEPT/events.tsv" | tail -n +2 |
    "$ROOT/docs/timeline/draw.sh" mermaid)" ]]
}

# event MS EVENT END TASK CONNECTION WHAT RESULT DETAIL: a line as merge.awk gives it.
event() { printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t-\t%s\t-\n' "$@"; }

@test "a call is not drawn before the packet that it waited for, though strace says so" {
  local tools=$ROOT/docs/timeline
  run -0 awk -f "$tools/events.awk" -f "$tools/states.awk" < <(
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
