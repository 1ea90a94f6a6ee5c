#!/usr/bin/env bash
# Measures step 4 (a thread per client) beside the models of docs/models, and shows what steps 1 to
# 3 cannot do. Writes the figures as TSV, and prints them as tables. Some six minutes.
#
# Environment: QUICK=1, a short run. SERVER, one more server to measure: an executable, or a shell
# command (FROM: the folder it is relative to). OUT, the file to write. CLIENTS (counts), ROUNDS and
# PERIOD (seconds, the least that a measurement takes) change what is run. Status 1 when a server
# does not start. One that is not up to its clients has a problem in the place of its figures.
#
# Scenarios; a message has 64 bytes:
#   silent       every client is connected and has been answered once
#   talk         each of them sends, waits until it is back, sends again
#   most_silent  100 of them do, the others are silent
#   churn        10 clients talk, on a new connection each time
#   steps        talk, with steps 1 to 3
#   calls        talk, in a run of its own under strace, which counts the calls and slows them down
# A figure is the median of ROUNDS runs. The servers take turns within a round, so that whatever
# else this machine does meets them alike.
set -euo pipefail

BENCH=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$BENCH/../../.." && pwd)
# shellcheck source=tests/helpers/all.bash
. "$ROOT/tests/helpers/all.bash"
# shellcheck source=docs/models/io_uring.bash
. "$ROOT/docs/models/io_uring.bash"
"$ROOT/docs/look/doctor.sh" ss

if [[ ${QUICK:-0} == 1 ]]; then
  : "${CLIENTS:=1 10 100 1000}" "${ROUNDS:=1}" "${PERIOD:=0.3}"
else
  : "${CLIENTS:=1 10 100 1000 10000}" "${ROUNDS:=3}" "${PERIOD:=1}"
fi
# results.tsv is what the pages tell about: only the whole run, of our own servers, replaces it.
if [[ ${QUICK:-0} == 1 || ${SERVER:-} ]]; then
  : "${OUT:=$ROOT/mine/bench.tsv}"
else
  : "${OUT:=$BENCH/results.tsv}"
fi

DEADLINE=30 # seconds: 10,000 processes take a while to end
SCRATCH=$(mktemp -d)
RUNS=$SCRATCH/runs.tsv # a line for each figure of each run
NOTES=$SCRATCH/notes   # what the reader of the figures should know
LOAD_PID=''
at_the_end clean_up
trap '' PIPE
mkfifo "$SCRATCH/feed" "$SCRATCH/figures"

clean_up() {
  if [[ $LOAD_PID ]]; then kill "$LOAD_PID" 2>/dev/null || true; fi
  stop_server >/dev/null || true
  rm -rf "$SCRATCH"
}

add_note() { echo "$1" | tee -a "$NOTES" >&2; }

# progress TEXT: on a terminal, a line that is written over and over.
progress() {
  if [[ -t 2 ]]; then printf '\r\e[K%s' "$1" >&2; else printf '%s\n' "$1" >&2; fi
}

# fit_clients: lowers the counts in CLIENTS to what this user's descriptors allow.
fit_clients() {
  local count counts='' room
  ulimit -n "$(ulimit -Hn)" # as many as this user may have
  room=$(ulimit -n)
  [[ $room != unlimited ]] || return 0
  room=$((room - 50)) # a server and the generator need a few for themselves
  for count in $CLIENTS; do
    if ((count > room)); then
      add_note "stopped at $room of $count clients: ulimit -n is $(ulimit -n) here"
      count=$room
    fi
    [[ " $counts" == *" $count "* ]] || counts+="$count "
  done
  CLIENTS=$counts
}

# look_around: while nothing of ours runs, notes how many cores this machine uses all the same, for
# 0.1 s; steal too, which is what its host does.
look_around() {
  local before since=${EPOCHREALTIME/[.,]/}
  before=$(busy_ticks)
  sleep 0.1
  echo $((($(busy_ticks) - before) * 10000)) $((${EPOCHREALTIME/[.,]/} - since)) >>"$SCRATCH/busy"
}
busy_ticks() { awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat; }
busy_cores() { awk '{ busy += $1; all += $2 } END { printf "%.2f", busy / all }' "$SCRATCH/busy"; }

