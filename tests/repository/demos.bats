#!/usr/bin/env bats
# The demos show what they say they show, and leave nothing behind.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/docs/language/locale.bash"
. "$ROOT/tests/helpers/wait.bash"
. "$ROOT/tests/helpers/processes.bash"
. "$ROOT/tests/helpers/limits.bash"

. "$ROOT/tests/repository/demos.bash"

# A demo checks the kernel before it says anything, and fails where that does something else (see
# below). The pages show the others, and docs.bats compares every line.
@test "the demos that no page shows keep their promises, in 80 columns" {
  needs_patch
  need_descriptors 150
  demos <<'END'
addresses
backlog
buffers
clean-stop 1
descriptors
flow-control 2 3
handshake
inherit 2
recv-queue
reset
reuse-address
reuse-port
threads
timeouts 1 2 3
END
}

@test "make demo-c10k says what stopped it; an unlimited stack is no infinite one" {
  need_descriptors 150
  ulimit -n 150
  ulimit -s unlimited 2>/dev/null || true # this user may not have one
  demo c10k
  [[ $output =~ "clients: 100".*"threads: 101".*"ulimit -n is 150".*"Each thread reserves "[1-9] ]]
}

@test "a demo says so, and fails, when the kernel did not do what it shows" {
  cp -r "$ROOT" "$BATS_TEST_TMPDIR/copy"
  # A step 2 that closes first: its end is never in CLOSE-WAIT.
  cp "$ROOT/step1_single_shot/server" "$BATS_TEST_TMPDIR/copy/step2_loop/server"
  DEADLINE=1 run -1 "$BATS_TEST_TMPDIR/copy/docs/demos/close-wait.sh" </dev/null
  [[ $output == *"it expected CLOSE-WAIT at the server's end, and that did not happen"* ]]
  [[ $output != *Remember* ]]
}

@test "a demo that is interrupted leaves nothing behind" {
  mkfifo "$BATS_TEST_TMPDIR/keyboard"
  PAUSE=1 setsid env --default-signal=INT "$ROOT/docs/demos/close-wait.sh" \
    <>"$BATS_TEST_TMPDIR/keyboard" >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- 4>&- &
  eventually grep -q 'anna leaves' "$BATS_TEST_TMPDIR/output" # it waits for Enter
  eventually is_ended_by INT $! || kill -s KILL -- "-$!"
  status=0
  wait $! || status=$?
  ((status == 130))
}

# --- make states, make watch

states() { "$ROOT/docs/look/states.sh" "$@"; }

@test "make states explains every state that ss can show, from recorded lines" {
  # state, Recv-Q, Send-Q, whose end, process and timer | what it is to say
  while IFS='|' read -r line words; do
    run -0 states 8882 - <<<"LISTEN 0 128 0.0.0.0:8882 0.0.0.0:* users:((\"server\",pid=7,fd=3))
$line"
    [[ ${lines[1]} == *"$words"* ]] || { echo "of: $line"; echo "it says: ${lines[1]}"; return 1; }
  done <<'END'
LISTEN 3 128 0.0.0.0:8882 0.0.0.0:* users:(("server",pid=7,fd=3))|LISTEN, server (pid 7): waits for clients; 3 of 129 places
LISTEN 129 128 0.0.0.0:8882 0.0.0.0:* users:(("server",pid=7,fd=3))|so it is full, and the next client gets no reply
SYN-SENT 0 1 127.0.0.1:40000 127.0.0.1:8882 users:(("nc",pid=9,fd=3)) timer:(on,830ms,0)|client nc (pid 9): has asked to connect and has got no reply
SYN-RECV 0 0 127.0.0.1:8882 127.0.0.1:40000 timer:(on,830ms,0)|last step of the handshake
ESTAB 0 0 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=7,fd=4))|ESTAB, server (pid 7): connected; nothing waits
ESTAB 6 0 127.0.0.1:8882 127.0.0.1:40000|ESTAB, no process, Recv-Q 6: connected, waiting in the accept queue; accept() has not returned it yet
ESTAB 6 0 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=7,fd=4))|ESTAB, Recv-Q 6, server (pid 7): connected; 6 bytes have come, and the program has not read them
ESTAB 0 9 [::1]:8882 [::1]:40000 users:(("server",pid=7,fd=4)) timer:(on,200ms,0)|connected; 9 bytes have not been acknowledged by the client, or not been sent yet
FIN-WAIT-2 0 0 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=7,fd=4))|has stopped sending, and the client's kernel knows; the client's FIN has not come yet
ESTAB 9 900000 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=7,fd=4)) timer:(persist,516ms,1)|900000 bytes wait to be sent, because the client does not read: its window is closed
ESTAB 9 900000 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=7,fd=4)) timer:(persist,,1)|900000 bytes wait to be sent, because the client does not read: its window is closed
FIN-WAIT-1 0 6 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=7,fd=4)) timer:(on,200ms,0)|has stopped sending, and its FIN is on the way
FIN-WAIT-1 0 1 127.0.0.1:40000 127.0.0.1:8882 timer:(on,200ms,0)|the client's end: has closed, and its FIN is on the way
FIN-WAIT-2 0 0 127.0.0.1:40000 127.0.0.1:8882 timer:(timewait,58sec,0)|the client's end: has closed, and the server's kernel knows; the server's FIN has not come yet, 58 s left
FIN-WAIT-2 0 0 127.0.0.1:8882 127.0.0.1:40000 timer:(timewait,1min1sec,0)|the server's end: has closed, and the client's kernel knows; the client's FIN has not come yet, 61 s left
CLOSE-WAIT 1 0 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=4242,fd=4))|CLOSE-WAIT, Recv-Q 1, server (pid 4242): the client has closed; this program has not read the end of file
CLOSE-WAIT 0 0 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=4242,fd=4))|nothing is left to read, and this program has not called close()
CLOSE-WAIT 9 0 127.0.0.1:8882 127.0.0.1:40000|CLOSE-WAIT, no process, Recv-Q 9: the client has closed before accept() returned it
LAST-ACK 0 1 127.0.0.1:8882 127.0.0.1:40000 users:(("server",pid=7,fd=4)) timer:(on,200ms,0)|both have stopped sending, the client first
LAST-ACK 0 1 127.0.0.1:8882 127.0.0.1:40000 timer:(on,200ms,0)|both have closed, the client first
CLOSING 0 1 127.0.0.1:8882 127.0.0.1:40000 timer:(on,200ms,0)|both have closed at the same moment
TIME-WAIT 0 0 127.0.0.1:8882 127.0.0.1:40000 timer:(timewait,57sec,0)|TIME-WAIT, the server's end: closed first, so it keeps a record of the connection; no program is needed, 57 s left
TIME-WAIT 0 0 127.0.0.1:40000 127.0.0.1:8882 timer:(timewait,3.120ms,0)|TIME-WAIT, the client's end: closed first, so it keeps a record of the connection; no program is needed, 3 s left
NEW-STATE 0 0 127.0.0.1:8882 127.0.0.1:40000|does not know
END
}

