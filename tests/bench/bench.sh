#!/usr/bin/env bash
# Measures step 4 (a thread per client) beside the reference (one thread, epoll), and shows what
# steps 1 to 3 cannot do. Prints a table, and writes it as TSV.
#
# Environment: SERVER, one more server to measure: an executable, or a shell command (FROM: the
# folder it is relative to). OUT, the file to write. QUICK=1, a short run. CLIENTS, ROUNDS, PERIOD
# (seconds a run) and MIB change what is run.
#
# A figure is the median of ROUNDS runs. The servers take turns within a round, so that whatever
# else this machine does meets them alike. Per round trip, the server's CPU time is from
# /proc/PID/stat, and its context switches, voluntary or not, are those of all its threads in
# /proc/PID/task/*/status: both read while every client is connected and silent, before the round
# trips and after them.
set -euo pipefail

BENCH=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$BENCH/../.." && pwd)
# shellcheck source=tests/helpers/all.bash
. "$ROOT/tests/helpers/all.bash"
"$ROOT/tests/tools/doctor.sh" ss

if [[ ${QUICK:-0} == 1 ]]; then
  : "${CLIENTS:=1 10 100 1000}" "${ROUNDS:=1}" "${PERIOD:=0.5}" "${MIB:=128}"
else
  : "${CLIENTS:=1 10 100 1000 10000}" "${ROUNDS:=5}" "${PERIOD:=1}" "${MIB:=512}"
fi
# results.tsv is what the pages tell about: only the whole run, of our own servers, replaces it.
if [[ ${QUICK:-0} == 1 || ${SERVER:-} ]]; then
  : "${OUT:=$ROOT/mine/bench.tsv}"
else
  : "${OUT:=$BENCH/results.tsv}"
fi

SCRATCH=$(mktemp -d)
RUNS=$SCRATCH/runs.tsv # a line for every single run
NOTES=()               # what the reader of the table should know
LOAD_PID=''
trap 'clean_up' EXIT
trap 'exit 130' INT TERM HUP
trap '' PIPE
mkfifo "$SCRATCH/feed" "$SCRATCH/results"

clean_up() {
  if [[ $LOAD_PID ]]; then kill "$LOAD_PID" 2>/dev/null || true; fi
  stop_server >/dev/null || true
  rm -rf "$SCRATCH"
}

# --- the servers

# use_server NAME: SERVER_COMMAND becomes the command that runs it.
use_server() {
  case $1 in
    step*) SERVER_COMMAND=("$ROOT/$1/server") ;;
    epoll_server) SERVER_COMMAND=("$BENCH/epoll_server") ;;
    *)
      local from=${FROM:-$PWD}
      if [[ -f $from/$SERVER && -x $from/$SERVER ]]; then
        SERVER_COMMAND=("$from/$SERVER")
      elif [[ -f $SERVER && -x $SERVER ]]; then
        SERVER_COMMAND=("$SERVER")
      else # the port and the address become its last words
        SERVER_COMMAND=(bash -c "cd \"\$0\" && $SERVER \"\$@\"" "$from")
      fi
      ;;
  esac
}

# Prints the processes of the server: it leads a process group of its own (see spawn).
server_processes() {
  cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v group="$SERVER_PID" '{ pid = $1; sub(/^.*\) /, ""); if ($3 == group) print pid }'
}

# Sets threads, and resident, reserved and page_tables in KiB: of the server, as it is now.
look_at_memory() {
  local pid
  read -r threads resident reserved page_tables < <(
    for pid in $(server_processes); do cat "/proc/$pid/status"; done | awk '
      /^Threads:/ { threads += $2 }
      /^VmRSS:/ { resident += $2 }
      /^VmSize:/ { reserved += $2 }
      /^VmPTE:/ { page_tables += $2 }
      END { print threads, resident, reserved, page_tables }'
  )
}

