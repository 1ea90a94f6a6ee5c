#!/usr/bin/env bash
# Measures step 4 (a thread per client) beside the models of docs/models, and shows what steps 1 to
# 3 cannot do. Writes the figures as TSV, and prints the tables of docs/c10k.md. Some six minutes.
#
# Environment: QUICK=1, a short run. SERVER, one more server to measure: an executable, or a shell
# command (FROM: the folder it is relative to). For tests: OUT, the file to write; CLIENTS (counts),
# ROUNDS and PERIOD (seconds, the least that a measurement takes). Status 1 when a server does not
# start. One that is not up to its clients has a problem in the place of its figures.
#
# The scenarios are those of docs/c10k.md; steps is talk, with steps 1 to 3; calls is talk, in a run
# of its own under strace, which counts the calls and slows them down. A figure is the median of
# ROUNDS runs. The servers take turns within a round, so that what else this machine does meets them
# alike.
set -euo pipefail

BENCH=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$BENCH/../../.." && pwd)
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/docs/models/io_uring.bash"
"$ROOT/docs/look/doctor.sh" ss

# results.tsv is what the pages tell about: only the whole run, of our own servers, replaces it.
[[ ! ${SERVER:-} ]] || : "${OUT:=$ROOT/mine/bench.tsv}"
[[ ${QUICK:-} != 1 ]] ||
  : "${CLIENTS:=1 10 100 1000}" "${ROUNDS:=1}" "${PERIOD:=0.3}" "${OUT:=$ROOT/mine/bench.tsv}"
: "${CLIENTS:=1 10 100 1000 10000}" "${ROUNDS:=3}" "${PERIOD:=0.8}" "${OUT:=$BENCH/results.tsv}"

DEADLINE=30 # seconds: 10,000 processes take a while to end
SCRATCH=$(mktemp -d)
RUNS=$SCRATCH/runs.tsv # a line for each figure of each run
at_the_end clean_up

clean_up() {
  stop_server >/dev/null || true
  rm -rf "$SCRATCH"
}

# look_around: while nothing of ours runs, notes how many cores this machine uses all the same, for
# 0.1 s; steal too, which is what its host does. busy_cores: prints the mean. A tick is 10 ms.
look_around() {
  local before
  before=$(busy_ticks)
  sleep 0.1
  echo $(($(busy_ticks) - before)) >>"$SCRATCH/busy"
}
busy_ticks() { awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat; }
busy_cores() { awk '{ ticks += $1 } END { printf "%.2f", ticks / 10 / NR }' "$SCRATCH/busy"; }

# --- one run

# use_server NAME: SERVER_COMMAND becomes the command that runs it.
use_server() {
  case $1 in
    step*) SERVER_COMMAND=("$ROOT/$1"_*/server) ;;
    yours) choose_server "$SERVER" "${FROM:-$PWD}" ;;
    *) SERVER_COMMAND=("$ROOT/docs/models/$1_server") ;;
  esac
}

# load OPTION...: lets the generator connect its clients and measure. What it prints is in
# $SCRATCH/figures; 1, and what went wrong in $SCRATCH/problem, when it was not served.
load() { "$BENCH/load" -s "$PERIOD" "$@" "$PORT" >"$SCRATCH/figures" 2>"$SCRATCH/problem"; }

# record SCENARIO SERVER CLIENTS FIGURE VALUE
record() { (IFS=$'\t' && echo "$*") >>"$RUNS"; }

# measure SCENARIO SERVER CLIENTS OPTION...: starts the server, and loads it with so many clients
# that the OPTIONs of the generator describe. Records the figures.
measure() {
  local stacks
  echo "$1, $2, clients: $3" >&2
  use_server "$2"
  start_server 127.0.0.1
  stacks=$(awk '/^KernelStack/ { print $2 }' /proc/meminfo)
  if load -n "$3" -e "$BENCH/used.sh $SERVER_PID" "${@:4}"; then
    awk -v OFS='\t' -v OFMT=%.4g -v scenario="$1" -v server="$2" -v clients="$3" \
      -v stacks="$stacks" '
      BEGIN { run = scenario OFS server OFS clients }
      /^(rate|latency_99|generator_cpu) / { print run, $1, $2 }
      $1 in value { used[$1] = $2 - value[$1]; next } # the second time, after the talk
      { value[$1] = $2 }
      END {
        if (scenario == "talk") {
          print "silent", server, clients, "memory", value["memory"] + value["stacks"] - stacks
          print "silent", server, clients, "reserved", value["reserved"]
        }
        if (scenario != "churn") { # there, who did the work has ended
          print run, "cpu", used["cpu"] / value["answers"]
          print run, "switches", used["switches"] / value["answers"]
        }
      }' "$SCRATCH/figures" >>"$RUNS"
  else
    record "${@:1:3}" problem "$(head -n 1 "$SCRATCH/problem")"
    [[ $1 != talk ]] || record silent "$2" "$3" problem "$(head -n 1 "$SCRATCH/problem")"
  fi
  stop_server
}

