#!/usr/bin/env bats
# The load generator counts what is right and reports what is wrong; the benchmark writes its
# figures, and they show what the pages say of them. shellcheck disable=SC2030,SC2031 # each test
# runs in a subshell of its own

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
BENCH=$ROOT/docs/models/bench
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/docs/models/bench/crowd.bash"

setup() {
  trace_only_the_test
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

# serve_wrongly CODE [BACKLOG]: starts step 4 with this code in place of its sending; there `reads`
# counts the pieces that it has received.
SEND='send(client, buffer, (size_t)received, 0);'
serve_wrongly() {
  sed "/if (send_all(/ { N; s/.*/{ static int reads; reads++; $1 }/ }
    s/BACKLOG = 128/BACKLOG = ${2:-128}/" \
    "$ROOT/step4_threads/server.c" >"$SCRATCH/wrong.c"
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
  run -0 generate -n 3 -m 100 -s 0.1 -w
  eventually has_gone 3
  echoed=$(awk '/client gone/ { sum += $(NF - 2) } END { print sum }' "$SERVER_LOG")
  # Each client had been answered once before the measurement began.
  ((echoed == 100 * ($(figure with_the_last) + 3)))
  (($(figure answers) > 0 && $(figure answers) <= $(figure with_the_last)))
}

has_gone() { (($(grep -c 'client gone' "$SERVER_LOG") == $1)); }

@test "round trips: the latencies rise with the percentage, and half of them add up to the time" {
  serve "$ROOT/docs/models/epoll_server"
  run -0 generate -n 1 -s 0.2
  awk -v p50="$(figure latency_50)" -v p99="$(figure latency_99)" -v p999="$(figure latency_99.9)" \
    -v trips="$(figure answers)" 'BEGIN {
      exit !(0 < p50 && p50 <= p99 && p99 <= p999 && p50 * trips / 2 < 200000) }'
}

@test "churn: as many connections are reported as the server has served, and none is left" {
  serve "$ROOT/step4_threads/server"
  run -0 generate -c -n 5 -s 0.1
  eventually client_has_no_connection
  served=$(grep -c 'connected' "$SERVER_LOG")
  # Not counted: the five before the measurement, and those under way when the time was over.
  counted=$(figure answers)
  ((served >= counted + 5 && served <= counted + 10))
}

@test "a long message comes back whole" {
  serve "$ROOT/docs/models/epoll_server"
  run -0 generate -n 2 -m 5000000 -s 0.5
  (($(figure answers) >= 2))
}

@test "most are silent: so many talk as were asked for, spread over all" {
  serve "$ROOT/step4_threads/server"
  run -0 generate -n 10 -a 3 -s 0.1
  eventually has_gone 10
  # The fourth, the seventh and the tenth.
  talked=$(awk '/client gone/ && $(NF - 2) > 64 { print $4 + 0 }' "$SERVER_LOG" | sort -n)
  [[ $talked == $'7\n10\n13' ]]
}

@test "a window is longer until every client has had 20 answers, but not for ever" {
  serve "$ROOT/step4_threads/server"
  run -0 generate -n 200 -s 0.3
  (($(figure fewest) >= 20))
  run -0 generate -n 5 -m 30000000 -s 0.01 -t 10
  (($(figure fewest) < 20))
}

@test "silent clients stay until the generator's input ends" {
  serve "$ROOT/step4_threads/server"
  connect_crowd 150
  server_has_threads 151
  leave_crowd
  eventually server_has_threads 1
}

# --- wrong answers

@test "a wrong byte is reported" {
  serve_wrongly "if (reads == 10) buffer[received - 1]++; $SEND"
  run -1 generate -n 2
  [[ $output =~ "load: client "[12]" of 2: wrong bytes: what came back is not what was sent" ]]
}

@test "bytes that are lost in the middle of a long message are reported" {
  serve_wrongly "if (reads != 100) $SEND"
  run -1 generate -n 1 -m 20000000
  [[ $output == *"load: client 1 of 1: wrong bytes: what came back is not what was sent"* ]]
}

@test "bytes of another client are reported" {
  local keep='if (reads % 2) for (int i = 0; i < 64; i++) shared[i] = buffer[i];'
  serve_wrongly "static char shared[64]; $keep send(client, shared, 64, 0);"
  run -1 generate -n 2
  [[ $output == *": wrong bytes: what came back is not what was sent"* ]]
}

