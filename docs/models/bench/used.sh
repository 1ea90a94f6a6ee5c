#!/usr/bin/env bash
# Prints what a server and its descendants have used so far, one figure a line: memory and the
# memory reserved, in KiB; the stacks that the kernel has for all threads of this machine, in KiB;
# CPU time in microseconds; context switches. Argument: the pid of the server.
set -euo pipefail
SERVER_PID=$1
. "${0%/*}/../../../tests/helpers/processes.bash"

# Pss counts a page that processes share once. VmPTE: what maps the pages takes pages too.
echo "memory $(($(sum_of smaps_rollup Pss:) + $(sum_of status VmPTE:)))"
echo "reserved $(sum_of status VmSize:)"
echo "stacks $(awk '/^KernelStack/ { print $2 }' /proc/meminfo)"
server_read 'task/*/schedstat' | awk '{ ns += $1 } END { printf "cpu %.0f\n", ns / 1000 }'
echo "switches $(($(sum_of 'task/*/status' voluntary_ctxt_switches:) + \
  $(sum_of 'task/*/status' nonvoluntary_ctxt_switches:)))"
