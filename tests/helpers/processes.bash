# Looking at the processes of the server in /proc: SERVER_PID and its descendants. See proc(5).

# find_server_pids ARRAY: puts the pid of the server and those of its descendants into that array.
find_server_pids() {
  local -n found=$1
  local file children pid next
  found=()
  local todo=("$SERVER_PID")
  for ((next = 0; next < ${#todo[@]}; next++)); do
    pid=${todo[next]}
    [[ ! -e /proc/$pid ]] || found+=("$pid")
    for file in "/proc/$pid/task/"*/children; do
      children=() # or a process that is gone by now would have those of the last one, for ever
      read -r -a children <"$file" || true # the kernel ends this line without a newline
      todo+=("${children[@]}")
    done 2>/dev/null
  done
}

# read_stat ARRAY PID: puts what /proc/PID/stat says behind the name into that array: the state (R,
# S, T, Z ...), the parent, the process group ... It stays empty when the process is gone.
read_stat() {
  local -n fields=$1
  local line
  fields=()
  read -r line <"/proc/$2/stat" || return 0
  read -r -a fields <<<"${line##*) }"
} 2>/dev/null

# process_has_ended PID: it is gone, or it is a zombie that its parent has not waited for yet. One
# whose main() has called pthread_exit() looks like a zombie, too, but has other threads.
process_has_ended() {
  local stat tasks=("/proc/$1/task/"*)
  read_stat stat "$1"
  [[ ! ${stat[0]:-} ]] || [[ ${stat[0]} == Z && ${#tasks[@]} == 1 ]]
}

# is_ended_by SIGNAL PID: sends it to that script and its process group, and says whether the script
# has ended. For eventually: bash may lose a Ctrl-C that comes during a $( ), so press it again.
is_ended_by() {
  kill -s "$1" -- "-$2" 2>/dev/null || true # the group may have gone
  process_has_ended "$2"
}

# group_has_ended PID: nothing is left of the process group that it leads but zombies: a process 1
# that does not wait for orphans (in a container) keeps those for ever.
group_has_ended() {
  local process stat
  kill -0 -- "-$1" 2>/dev/null || return 0
  for process in /proc/[0-9]*; do
    read_stat stat "${process#/proc/}"
    [[ ${stat[2]:-} != "$1" ]] || process_has_ended "${process#/proc/}" || return 1
  done
}

server_has_ended() { process_has_ended "$SERVER_PID"; }
server_group_has_ended() { group_has_ended "$SERVER_PID"; }
server_is_running() { ! server_has_ended; }

# server_threads_are LETTER: every thread of the server and its descendants is in that state.
server_threads_are() {
  local pid task stat server_pids
  find_server_pids server_pids
  for pid in "${server_pids[@]}"; do
    for task in "/proc/$pid/task/"*; do
      read_stat stat "${task#/proc/}"
      [[ ${stat[0]:-} == ["$1"Z] ]] || return 1 # Z: a child that has ended has no thread
    done
  done
}

# Every thread of the server sleeps each time it is looked at: it waits in a call and uses no CPU.
server_sleeps() {
  for _ in {1..5}; do
    server_threads_are S || return 1
    sleep 0.01
  done
}

# limit_process PID OPTION: sets a limit by that option of prlimit, as the user of the process (make
# grade runs a submission as another one): then no privilege is needed.
limit_process() {
  local user group as_owner=()
  read -r user group < <(stat -c '%u %g' "/proc/$1")
  ((user == EUID)) || as_owner=(setpriv --reuid "$user" --regid "$group" --clear-groups)
  "${as_owner[@]}" prlimit --pid "$@"
}

# server_proc PATTERN: prints the names of these files of /proc/PID, for the server and descendants.
server_proc() {
  local pid server_pids
  find_server_pids server_pids
  for pid in "${server_pids[@]}"; do compgen -G "/proc/$pid/$1" || true; done
}

# server_read PATTERN: prints what they hold.
server_read() { server_proc "$1" | { xargs -r cat 2>/dev/null || true; }; }

# sum_of PATTERN FIELD: prints the sum of this field, a word with a colon, over such files.
sum_of() {
  server_read "$1" | awk -v field="$2" '$1 == field { sum += $2 } END { printf "%.0f\n", sum }'
}

# How many descriptors the server and its descendants hold.
server_descriptors() { server_proc 'fd/*' | wc -l; }
server_has_descriptors_below() { (($(server_descriptors) < $1)); }

# Prints the CPU time of the server and its descendants so far, in ticks of 10 ms: utime and stime,
# counted from behind the name.
server_ticks() {
  server_read stat | awk '{ sub(/.*\) /, ""); ticks += $12 + $13 } END { print ticks + 0 }'
}

# server_used_cpu TICKS SINCE: the server has used so many ticks since server_ticks printed SINCE.
server_used_cpu() { (($(server_ticks) >= $2 + $1)); }

# server_wakes_up_less_than TIMES: the server wakes up, and sleeps again, fewer times than that in a
# quarter of a second. It takes that long to measure a rate.
server_wakes_up_less_than() {
  local before switches=('task/*/status' voluntary_ctxt_switches:)
  before=$(sum_of "${switches[@]}")
  sleep 0.25
  (($(sum_of "${switches[@]}") - before < $1))
}

# A server that has just started has more memory than one that asks malloc() for what it needs. So
# it has a runtime, and its memory does not show a leak.
server_has_its_own_heap() {
  (($(server_status VmRSS) > 6 * 1024 || $(server_status VmSize) > 64 * 1024))
}

# How many threads the server and its descendants have. A zombie counts as one.
server_tasks() { server_proc 'task/*' | wc -l; }
server_has_threads() { (($(server_tasks) == $1)); }
server_has_tasks_below() { (($(server_tasks) < $1)); }

# server_status FIELD: prints the sum of that field of /proc/PID/status over the server and its
# descendants: VmSize, VmRSS and VmPTE in KiB, Threads.
server_status() { sum_of status "$1:"; }
