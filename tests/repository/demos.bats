#!/usr/bin/env bats
# The demos show what they say they show, and leave nothing behind.

load demos

# A demo checks the kernel before it says anything, and fails where that does something else (see
# below). The pages show the others, and docs.bats compares every line.
@test "the demos that no page shows keep their promises, in 80 columns" {
  needs patch
  need_descriptors 150
  demos addresses backlog buffers 'clean-stop 1' descriptors 'flow-control 2' handshake \
    'inherit 2' recv-queue reset reuse-address reuse-port threads
}

@test "make demo-c10k says what stopped it; an unlimited stack is no infinite one" {
  need_descriptors 150
  ulimit -n 150
  ulimit -s unlimited 2>/dev/null || true # this user may not have one
  demo c10k
  [[ $output =~ "clients: 100".*"threads: 101".*"ulimit -n is 150".*"Each thread reserves "[1-9] ]]
}

@test "a demo says so, and fails, when the kernel did not do what it shows" {
  in_a_copy
  # A step 2 that closes first: its end is never in CLOSE-WAIT.
  cp step1_single_shot/server step2_loop/server
  DEADLINE=1 run -1 docs/demos/close-wait.sh </dev/null
  [[ $output == *"this has not come true: server_is CLOSE-WAIT"* && $output != *Remember* ]]
}

@test "a demo that is interrupted leaves nothing behind" {
  start_paused 'anna leaves' env --default-signal=INT "$ROOT/docs/demos/close-wait.sh"
  ends_with 130 is_ended_by INT "$demo"
}

# --- make states, make watch

# states PORT: what make states says of the lines on standard input, as if ss had printed them.
states() (
  # shellcheck disable=SC2317 # states.sh calls it
  ss() { cat; }
  export -f ss
  "$ROOT/docs/look/states.sh" "$1"
)

@test "make states explains every state that ss can show, from recorded lines" {
  [[ -s $BATS_TEST_DIRNAME/states.tsv ]]
  listener='LISTEN 0 128 0.0.0.0:8882 0.0.0.0:* users:(("server",pid=7,fd=3))'
  while IFS=$'\t' read -r words line; do
    run -0 states 8882 <<<"$listener"$'\n'"$line"
    [[ $output == *"$words"* ]] || { echo "of $line: $output" && return 1; }
  done < <(grep -v '^#' "$BATS_TEST_DIRNAME/states.tsv")
}

@test "make states does not guess when ss hides whose the sockets are" {
  run -0 states 8882 <<<'LISTEN 0 128 0.0.0.0:8882 0.0.0.0:*
ESTAB 0 0 127.0.0.1:8882 127.0.0.1:40000'
  [[ ${lines[1]} == "client 40000: ESTAB, process unknown: connected; nothing waits"* ]]
}

@test "make states says so when no socket has the port, and asks for a port that is one" {
  run -0 states 8882 </dev/null
  [[ $output == "No socket has port 8882"* ]]
  for wrong in "states PORT=" "states PORT=80x" "watch PORT=0" "watch PORT=65536"; do
    # shellcheck disable=SC2086 # words
    run -2 timeout 20 env -u MAKEFLAGS -u MAKELEVEL make -s -C "$ROOT" $wrong
    [[ $output == *"You said: PORT='${wrong#*=}'"* ]]
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
  run -0 "$ROOT/docs/look/states.sh" "$PORT"
  [[ $output == *"client $anna: CLOSE-WAIT, server (pid $SERVER_PID): the client has closed"* ]]
  [[ $output == *"FIN-WAIT-2, the client's end: has closed, and the server's kernel knows;"* ]]
  [[ $output == *"ESTAB, no process: connected, waiting in the accept queue"* ]]
  stop_server
  eventually grep -q 'CLOSE-WAIT -> gone' "$SCRATCH/watched"
  kill -- "-$watcher"
  wait "$watcher" || true
  eventually nothing_is_left
}
