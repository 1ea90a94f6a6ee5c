#!/usr/bin/env bats
# The load generator counts what is right and reports what is wrong; the reference is a server that
# passes the suite; the benchmark writes its table.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BENCH=$ROOT/tests/bench
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/tests/helpers/make.bash"

setup() {
  SCRATCH=$BATS_TEST_TMPDIR
  trap '' PIPE
}

teardown() {
  stop_clients
  stop_server
}

# serve PROGRAM: starts that server.
serve() {
  SERVER_COMMAND=("$1")
  start_server 127.0.0.1
}

# serve_wrongly CODE [BACKLOG]: starts the plain server with this code in place of its send(); there
# `reads` counts the pieces that it has received.
SEND='send(client, buffer, (size_t)received, MSG_NOSIGNAL);'
serve_wrongly() {
  sed "s/^ *send(.*/{ static int reads; reads++; $1 }/; s/128/${2:-128}/" \
    "$BENCH/plain_server.c" >"$SCRATCH/wrong.c"
  cc -std=c11 -pthread -o "$SCRATCH/wrong" "$SCRATCH/wrong.c"
  serve "$SCRATCH/wrong"
}

# generate ARGUMENT...: runs the load generator; if it hangs, its status is 124.
generate() { timeout 20 "$BENCH/load" "$@" "$PORT" </dev/null; }

# figure NAME: prints what the generator said of it.
figure() { sed -n "s/^$1 \([0-9.]*\) .*/\1/p" <<<"$output"; }

# --- right answers

@test "round trips: as many are reported as the server has echoed" {
  serve "$ROOT/step4_threads/server"
  run -0 generate roundtrips -n 3 -m 100 -s 0.1 -w
  eventually has_gone 3
  echoed=$(awk '/client gone/ { sum += $(NF - 2) } END { print sum }' "$SERVER_LOG")
  # Each client had been answered once before the measurement began.
  ((echoed == 100 * ($(figure with_the_last) + 3)))
  (($(figure roundtrips) > 0 && $(figure roundtrips) <= $(figure with_the_last)))
}

has_gone() { (($(grep -c 'client gone' "$SERVER_LOG") == $1)); }

@test "round trips: the latencies rise with the percentage, and half of them add up to the time" {
  serve "$BENCH/epoll_server"
  run -0 generate roundtrips -n 1 -s 0.2
  awk -v p50="$(figure latency_50)" -v p99="$(figure latency_99)" -v p999="$(figure latency_99.9)" \
    -v trips="$(figure roundtrips)" 'BEGIN {
      exit !(0 < p50 && p50 <= p99 && p99 <= p999 && p50 * trips / 2 < 200000) }'
}

@test "churn: as many connections are reported as the server has served, and none is left" {
  serve "$ROOT/step4_threads/server"
  run -0 generate churn -n 5 -s 0.1
  eventually client_has_no_connection
  served=$(grep -c 'connected' "$SERVER_LOG")
  # Not counted: the five before the measurement, and those under way when the time was over.
  counted=$(figure connections)
  ((served >= counted + 5 && served <= counted + 10))
}

@test "bulk: every byte comes back" {
  serve "$BENCH/epoll_server"
  run -0 generate bulk -b 20
  [[ $output == *"bytes $((20 * 1024 * 1024)) echoed"* ]]
}

@test "idle: the clients stay until the generator's input ends" {
  need_descriptors 170
  serve "$ROOT/step4_threads/server"
  hold_idle 150
  eventually grep -q 'clients 150 connected' "$SCRATCH/idle.out"
  server_has_threads 151
  exec {feed}>&-
  wait "${CLIENT_NC[idle]}"
  eventually server_has_threads 1
}