# Sets switches and cpu (in ticks): what the server has used so far.
look_at_work() {
  local pid processes
  processes=$(server_processes)
  switches=$(for pid in $processes; do cat "/proc/$pid/task/"[0-9]*/status; done |
    awk '/ctxt_switches/ { sum += $2 } END { print sum + 0 }')
  cpu=$(for pid in $processes; do cat "/proc/$pid/stat"; done |
    awk '{ sub(/^.*\) /, ""); sum += $12 + $13 } END { print sum + 0 }')
}

# Prints the memory of all kernel stacks of this machine, in KiB: each thread of any process has one.
kernel_stacks() { awk '/^KernelStack:/ { print $2 }' /proc/meminfo; }

# --- the load generator

# begin_load ARGUMENT...: starts it; it waits for lines at $feed and writes its results to $results.
begin_load() {
  "$BENCH/load" "$1" "${@:2}" "$PORT" <"$SCRATCH/feed" >"$SCRATCH/results" 2>"$SCRATCH/problem" &
  LOAD_PID=$!
  exec {feed}>"$SCRATCH/feed" {results}<"$SCRATCH/results"
}

# result KEY: sets value to the figure of that name; 1 when the generator ends before it comes, and
# then value is the last figure that did.
result() {
  local key figure
  while read -r key figure _; do
    value=$figure
    [[ $key != "$1" ]] || return 0
  done <&"$results"
  return 1
}

# Lets it end, and returns its status.
end_load() {
  local status=0
  exec {feed}>&- {results}<&-
  wait "$LOAD_PID" || status=$?
  LOAD_PID=''
  return $status
}

problem() { head -n 1 "$SCRATCH/problem" | sed 's/^load: //'; }

# --- one run

# record MODE NAME CLIENTS UNIT FIELD...: adds a run; a field that was not measured is "-".
# FIELDs: rate, the three latencies, threads, resident, reserved, page_tables, kernel stacks,
# switches and CPU a round trip, problem.
record() { (IFS=$'\t' && echo "$*") >>"$RUNS"; }

record_problem() { record "$1" "$2" "$3" "$4" - - - - - - - - - - - "$(problem)"; }

# read_rate: sets rate and latencies to what the generator reports.
read_rate() {
  local key
  result rate || return
  rate=$value
  latencies=()
  for key in latency_50 latency_99 latency_99.9; do
    result $key || return
    latencies+=("$value")
  done
}

# measure_roundtrips NAME CLIENTS: round trips, and what they cost the server.
measure_roundtrips() {
  local rate latencies threads resident reserved page_tables switches cpu
  local stacks switches_before cpu_before per_trip
  stacks=$(kernel_stacks)
  begin_load roundtrips -w -n "$2" -s "$PERIOD"
  result clients || return
  look_at_memory
  stacks=$(($(kernel_stacks) - stacks))
  look_at_work
  switches_before=$switches cpu_before=$cpu
  echo >&"$feed" # go
  read_rate || return
  result with_the_last || return
  look_at_work
  per_trip=$(awk -v trips="$value" -v switches=$((switches - switches_before)) \
    -v cpu=$((cpu - cpu_before)) -v second="$(getconf CLK_TCK)" \
    'BEGIN { printf "%.3f\t%.2f", switches / trips, cpu / second * 1000000 / trips }')
  record roundtrips "$1" "$2" 1/s "$rate" "${latencies[@]}" \
    "$threads" "$resident" "$reserved" "$page_tables" "$stacks" "$per_trip" -
}

# measure_churn NAME: connections a second, ten at a time.
measure_churn() {
  local rate latencies
  begin_load churn -n 10 -s "$PERIOD"
  read_rate || return
  record churn "$1" 10 1/s "$rate" "${latencies[@]}" - - - - - - - -
}

# measure_bulk NAME: how fast one client gets MIB back.
measure_bulk() {
  begin_load bulk -b "$MIB"
  result rate || return
  record bulk "$1" 1 MiB/s "$value" - - - - - - - - - - -
}