@test "make states does not guess when ss hides whose the sockets are" {
  run -0 states 8882 - <<<'LISTEN 0 128 0.0.0.0:8882 0.0.0.0:*
ESTAB 0 0 127.0.0.1:8882 127.0.0.1:40000'
  [[ ${lines[1]} == "client 40000: ESTAB, process unknown: connected; nothing waits"* ]]
}

@test "make states says so when no socket has the port, and asks for a port that is one" {
  run -0 states 8882 - </dev/null
  [[ $output == "No socket has port 8882"* ]]
  for port in '' 0 65536 80x; do
    run -2 env -u MAKEFLAGS -u MAKELEVEL make -s -C "$ROOT" states PORT="$port"
    [[ $output == *"You said: PORT='$port'"* ]]
    run -2 env -u MAKEFLAGS -u MAKELEVEL make -s -C "$ROOT" watch PORT="$port"
    [[ $output == *"You said: PORT='$port'"* ]]
  done
}

@test "make states and make watch tell what step 2 does with a client that leaves" {
  SCRATCH=$BATS_TEST_TMPDIR
  . "$ROOT/tests/helpers/all.bash"
  SERVER_COMMAND=("$ROOT/step2_loop/server")
  start_server 127.0.0.1
  spawn "$ROOT/docs/look/watch.sh" "$PORT" </dev/null >"$SCRATCH/watched" 2>&1
  watcher=$!
  eventually grep -q 'nothing -> LISTEN' "$SCRATCH/watched"
  connect anna
  eventually grep -Eq 'server +[0-9]+ +(ESTAB \(no process\)|nothing) -> ESTAB$' "$SCRATCH/watched"
  exchange anna "hello"
  anna=$(ss -Htan state established "dport = :$PORT" | sed -E 's/.*:([0-9]+) .*:.*/\1/')
  connect ben
  eventually grep -Eq 'server +[0-9]+ +nothing -> ESTAB \(no process\)' "$SCRATCH/watched"
  disconnect anna
  eventually grep -Eq "server +$anna +ESTAB -> CLOSE-WAIT" "$SCRATCH/watched"
  eventually grep -Eq "client +$anna +(ESTAB|FIN-WAIT-1) -> FIN-WAIT-2" "$SCRATCH/watched"
  [[ ! $(awk 'length > 80' "$SCRATCH/watched") ]]
  run -0 states "$PORT"
  [[ $output == *"client $anna: CLOSE-WAIT, server (pid $SERVER_PID): the client has closed"* ]]
  [[ $output == *"FIN-WAIT-2, the client's end: has closed, and the server's kernel knows;"* ]]
  [[ $output == *"ESTAB, no process: connected, waiting in the accept queue"* ]]
  stop_server
  eventually grep -q 'CLOSE-WAIT -> gone' "$SCRATCH/watched"
  kill -- "-$watcher"
  wait "$watcher"
  eventually nothing_is_left
}