# hold_idle CLIENTS: runs the generator in the background until descriptor $feed is closed.
hold_idle() {
  mkfifo "$SCRATCH/feed"
  exec {feed}<>"$SCRATCH/feed"
  spawn timeout 20 "$BENCH/load" idle -n "$1" "$PORT" <"$SCRATCH/feed" >"$SCRATCH/idle.out" 2>&1
  CLIENT_NC[idle]=$! # ended with the clients, whatever happens
}

# --- wrong answers

@test "a wrong byte is reported" {
  serve_wrongly "if (reads == 10) buffer[received - 1]++; $SEND"
  run -1 generate roundtrips -n 2
  [[ $output =~ "load: client "[12]" of 2: wrong bytes: what came back is not what was sent" ]]
}

@test "bytes that are lost in the middle of bulk are reported" {
  serve_wrongly "if (reads != 100) $SEND"
  run -1 generate bulk -b 20
  [[ $output == *"load: client 1 of 1: wrong bytes: what came back is not what was sent"* ]]
}

@test "bytes of another client are reported" {
  local keep='if (reads % 2) for (int i = 0; i < 64; i++) shared[i] = buffer[i];'
  serve_wrongly "static char shared[64]; $keep send(client, shared, 64, 0);"
  run -1 generate roundtrips -n 2
  [[ $output == *": wrong bytes: what came back is not what was sent"* ]]
}

@test "bytes that come back twice are reported" {
  serve_wrongly "$SEND $SEND"
  run -1 generate roundtrips -n 1
  [[ $output == *"load: client 1 of 1: wrong bytes: "* ]]
}

@test "a server that dies is reported" {
  serve_wrongly "if (reads == 100) exit(1); $SEND"
  run -1 generate roundtrips -n 4
  [[ $output =~ "load: client "[1-4]" of 4: "(recv|send)": "(closed|reset)" by the server" ]]
}

@test "a server that dies while the clients are silent is reported" {
  serve "$BENCH/epoll_server"
  hold_idle 5
  eventually grep -q 'clients 5 connected' "$SCRATCH/idle.out"
  stop_server
  status=0
  wait "${CLIENT_NC[idle]}" || status=$?
  ((status == 1))
  grep -E 'recv: (closed|reset) by the server' "$SCRATCH/idle.out"
  exec {feed}>&-
}

@test "a client that is reset is reported" {
  local option='setsockopt(client, SOL_SOCKET, SO_LINGER, \&on, sizeof on);'
  serve_wrongly "struct linger on = {1, 0}; $option break;"
  run -1 generate roundtrips -n 1
  [[ $output == *"load: client 1 of 1: recv: reset by the server"* ]]
}

@test "a server that never answers is reported after the deadline" {
  serve_wrongly ''
  run -1 generate roundtrips -n 10 -t 0.3
  [[ $output == *"load: client "*" of 10: time out: no answer"* ]]
}

@test "one client in many that gets no answer is reported" {
  serve "$ROOT/step3_close_detect/server"
  run -1 generate churn -n 2 -t 0.3
  [[ $output == *"reached 1 clients"*"load: client 2 of 2: time out: no answer"* ]]
}

@test "bulk that stops in the middle is reported" {
  serve_wrongly "if (reads == 100) pause(); $SEND"
  run -1 generate bulk -b 20 -t 0.3
  [[ $output == *"load: client 1 of 1: time out: no answer"* ]]
}

@test "a full accept queue is reported" {
  serve_wrongly "$SEND" 0
  signal_server STOP
  eventually server_is_stopped
  connect_many 1
  run -1 generate roundtrips -n 1 -t 0.3
  [[ $output == *"load: client 1 of 1: time out: no connection"* ]]
}

@test "a refused connection is reported" {
  need_descriptors 110
  PORT=$(free_port)
  run -1 generate roundtrips
  [[ $output == *"load: client 1 of 100: connect: refused: nobody listens there"* ]]
}

@test "too few descriptors are reported, and how many clients there were" {
  serve "$BENCH/epoll_server"
  ulimit -n 40
  run -1 generate idle
  [[ $output =~ "reached "[0-9]+" clients" ]]
  [[ $output =~ "load: client "[23][0-9]" of 100: socket: out of descriptors (see ulimit -n)" ]]
}