# count_calls SERVER CLIENTS: the calls that receive, send or wait for a client, a round trip.
count_calls() {
  local calls='?recvfrom,?sendto,?read,?write' # with ?: if this processor has it
  calls+=',?select,?_newselect,?pselect6,?poll,?ppoll,?epoll_wait,?epoll_pwait,?io_uring_enter'
  echo "calls, $1, clients: $2" >&2
  use_server "$1"
  SERVER_COMMAND=(strace -f -c -o "$SCRATCH/calls" -e "trace=$calls" "${SERVER_COMMAND[@]}")
  start_server 127.0.0.1
  if load -n "$2"; then
    stop_server # then strace writes its table
    record calls "$1" "$2" calls "$(awk -v first="$2" '
      $1 == "answers" { trips = $2 + first } # before the measurement each client made a round trip
      /^ *[0-9]/ && !/total/ { calls += $4 }
      END { printf "%.4g", calls / trips }' "$SCRATCH/figures" "$SCRATCH/calls")"
  fi
  stop_server
}

# --- the results

# summarise: the header lines and, for each figure, the median, the least and the most of its runs.
summarise() {
  echo "# What a thread per client costs, and the models. Written by: make bench"
  echo "# machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)," \
    "$(nproc) cores, $(awk '/^MemTotal:/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
  echo "# kernel: $(uname -sr)"
  echo "# date: $(date -u +%F)"
  echo "# runs: $ROUNDS of $PERIOD s or more, until each client has had 20 round trips"
  echo "# load: $load_before before; between the runs," \
    "$(busy_cores) cores were busy with other things"
  printf '%s\t' scenario server clients figure median least most && echo runs
  sort -t $'\t' -s -k 1,1 -k 2,2 -k 3,3n -k 4,4 -k 5,5g "$RUNS" | awk -F '\t' -v OFS='\t' '
    function finish() { if (n) print key, value[int((n + 1) / 2)], value[1], value[n], n }
    { this = $1 OFS $2 OFS $3 OFS $4 }
    this != key { finish(); key = this; n = 0 }
    { value[++n] = $5 }
    END { finish() }'
}

# tables FILE: the figures for people, in the tables of docs/c10k.md.
tables() {
  local scenario figure
  sed -n 's/^# //p' "$1"
  while read -r _ _ _ scenario figure _; do
    printf '\n%s: %s\n' "$scenario" "$figure"
    awk -f "$BENCH/table.awk" -v scenario="$scenario" -v figure="$figure" "$1" ||
      echo "not measured"
  done < <(grep '^<!-- generated: bench .* en' "$ROOT/docs/c10k.md")
}

ulimit -n "$(ulimit -Hn)" # as many as this user may have
servers=(step4 fork select poll epoll)
why_no_io_uring >&2 || servers+=(io_uring)
if [[ ${SERVER:-} ]]; then servers+=(yours); fi
load_before=$(cut -d ' ' -f 1 /proc/loadavg)
for server in step1 step2 step3; do
  for count in 1 10; do measure steps $server $count -t 1; done
done
for ((round = 1; round <= ROUNDS; round++)); do
  for count in $CLIENTS; do
    look_around
    for server in "${servers[@]}"; do
      measure talk "$server" "$count"
      ((count < 100)) || measure most_silent "$server" "$count" -a 100
    done
  done
  for server in "${servers[@]}"; do measure churn "$server" 10 -c; done
done
if strace -o "$SCRATCH/calls" true 2>/dev/null; then
  for server in "${servers[@]}"; do
    for count in 1 100; do count_calls "$server" $count; done
  done
else
  echo "no calls are counted: there is no strace here, or it may not trace" >&2
fi

mkdir -p "$(dirname "$OUT")"
summarise >"$OUT"
tables "$OUT"
printf '\nThe same figures, and a few more, are in %s.\n' "$OUT"
