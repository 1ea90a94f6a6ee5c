#!/usr/bin/env bats
# make timeline draws what happened, in an order that can have been, and proves the states with ss.
# The pages show more drawings, and docs.bats compares those.

load demos
load kernel
. "$ROOT/docs/timeline/possible.bash"
. "$ROOT/docs/timeline/drawing.bash"

skip_if_impossible() { ! problem=$(why_no_timeline) || skip "${problem%%$'\n'*}"; }

# timeline SETTING...: runs make timeline with them; skips the test where nothing can be recorded.
# The drawing is plain text of at most 80 columns, and the states are those that ss and, where it
# can be asked, the kernel itself have told.
timeline() {
  skip_if_impossible
  KEPT=$BATS_TEST_TMPDIR/kept KERNEL=$BATS_TEST_TMPDIR/kernel
  rm -rf "$KEPT"
  with_kernel_states "$KERNEL" run make -C "$ROOT" timeline KEEP="$KEPT" "$@"
  ((status == 0)) || fail "$output"
  [[ $output != *$'\e'* ]]
  kernel_agrees "$KEPT" "$KERNEL"
  [[ $* != *FORMAT=* ]] || return 0
  [[ ! $(awk 'length > 80' <<<"$output") ]]
  [[ ${lines[-1]} =~ ^"At each of "[2-9]" moments of rest ss showed the same states."$ ]]
}