# warn_above_half CORES WHEN: says that the machine is not quiet, if it is not.
warn_above_half() {
  awk -v load="$1" 'BEGIN { exit !(load > 0.5) }' || return 0
  add_note "WARNING: not a quiet machine: load $1 $2"
}

# --- one run

# use_server NAME: SERVER_COMMAND becomes the command that runs it.
use_server() {
  case $1 in
    step*) SERVER_COMMAND=("$ROOT/$1"_*/server) ;;
    yours) choose_server "$SERVER" "${FROM:-$PWD}" ;;
    *) SERVER_COMMAND=("$ROOT/docs/models/$1_server") ;;
  esac
}

# begin_load OPTION...: starts the generator; it connects its clients, and then waits for a line at
# $feed before it measures.
begin_load() {
  "$BENCH/load" -s "$PERIOD" "$@" "$PORT" \
    <"$SCRATCH/feed" >"$SCRATCH/figures" 2>"$SCRATCH/problem" &
  LOAD_PID=$!
  exec {feed}>"$SCRATCH/feed" {figures}<"$SCRATCH/figures"
}

# go: the generator measures, unless it has ended already.
go() { echo >&"$feed" || true; } 2>/dev/null

# read_figures NAME: puts what the generator prints, up to the figure of that name, into figure, an
# array of the caller; 1 when it ends before.
read_figures() {
  local name value
  while read -r name value; do
    figure[$name]=$value
    [[ $name != "$1" ]] || return 0
  done <&"$figures"
  return 1
}

# end_load: lets the generator end. What went wrong becomes figure[problem], and nothing else
# counts.
end_load() {
  exec {feed}>&- {figures}<&-
  wait "$LOAD_PID" || figure=([problem]="$(head -n 1 "$SCRATCH/problem")")
  LOAD_PID=''
}

# proc FILE: prints that file of /proc/PID (a pattern: those files) for the pids in server_pids.
proc() {
  local pid files=()
  # shellcheck disable=SC2206 # FILE is a pattern
  for pid in "${server_pids[@]}"; do files+=(/proc/"$pid"/$1); done
  cat "${files[@]}" 2>/dev/null || true # a process or a thread may have ended since
}

# sum FIELD [COLUMN]: adds up the second, or that, column of the lines in which the first matches.
sum() { awk -v field="$1" -v n="${2:-2}" '$1 ~ field { sum += $n } END { printf "%.0f\n", sum }'; }

ratio() { awk -v part="$1" -v whole="$2" 'BEGIN { printf "%.4g", part / whole }'; }

kernel_stacks() { sum '^KernelStack' </proc/meminfo; } # of all threads of this machine, KiB

# Prints what the threads of the server have used so far: CPU time in ns, and context switches.
work() {
  echo "$(proc 'task/*/schedstat' | sum . 1)" "$(proc 'task/*/status' | sum ctxt_switches)"
}

# record SCENARIO SERVER CLIENTS FIGURE VALUE
record() { (IFS=$'\t' && echo "$*") >>"$RUNS"; }

# measure SCENARIO SERVER CLIENTS OPTION...: starts the server, and loads it with so many clients
# that the OPTIONs of the generator describe. Records the figures.
measure() {
  local server_pids name stacks memory cpu switches cpu_now switches_now
  local -A figure=()
  progress "$1, $2, clients: $3"
  use_server "$2"
  start_server 127.0.0.1
  stacks=$(kernel_stacks)
  begin_load -n "$3" "${@:4}"
  if read_figures clients; then
    find_server_pids
    if [[ $1 == talk ]]; then
      stacks=$(($(kernel_stacks) - stacks))
      # Pss counts a page that processes share once. VmPTE: what maps the pages takes pages too.
      memory=$(($(proc smaps_rollup | sum '^Pss:$') + $(proc status | sum '^VmPTE') + stacks))
      record silent "$2" "$3" memory "$memory"
      record silent "$2" "$3" reserved "$(proc status | sum '^VmSize')"
    fi
    read -r cpu switches < <(work)
    go
    if read_figures answers && [[ $1 != churn ]]; then # there, who did the work has ended
      read -r cpu_now switches_now < <(work)
      figure[cpu]=$(ratio $(((cpu_now - cpu) / 1000)) "${figure[answers]}")
      figure[switches]=$(ratio $((switches_now - switches)) "${figure[answers]}")
    fi
  fi
  end_load
  stop_server
  for name in rate latency_99 cpu switches generator_cpu problem; do
    [[ ! ${figure[$name]:-} ]] || record "${@:1:3}" "$name" "${figure[$name]}"
  done
  if [[ $1 == talk && ${figure[problem]:-} ]]; then
    record silent "$2" "$3" problem "${figure[problem]}"
  fi
}

