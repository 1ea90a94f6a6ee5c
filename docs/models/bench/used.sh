#!/usr/bin/env bash
# Prints what a server and its descendants have used so far, one figure a line: memory and the
# memory reserved, in KiB; the stacks that the kernel has for all threads of this machine, in KiB;
# CPU time in microseconds; context switches. Argument: the pid of the server.
set -euo pipefail
SERVER_PID=$1
# shellcheck source=tests/helpers/processes.bash
. "${0%/*}/../../../tests/helpers/processes.bash"

# sum FILE FIELD [COLUMN]: adds up the second, or that, column of the lines whose first matches, in
# that file (a pattern: those files) of /proc/PID. A thread may have ended since.
sum() {
  local pid files=()
  # shellcheck disable=SC2206 # FILE is a pattern
  for pid in "${server_pids[@]}"; do files+=(/proc/"$pid"/$1); done
  { cat "${files[@]}" 2>/dev/null || true; } |
    awk -v field="$2" -v n="${3:-2}" '$1 ~ field { sum += $n } END { printf "%.0f\n", sum }'
}

find_server_pids server_pids
# Pss counts a page that processes share once. VmPTE: what maps the pages takes pages too.
echo "memory $(($(sum smaps_rollup '^Pss:$') + $(sum status '^VmPTE')))"
echo "reserved $(sum status '^VmSize')"
echo "stacks $(awk '/^KernelStack/ { print $2 }' /proc/meminfo)"
echo "cpu $(($(sum 'task/*/schedstat' . 1) / 1000))"
echo "switches $(sum 'task/*/status' ctxt_switches)"