@test "bytes that come back twice are reported" {
  serve_wrongly "$SEND $SEND"
  run -1 generate -n 1
  [[ $output == *"load: client 1 of 1: wrong bytes: "* ]]
}

@test "a server that dies is reported" {
  serve_wrongly "if (reads == 100) exit(1); $SEND"
  run -1 generate -n 4
  [[ $output =~ "load: client "[1-4]" of 4: "(recv|send)": "(closed|reset)" by the server" ]]
}

@test "a server that dies while the clients are silent is reported" {
  serve "$ROOT/docs/models/epoll_server"
  connect_crowd 5
  stop_server
  status=0
  wait "${CLIENT_NC[crowd]}" || status=$?
  ((status == 1))
  grep -E 'recv: (closed|reset) by the server' "$SCRATCH/crowd.out"
}

@test "a client that is reset is reported" {
  local option='setsockopt(client, SOL_SOCKET, SO_LINGER, \&on, sizeof on);'
  serve_wrongly "struct linger on = {1, 0}; $option break;"
  run -1 generate -n 1
  [[ $output == *"load: client 1 of 1: recv: reset by the server"* ]]
}

@test "a server that never answers is reported after the deadline" {
  serve_wrongly ''
  run -1 generate -n 10 -t 0.3
  [[ $output == *"load: client "*" of 10: time out: no answer"* ]]
}

@test "one client in many that gets no answer is reported" {
  serve "$ROOT/step3_close_detect/server"
  run -1 generate -c -n 2 -t 0.3
  [[ $output == *"reached 1 clients"*"load: client 2 of 2: time out: no answer"* ]]
}

@test "a long message that stops in the middle is reported" {
  serve_wrongly "if (reads == 100) pause(); $SEND"
  run -1 generate -n 1 -m 20000000 -t 0.3
  [[ $output == *"load: client 1 of 1: time out: no answer"* ]]
}

@test "a full accept queue is reported" {
  serve_wrongly "$SEND" 0
  signal_server STOP
  eventually server_is_stopped
  connect_many 1
  run -1 generate -n 1 -t 0.3
  [[ $output == *"load: client 1 of 1: time out: no connection"* ]]
}

@test "a refused connection is reported" {
  need_descriptors 110
  PORT=$(free_port)
  run -1 generate
  [[ $output == *"load: client 1 of 100: connect: refused: nobody listens there"* ]]
}

@test "too few descriptors are reported, and how many clients there were" {
  serve "$ROOT/docs/models/epoll_server"
  ulimit -n 40
  run -1 generate -a 0
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
    "$0/models/epoll_server" 9000 &
    until ss -Hltn | grep -q 9000; do sleep 0.01; done
    "$0/bench/load" -n 20 9000 </dev/null
    status=$?
    kill %1
    exit $status' "$ROOT/tests"
  [[ $output == *"connect: out of local ports (see net.ipv4.ip_local_port_range)"* ]]
}

@test "bad usage: what was wrong, and the usage" {
  while IFS='|' read -r problem arguments; do
    # shellcheck disable=SC2086 # the words are arguments
    run -2 "$BENCH/load" $arguments
    [[ $output == "$problem"*"usage: load [OPTION...] PORT"* ]]
  done <<'END'
no port: ''|-n 3
not a port from 1 to 65535: '0'|0
not an IPv4 or IPv6 address: 'localhost'|8884 localhost
one argument too many: 'more'|8884 127.0.0.1 more
not an option: '-b'|-b 3 8884
an option without its value: '-m'|-m
not a number, or out of range: 'x'|-n x 8884
more clients that talk than clients: '-a'|-n 10 -a 11 8884
too many clients to connect again and again: '-c'|-c -n 101 8884
END
}

# --- the benchmark

# pretend: a machine with four cores, 0 to 2 and 5, on which others are busy. taskset notes what it
# is to run where in the file apart.
pretend() {
  mkdir "$SCRATCH/bin"
  cat >"$SCRATCH/bin/taskset" <<END
#!/bin/sh
case \$1 in
  -pc) echo "pid \$2's current affinity list: 0-2,5" ;;
  -c) echo "\$2 \$3" >>$SCRATCH/apart; shift 2; exec "\$@" ;;
esac
END
  printf '#!/bin/sh\necho 0.75\n' >"$SCRATCH/bin/cut" # what is cut out of /proc/loadavg
  chmod +x "$SCRATCH/bin/"*
}