# count_calls SERVER CLIENTS: the calls that receive, send or wait for a client, a round trip.
count_calls() {
  local calls='?recvfrom,?sendto,?read,?write' # with ?: if this processor has it
  calls+=',?select,?_newselect,?pselect6,?poll,?ppoll,?epoll_wait,?epoll_pwait,?io_uring_enter'
  local -A figure=()
  progress "calls, $1, clients: $2"
  use_server "$1"
  SERVER_COMMAND=(strace -f -c -o "$SCRATCH/calls" -e "trace=$calls" "${SERVER_COMMAND[@]}")
  start_server 127.0.0.1
  begin_load -n "$2"
  if read_figures clients && go; then read_figures answers || true; fi
  end_load
  stop_server
  [[ ${figure[answers]:-} ]] || return 0
  # The first message of each client was a round trip too.
  record calls "$1" "$2" calls \
    "$(ratio "$(grep -v total "$SCRATCH/calls" | sum '^[0-9]' 4)" $((figure[answers] + $2)))"
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
    "$load_between cores were busy with other things"
  sed 's/^/# note: /' "$NOTES"
  printf '%s\t' scenario server clients figure median least most && echo runs
  sort -t $'\t' -s -k 1,1 -k 2,2 -k 3,3n -k 4,4 -k 5,5g "$RUNS" | awk -F '\t' -v OFS='\t' '
    function finish() { if (n) print key, value[int((n + 1) / 2)], value[1], value[n], n }
    { this = $1 OFS $2 OFS $3 OFS $4 }
    this != key { finish(); key = this; n = 0 }
    { value[++n] = $5 }
    END { finish() }'
}

# tables FILE: the figures for people.
tables() {
  local scenario figure table
  sed -n 's/^# //p' "$1"
  while read -r scenario figure; do
    table=$(awk -f "$BENCH/table.awk" -v scenario="$scenario" -v figure="$figure" "$1") || continue
    printf '\n%s: %s\n%s\n' "$scenario" "$figure" "$table"
  done <<'END'
silent reserved
silent memory
talk rate
talk cpu
talk switches
talk generator_cpu
talk latency_99
most_silent rate
most_silent cpu
most_silent latency_99
churn rate
steps rate
calls calls
END
}

servers=(step4 fork select poll epoll)
: >"$NOTES"
if reason=$(why_no_io_uring); then add_note "$reason"; else servers+=(io_uring); fi
if [[ ${SERVER:-} ]]; then servers+=(yours); fi
load_before=$(cut -d ' ' -f 1 /proc/loadavg)
warn_above_half "$load_before" "before the run"
fit_clients
for server in step1 step2 step3; do
  for count in 1 10; do measure steps $server $count -t 1; done
done
for ((round = 1; round <= ROUNDS; round++)); do
  for count in $CLIENTS; do
    look_around
    for server in "${servers[@]}"; do measure talk "$server" "$count"; done
  done
  for count in $CLIENTS; do
    ((count >= 100)) || continue
    look_around
    for server in "${servers[@]}"; do measure most_silent "$server" "$count" -a 100; done
  done
  look_around
  for server in "${servers[@]}"; do measure churn "$server" 10 -c; done
done
if strace -o "$SCRATCH/calls" true 2>/dev/null; then
  for server in "${servers[@]}"; do
    for count in 1 100; do count_calls "$server" $count; done
  done
else
  add_note "no calls are counted: there is no strace here, or it may not trace"
fi
[[ ! -t 2 ]] || printf '\r\e[K' >&2
load_between=$(busy_cores)
warn_above_half "$load_between" "between the runs"

mkdir -p "$(dirname "$OUT")"
summarise >"$OUT"
tables "$OUT"
printf '\nThe same figures, and a few more, are in %s.\n' "$OUT"