# try_step NAME CLIENTS: round trips of a server that may not be up to them: no answer for a second
# ends it.
try_step() {
  local rate latencies
  begin_load roundtrips -n "$2" -s "$PERIOD" -t 1
  read_rate || return
  record roundtrips "$1" "$2" 1/s "$rate" "${latencies[@]}" - - - - - - - -
}

# run WHAT MODE NAME CLIENTS: starts the server and does WHAT, one of the functions above, with it.
run() {
  progress "$2, $3, $4 client$( (($4 == 1)) || echo s)"
  use_server "$3"
  start_server 127.0.0.1
  "$1" "$3" "$4" || true # the generator has said why
  end_load || record_problem "$2" "$3" "$4" "$([[ $2 == bulk ]] && echo MiB/s || echo 1/s)"
  stop_server
}

# progress TEXT: on a terminal, a line that is written over and over.
progress() {
  step=$((step + 1))
  if [[ -t 2 ]]; then
    printf '\r\e[K[%d/%d] %s' "$step" "$steps" "$1" >&2
  else
    printf '[%d/%d] %s\n' "$step" "$steps" "$1" >&2
  fi
}

# --- how many clients

# Lowers the counts in CLIENTS to what this machine allows, and notes what it was that stopped it.
fit_clients() {
  local limit wanted most=0 fitting=()
  ulimit -n "$(ulimit -Hn)" # as many descriptors as this user may have
  limit=$(ulimit -n)
  for wanted in $CLIENTS; do ((wanted <= most)) || most=$wanted; done
  wanted=$most
  if [[ $limit != unlimited ]] && ((most > limit - 50)); then
    most=$((limit - 50)) # a server and the generator need a few for themselves
    NOTES+=("stopped at $most of $wanted clients: ulimit -n is $limit here")
  fi
  probe
  for wanted in $CLIENTS; do
    ((wanted <= most)) || wanted=$most
    [[ " ${fitting[*]} " == *" $wanted "* ]] || fitting+=("$wanted")
  done
  CLIENTS=${fitting[*]}
}

# Tries whether step 4 can have $most clients; if not, lowers it a little below what it had.
probe() {
  local value=0
  use_server step4_threads
  start_server 127.0.0.1
  begin_load idle -n "$most"
  if result clients; then
    end_load
  else # value is how many it had reached
    end_load || true
    NOTES+=("stopped at $value of $most clients: $(problem)$(grep -m 1 ^pthread "$SERVER_LOG" | sed 's/^/; /')")
    most=$((value > 20 ? value * 95 / 100 : 1))
  fi
  stop_server
}

# --- the results