@test "too few ports are reported" {
  unshare --map-root-user --net bash -c 'echo 40000 40009 >/proc/sys/net/ipv4/ip_local_port_range' ||
    skip "this user may not have a network with settings of its own on this machine"
  # shellcheck disable=SC2016 # for the other bash to expand
  run -1 timeout 20 unshare --map-root-user --net bash -c '
    ip link set lo up
    echo 40000 40009 >/proc/sys/net/ipv4/ip_local_port_range
    "$0/epoll_server" 9000 &
    until ss -Hltn | grep -q 9000; do sleep 0.01; done
    "$0/load" idle -n 20 9000 </dev/null
    status=$?
    kill %1
    exit $status' "$BENCH"
  [[ $output == *"connect: out of local ports (see net.ipv4.ip_local_port_range)"* ]]
}

@test "bad usage: what was wrong, and the usage" {
  PORT=8884
  while IFS='|' read -r problem arguments; do
    # shellcheck disable=SC2086 # the words are arguments
    run -2 "$BENCH/load" $arguments
    [[ $output == "load: $problem"*"usage: load MODE"* ]]
  done <<'END'
no mode|
not a mode: 'fast'|fast 8884
no port|bulk
not a port from 1 to 65535: '0'|bulk 0
not an IPv4 or IPv6 address: 'localhost'|bulk 8884 localhost
one argument too many: 'more'|bulk 8884 127.0.0.1 more
not an option of this mode: '-n'|bulk -n 3 8884
an option without its value: '-b'|bulk -b
not a number, or out of range: 'x'|roundtrips -n x 8884
not a number, or out of range: '101'|churn -n 101 8884
END
}

# --- the reference, and the benchmark

@test "the reference passes those tests of step 4's suite that an event loop could fail" {
  run -0 make -C "$ROOT" test-step4 SERVER="$BENCH/epoll_server" \
    TEST='larger|interrupted|resets|while the server sends|stop|100 clients|overwritten|delay|descriptors'
  # Should the tests change their names: there are still as many of them.
  (($(grep -c '^ok' <<<"$output") >= 10))
}

@test "the benchmark measures what it can reach, says what stopped it, and writes every column" {
  need_descriptors 80
  ulimit -n 80
  CLIENTS='2 100' ROUNDS=1 PERIOD=0.1 MIB=4 OUT=$SCRATCH/new/bench.tsv SERVER=tests/bench/plain_server \
    FROM=$ROOT TMPDIR=$SCRATCH run -0 "$BENCH/bench.sh" 3>&-
  [[ $output == *"stopped at 30 of 100 clients: ulimit -n is 80 here"* ]]
  [[ $output =~ step4_threads\ +30\ +[0-9]+ ]]
  [[ $output =~ yours\ +2\ +[0-9]+ ]]
  [[ $output =~ step1_single_shot\ +1\ +"client 1 of 1: recv: "(closed|reset) ]]
  [[ $output =~ step3_close_detect\ +10\ +"client 2 of 10: time out: no answer" ]]
  # Every line has 19 fields, and for ours each of them is measured.
  awk -F '\t' '
    /^#/ { next }
    NF != 19 { exit 1 }
    $1 == "roundtrips" && ($2 == "step4_threads" || $2 == "epoll_server" || $2 == "yours") {
      for (i = 3; i <= 18; i++) if ($i !~ /^[-0-9.e+]+$/ && i != 5 || $i == "-") exit 1
      if ($2 == "step4_threads" && $12 != $3 + 1) exit 1
      measured++
    }
    END { if (measured != 6) exit 1 }' "$SCRATCH/new/bench.tsv"
  [[ ! $(ls -d "$SCRATCH"/tmp.* 2>/dev/null) ]] # it has cleaned up
}