@test "the benchmark measures what it can reach, and says what stopped it and what it ran on" {
  local out=$SCRATCH/new/bench.tsv shown
  need_descriptors 80
  pretend
  # In a German login, where one can be made, the figures have a point too.
  if localedef -i de_DE -f UTF-8 "$SCRATCH/de_DE.UTF-8" 2>/dev/null; then
    export LOCPATH=$SCRATCH LC_ALL=de_DE.UTF-8
  fi
  ulimit -n 80
  run -0 env PATH="$SCRATCH/bin:$PATH" CLIENTS='2 100' ROUNDS=1 PERIOD=0.1 OUT="$out" \
    TMPDIR="$SCRATCH" SERVER=step4_threads/server FROM="$ROOT" "$BENCH/bench.sh" 3>&-
  [[ ! $(ls -d "$SCRATCH"/tmp.* 2>/dev/null) ]] # it has cleaned up
  [[ $output =~ [0-9]\.[0-9]+" MiB" && ! $output =~ ,[0-9]+" "(MiB|ms|us) ]]
  shown=$(tr -s ' ' <<<"$output")
  [[ $shown == *"note: stopped at 30 of 100 clients: ulimit -n is 80 here"* ]]
  [[ $shown == *"| clients | step 4: threads | fork | select | poll | epoll | yours |"* ]]
  [[ $shown =~ "| 10 | client "[0-9]+": "(closed|reset)" | client 2: no answer | client 2" ]]
  # Every figure of every server, in eight fields.
  awk -F '\t' '
    /^#/ { next }
    NF != 8 { exit 1 }
    $1 == "silent" && $2 == "step4" && $4 == "threads" && $5 != $3 + 1 { exit 1 }
    $1 == "talk" && $5 <= 0 { exit 1 }
    { measured[$1]++ }
    END { exit !(measured["talk"] == 6 * 2 * 7 && measured["silent"] == 6 * 2 * 4) }
  ' "$out"
  [[ $shown == *"load: 0.75 before; between the runs, "*" cores were busy with other things"* ]]
  [[ $shown == *"WARNING: not a quiet machine: load 0.75 before the run"* ]]
  [[ $shown == *"note: 4 cores: one for the load generator alone, the others for the server"* ]]
  grep -q "^0 $BENCH/load" "$SCRATCH/apart"
  grep -q "^1,2,5 $ROOT/docs/models/epoll_server" "$SCRATCH/apart"
}

# --- the figures

# holds SCENARIO SERVER CLIENTS FIGURE TIMES SERVER CLIENTS [FIGURE]: that figure of results.tsv is
# at least TIMES the other one.
holds() {
  awk -F '\t' -v one="$1 $2 $3 $4" -v times="$5" -v other="$1 $6 $7 ${8:-$4}" '
    { figure[$1 " " $2 " " $3 " " $4] = $5 }
    END { exit !(one in figure && other in figure && figure[one] >= times * figure[other]) }
  ' "$BENCH/results.tsv" || { echo "does not hold: $*" && return 1; }
}

@test "results.tsv shows what the pages say of it" {
  while read -r claim; do
    # shellcheck disable=SC2086 # the words are arguments
    [[ ! $claim ]] || holds $claim
  done <<'END'
silent step4 10000 reserved 100 step4 10000 memory
silent step4 10000 memory 50 epoll 10000
silent fork 10000 memory 2 step4 10000
talk epoll 100 rate 1.2 step4 100
talk epoll 1000 rate 1.2 step4 1000
talk epoll 10000 rate 1.2 step4 10000
talk epoll 100 rate 0.85 select 100
most_silent epoll 1000 rate 1.1 select 1000
talk step4 100 generator_cpu 1.2 epoll 100
talk epoll 1 cpu 1.2 epoll 100
talk step4 1 cpu 0.7 epoll 1
talk epoll 1 cpu 0.7 step4 1
most_silent step4 100 cpu 0.7 step4 10000
talk step4 10000 cpu 1.2 step4 100
talk step4 10000 cpu 1.4 epoll 10000
talk step4 100 switches 10 epoll 100
most_silent epoll 10000 rate 2 poll 10000
most_silent step4 10000 rate 0.7 step4 100
most_silent poll 10000 cpu 3 poll 100
churn epoll 10 rate 1.1 step4 10
churn step4 10 rate 1.1 fork 10
calls epoll 1 calls 1.4 step4 1
END
}