# shows EXPRESSION...: the output has a line that matches each of them, one after another.
shows() {
  local line
  while (($#)) && IFS= read -r line; do
    [[ ! $line =~ $1 ]] || shift
  done <<<"$output"
  (($# == 0)) || fail "not there, or not in this order: $1"
}

# --- what a drawing shows

@test "a client that reads nothing closes the windows" {
  timeline STEP=3 SCENE=flood
  shows 'send\(3, 262144\) \.\.\.' 'send\(4, [0-9]+\) \.\.\.' '[-<] ACK, window 0' \
    'CLOSED\|<-+ RST, ACK -+\|CLOSED' 'send\(4.*ECONNRESET'
}

@test "a lost SYN and a lost reply come again, and the programs notice nothing" {
  local lost='from here on, what the (server|client) sends is lost' again='again after [0-9]+ ms'
  timeline STEP=3 SCENE=syn-lost
  shows "$lost" '\|  x-+ SYN -+\|SYN-SENT' '\|  x-+ SYN -+\|'"$again" 'sends arrives' \
    '\|<-+ SYN -+\|'"$again" ' connect\(3\) = 0, slept [0-9]+ ms' ' recv\(3, 65536\) = 12'
  timeline STEP=3 SCENE=reply-lost
  shows "$lost" 'send\(4, 12\) = 12' '\| ACK, 12 bytes -x  \|' "$again"'\| ACK, 12 bytes -x  \|' \
    'sends arrives' "$again"'\|- ACK, 12 bytes -->\|' ' recv\(3, 65536\) = 12' 'TIME-WAIT'
  timeline STEP=3 SCENE=unplugged # and if the client's machine is gone, again and again
  shows "$lost" "$lost" '\| ACK, 12 bytes -x  \|' "$again" "$again" "$again"
}

# --- other servers

@test "a learner's server in Python is followed through its threads; two clients have names" {
  needs python3
  timeline SERVER="python3 $ROOT/tests/repository/threading_server.py" SCENE=two
  shows 'anna: connect' 'SYN-SENT +anna$' '^ +[0-9.]+ accept4\(3\) = 4' 'starts thread 1' \
    'SYN-SENT +ben$' 'starts thread 2' 'thread 2: recv\([0-9]\) = 6' \
    'CLOSE-WAIT\|<.*FIN-WAIT-1 +anna$' 'thread 1: close\(4\)' 'thread 1: ends' \
    'ben: recv\(3, 65536\) = 6$'
}

@test "a server that sends on its listener is found out" {
  cp -r "$ROOT/step1_single_shot" "$BATS_TEST_TMPDIR/mine"
  sed -i 's/send(client,/send(3,/' "$BATS_TEST_TMPDIR/mine/server.c"
  make -s -C "$BATS_TEST_TMPDIR/mine"
  timeline SERVER="$BATS_TEST_TMPDIR/mine/server"
  shows 'send\(3, 12\) = -1 EPIPE' 'is sent SIGPIPE' 'is ended by SIGPIPE' ' recv\(3, 65536\) = 0$'
}

@test "AGAINST=3 shows where a server first differs from step 3" {
  skip_if_impossible
  run -0 make -C "$ROOT" timeline STEP=2 AGAINST=3
  shows '^Here they first differ \(-: step 3, \+: step2_loop/server\):' '^  .* recv\(4\) = 0 ' \
    '^- .* close\(4\) = 0' '^- .* LAST-ACK\|' '^\+ .* recv\(4\) = 0, [0-9,]+ times'
  run -0 make -C "$ROOT" timeline SERVER=step3_close_detect/server AGAINST=3
  [[ $output == "The calls, the packets and the states are those of step 3." ]]
}

@test "a server that does not listen is told so, with its own words" {
  skip_if_impossible
  run -2 make -C "$ROOT" timeline SERVER='echo no thanks; false'
  [[ $output == *"it ended, with status 1, before it listened"*"no thanks"* ]]
}

# --- what cannot be

@test "the kernel says the same of every state, in its order" {
  kernel_can_be_asked || skip "the tracepoint sock:inet_sock_set_state is for root, with tracefs"
  for scene in last-ack-lost leave-early half-close reset stay silent two; do
    timeline STEP=3 SCENE=$scene
  done
  sed -i 's/FIN-WAIT-1/CLOSING/' "$KEPT/events.tsv"
  run -1 kernel_agrees "$KEPT" "$KERNEL"
  [[ $output == *"drawn: "*" CLOSING CLOSE"*"the kernel:"*" FIN-WAIT-1 FIN-WAIT-2 CLOSE"* ]]
}

@test "nothing is drawn when ss shows another state than the packets lead to" {
  skip_if_impossible
  stands_in ss "$(command -v ss) \"\$@\" | sed 's/^TIME-WAIT/LAST-ACK /'"
  run -2 make -C "$ROOT" timeline STEP=3
  [[ $output == *"ms the packets lead to TIME-WAIT at anna's end of anna's connection, and ss \
shows LAST-ACK."* ]]
  [[ $output != *SYN* ]]
}

@test "a system that forbids a network of one's own, or to trace, is told in a sentence" {
  skip_if_impossible
  stands_in unshare 'echo "unshare: Operation not permitted" >&2; exit 1'
  run -2 make -C "$ROOT" timeline STEP=3
  [[ $output == *"network of "*"forbidden here (unshare: Operation not permitted)"* ]]
  stands_in strace 'echo "ptrace: Operation not permitted" >&2; exit 1'
  run -2 make -C "$ROOT" timeline STEP=3
  [[ $output == *"strace may not trace here;"*": ptrace: Operation not permitted"* ]]
}

@test "a word that it does not know is told, with the ones that it does" {
  run -2 make -C "$ROOT" timeline
  [[ $output == *"Which step? make timeline STEP=3"* ]]
  run -2 make -C "$ROOT" timeline STEP=3 SCENE=tal
  has_in_order "There is no SCENE=tal." "talk: " "two: " "flood: " "last-ack-lost: " "unplugged: "
  run -2 make -C "$ROOT" timeline STEP=3 FORMAT=pdf
  [[ $output == *"FORMAT is text, mermaid or tsv"* ]]
}

@test "a recording that is interrupted leaves nothing behind" {
  skip_if_impossible
  STEP=4 setsid env --default-signal=INT "$ROOT/docs/timeline/timeline.sh" \
    >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- 4>&- &
  demo=$!
  eventually compgen -G "$TMPDIR/*/anna.strace" >/dev/null
  ends_with 130 is_ended_by INT "$demo"
}

# --- formats and pages

@test "KEEP keeps the capture, the calls, and the events with lines of source and of ss" {
  timeline STEP=3 FORMAT=tsv
  [[ ${lines[0]} == ms$'\t'event$'\t'* ]]
  [[ ! $(awk -F '\t' 'NF != 10' <<<"$output") ]]
  line=$(sed -n '/close(client)/=' "$ROOT/step3_close_detect/server.c")
  [[ $output == *$'\tclose(4)\t0\t-\t-\tserver.c:'"$line"$'\n'* ]]
  [[ $output == *$'\tss\tserver\t-\tanna\tESTAB 0 0 127.0.0.1:8883 127.0.0.1:'* ]]
  [[ $output == "$(cat "$KEPT/events.tsv")" ]]
  cd "$KEPT"
  [[ $(tcpdump -r - 'tcp[tcpflags] & tcp-fin != 0' <capture.pcap 2>/dev/null | wc -l) == 2 ]]
  grep -q 'recvfrom(4<TCP:\[127.0.0.1:8883->' server.strace
  grep -q 'sendto(3<TCP:' anna.strace
}

# event MS EVENT END TASK CONNECTION WHAT RESULT DETAIL: a line as merge.awk gives it.
event() { printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t-\t%s\t-\n' "$@"; }

@test "a page shows one order of what may come in either, and no bare acknowledgement of data" {
  timeline STEP=3 SCENE=silent FORMAT=mermaid
  [[ ${lines[0]} == sequenceDiagram ]]
  accepted=$(event 1 return server main anna "accept(3)" 4 -)
  connected=$(event 2 return anna anna anna "connect(3)" 0 -)
  bare=$(event 3 packet server - anna ACK 0 "- 6 9")
  state=$(event 4 state anna - anna FIN-WAIT-2 - -)
  run -0 in_awk order <<<"$accepted"$'\n'"$connected"$'\n'"$bare"$'\n'"$bare"$'\n'"$state"
  [[ $output == "$connected"$'\n'"$accepted"$'\n'"$bare"$'\n'"$state" ]]
}

@test "a call is not drawn before the packet that it waited for, though strace says so" {
  run -0 in_awk states < <(
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