# Prints the header lines and, for every server and number of clients, the medians.
summarise() {
  echo "# What a thread per client costs. Written by: make bench"
  echo "# machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)," \
    "$(nproc) cores, $(awk '/^MemTotal:/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
  echo "# kernel: $(uname -sr)"
  echo "# date: $(date -u +%F)"
  echo "# runs: $ROUNDS of $PERIOD s, messages of 64 bytes; bulk: $MIB MiB; load average before: $load_average"
  if ((${#NOTES[@]})); then printf '# note: %s\n' "${NOTES[@]}"; fi
  printf '%s\t' mode server clients runs unit rate rate_min rate_max \
    latency_50_us latency_99_us latency_99.9_us threads resident_kib reserved_kib page_tables_kib \
    kernel_stacks_kib switches_per_roundtrip cpu_us_per_roundtrip
  echo problem
  awk -F '\t' -v OFS='\t' '
    # The runs of a group, as "1 4 7", become in `sorted` the values of a field in rising order.
    function sort_field(runs, field,    list, i, j, value) {
      count = split(runs, list, " ")
      for (i = 1; i <= count; i++) {
        value = cell[list[i], field]
        for (j = i; j > 1 && sorted[j - 1] > value; j--) sorted[j] = sorted[j - 1]
        sorted[j] = value
      }
    }
    function median(runs, field) {
      sort_field(runs, field)
      if (sorted[1] == "-") return "-"
      return count % 2 ? sorted[(count + 1) / 2] : (sorted[count / 2] + sorted[count / 2 + 1]) / 2
    }
    {
      group = $1 OFS $2 OFS $3
      if (!(group in unit)) order[++groups] = group
      unit[group] = $4
      if ($NF != "-") { problem[group] = $NF; next }
      runs[group] = runs[group] " " NR
      for (i = 5; i < NF; i++) cell[NR, i] = $i == "-" ? "-" : $i + 0
    }
    END {
      for (g = 1; g <= groups; g++) {
        group = order[g]
        if (!(group in runs)) {
          line = group OFS 0 OFS unit[group]
          for (i = 6; i <= 18; i++) line = line OFS "-"
        } else {
          sort_field(runs[group], 5)
          line = group OFS count OFS unit[group] OFS median(runs[group], 5) OFS sorted[1] OFS sorted[count]
          for (i = 6; i <= 15; i++) line = line OFS median(runs[group], i)
        }
        print line, group in problem ? problem[group] : "-"
      }
    }' "$RUNS"
}

# table FILE: the same for people.
table() {
  grep '^#' "$1" | sed 's/^# //'
  awk -F '\t' '
    function mib(kib) { return kib == "-" ? "-" : sprintf("%.1f", kib / 1024) }
    function two(number) { return number == "-" ? "-" : sprintf("%.2f", number) }
    function whole(number) { return number == "-" ? "-" : sprintf("%.0f", number) }
    /^#/ || $1 == "mode" { next }
    $1 != mode {
      mode = $1
      printf "\n%-18s %7s %9s %17s %8s %8s %8s", mode, "clients", "rate", "min .. max", "50 %", "99 %", "99.9 %"
      if (mode == "roundtrips") printf " %7s %8s %7s %9s %8s", "threads", "resident", "stacks", "switches", "CPU"
      printf "\n%-18s %7s %9s %17s %8s %8s %8s", "", "", $5, "", "us", "us", "us"
      if (mode == "roundtrips") printf " %7s %8s %7s %9s %8s", "", "MiB", "MiB", "each", "us each"
      print ""
    }
    $4 == 0 { printf "%-18s %7d    %s\n", $2, $3, $19; next }
    {
      printf "%-18s %7d %9.0f %17s %8s %8s %8s", $2, $3, $6, whole($7) " .. " whole($8), whole($9), whole($10), whole($11)
      if (mode == "roundtrips") printf " %7s %8s %7s %9s %8s", $12, mib($13), mib($16), two($17), two($18)
      print $19 == "-" ? "" : "    " $19
    }' "$1"
}

main() {
  local names=(step4_threads epoll_server) count round name
  load_average=$(cut -d ' ' -f 1-3 /proc/loadavg)
  [[ ! ${SERVER:-} ]] || names+=(yours)
  fit_clients
  local counts
  read -r -a counts <<<"$CLIENTS"
  step=0
  steps=$((ROUNDS * ${#names[@]} * (${#counts[@]} + 2) + 5))

  for ((round = 1; round <= ROUNDS; round++)); do
    for count in "${counts[@]}"; do
      for name in "${names[@]}"; do run measure_roundtrips roundtrips "$name" "$count"; done
    done
    for name in "${names[@]}"; do run measure_churn churn "$name" 10; done
    for name in "${names[@]}"; do run measure_bulk bulk "$name" 1; done
  done
  run try_step roundtrips step1_single_shot 1
  for name in step2_loop step3_close_detect; do
    for count in 1 10; do run try_step roundtrips "$name" $count; done
  done
  [[ ! -t 2 ]] || printf '\r\e[K' >&2

  mkdir -p "$(dirname "$OUT")"
  sort -s -k 1,1r "$RUNS" >"$SCRATCH/sorted" && mv "$SCRATCH/sorted" "$RUNS" # roundtrips first
  summarise >"$OUT"
  table "$OUT"
  printf '\nThe same figures, and a few more, are in %s.\n' "$OUT"
}

main
