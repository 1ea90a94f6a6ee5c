# Starting, watching and stopping one server; used by the tests and by the demos.
#
# The caller sets SCRATCH, a folder for logs, and SERVER_COMMAND, an array: the words to run.
# After start_server: PORT, SERVER_PID (also its process group), SERVER_LOG, SERVER_ARGUMENTS.

DEADLINE=${DEADLINE:-5} # seconds that eventually() waits: generous, so that a busy machine passes

# eventually COMMAND [ARGUMENT...]: repeats the command until it succeeds; 1 after DEADLINE seconds.
eventually() { untraced poll_until_deadline "$@"; }
poll_until_deadline() {
  local end=$((SECONDS + DEADLINE))
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.01
  done
}

# untraced COMMAND [ARGUMENT...]: runs it in a subshell, free of the DEBUG trap by which bats notes
# every line: for loops, in which the trap would cost more than the work.
untraced() { (trap - DEBUG && "$@"); }

# Prints a port below those that the kernel hands to clients, with no socket in any state on it.
free_port() {
  trap - DEBUG # as in untraced: this runs in $( )
  local first_ephemeral port
  read -r first_ephemeral _ </proc/sys/net/ipv4/ip_local_port_range
  ((first_ephemeral > 12000)) || first_ephemeral=32768
  while :; do
    port=$((10000 + (RANDOM * 32768 + RANDOM) % (first_ephemeral - 10000)))
    ((port / 256 != port % 256)) || continue # or a missing htons() would go unnoticed
    [[ $(ss -Htan "( sport = :$port or dport = :$port )") ]] || break
  done
  echo "$port"
}

# Closes every descriptor above 2 of this subshell: bats waits for whoever holds its 3 and 4, and a
# connection that a child has inherited sends no FIN when the parent closes it.
close_inherited() {
  local path fd
  for path in "/proc/$BASHPID/fd/"*; do
    fd=${path##*/}
    if ((fd > 2)); then exec {fd}>&-; fi
  done
}

# spawn COMMAND...: runs it in the background in a process group of its own, with descriptors 0, 1
# and 2 only and the default reaction to SIGPIPE. The caller redirects 0, 1 and 2; $! is its pid.
spawn() {
  (
    trap - DEBUG # as in untraced
    close_inherited
    exec setsid env --default-signal=PIPE "$@"
  ) <&0 & # said outright: a background command's input may be /dev/null otherwise
}

# launch_server [ARGUMENT...]: starts the server and does not wait for anything.
# SERVER_LIMIT="-n 20" runs it under that ulimit.
launch_server() {
  SERVER_LOG=$SCRATCH/server.log
  SERVER_ARGUMENTS=("$@")
  if [[ ${SERVER_LIMIT:-} ]]; then
    spawn bash -c 'ulimit '"$SERVER_LIMIT"' && exec "$@"' limited "${SERVER_COMMAND[@]}" "$@"
  else
    spawn "${SERVER_COMMAND[@]}" "$@"
  fi </dev/null >"$SERVER_LOG" 2>&1
  SERVER_PID=$!
}

# start_server [ADDRESS]: on a free port, by default of 127.0.0.1; '' gives it no address at all.
# Returns when it listens; 1, and says why, when it does not.
start_server() {
  PORT=$(free_port)
  restart_server "$@"
}

# The same, on the port of the run before.
restart_server() {
  local address=${1-127.0.0.1}
  launch_server "$PORT" ${address:+"$address"}
  eventually server_has_started || true # what is wrong, explain_silence says
  untraced server_is_listening || explain_silence
}

server_has_started() { server_is_listening || ! server_is_running; }

# The process or a descendant of it owns a socket in LISTEN on the port.
server_is_listening() {
  local sockets pid server_pids
  sockets=$(ss -Hltnp "sport = :$PORT")
  [[ $sockets ]] || return 1
  find_server_pids
  for pid in "${server_pids[@]}"; do
    [[ $sockets != *"pid=$pid,"* ]] || return 0
  done
  return 1
}

server_is_running() {
  local state
  process_state "$SERVER_PID"
  [[ $state == [^Z] ]]
}
server_has_ended() { ! server_is_running; }

# The kernel has a listener on the port, but ss does not show whose it is (some sandboxes).
ss_is_blind() {
  local port
  printf -v port '%04X' "$PORT"
  grep -qsE ":$port [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6 &&
    [[ $(ss -Hltnp "sport = :$PORT") != *users:* ]]
}

# Says in one sentence why there is no server to test, and returns 1; a test that could not see one
# if it were there is skipped.
explain_silence() {
  if ss_is_blind && declare -F skip >/dev/null; then
    skip "ss does not show the sockets of this user's processes on this machine"
  fi
  local owner elsewhere server_pids status=0
  owner=$(ss -Hltnp "sport = :$PORT")
  find_server_pids
  elsewhere=$(IFS='|' && ss -Hltnp | grep -E "pid=(${server_pids[*]:-none}),") || true
  if [[ $owner == *users:* ]] && server_has_ended; then
    echo "The server went to the background: the process that was started has ended, and another"
    echo "one listens. It must stay in the foreground. ss shows:"
    echo "  $owner"
    owner=${owner#*pid=}
    kill "${owner%%,*}"
  elif server_has_ended; then
    await_server || status=$?
    echo "The server ended, with status $status, before it listened on port $PORT."
  elif [[ $elsewhere ]]; then
    echo "The server does not listen on port $PORT, its first argument, but elsewhere (htons?). ss shows:"
    echo "  $elsewhere"
  else
    echo "The server runs, but after $DEADLINE s it has no socket in LISTEN on port $PORT, its first"
    echo "argument: who calls listen()?"
  fi
  echo "It was started as: ${SERVER:-${SERVER_COMMAND[*]}} ${SERVER_ARGUMENTS[*]}"
  echo "Its output:"
  sed 's/^/  /' "$SERVER_LOG"
  touch "$SCRATCH/never_listened"
  return 1
}

# Ends the server and its descendants, and waits for it; 1, and says so, when it took SIGKILL.
stop_server() {
  local ignored=0
  [[ ${SERVER_PID:-} ]] || return 0
  signal_server CONT
  signal_server TERM
  if ! eventually server_group_has_ended; then
    echo "The server ignores SIGTERM: it has not ended within $DEADLINE s. It has been killed."
    ignored=1
    signal_server KILL
  fi
  await_server || true # 143 after TERM
  SERVER_PID=
  return $ignored
}

# Waits for a server that has ended or is about to, and returns its exit status.
await_server() { wait "$SERVER_PID" 2>/dev/null; }

# signal_server NAME: to the server and its descendants (its process group). Never fails.
signal_server() { kill -s "$1" -- "-$SERVER_PID" 2>/dev/null || true; }
server_group_has_ended() { ! kill -0 -- "-$SERVER_PID" 2>/dev/null; }

# Sets server_pids to the pid of the server and those of its descendants.
find_server_pids() {
  local file children pid
  server_pids=()
  local todo=("$SERVER_PID")
  while ((${#todo[@]})); do
    pid=${todo[0]}
    todo=("${todo[@]:1}")
    [[ ! -e /proc/$pid ]] || server_pids+=("$pid")
    for file in "/proc/$pid/task/"*/children; do
      read -r -a children <"$file" || true # the kernel ends this line without a newline
      todo+=("${children[@]}")
    done 2>/dev/null
  done
}

# process_state PID: sets state to its letter, R, S, T or Z as in proc(5), or to nothing.
process_state() {
  state=
  read -r state <"/proc/$1/stat" || return 0
  state=${state##*) }
  state=${state%% *}
} 2>/dev/null

# server_threads_are LETTER: every thread of the server and its descendants is in that state.
server_threads_are() {
  local pid task state server_pids
  find_server_pids
  for pid in "${server_pids[@]}"; do
    for task in "/proc/$pid/task/"*; do
      process_state "${task#/proc/}"
      [[ $state == ["$1"Z] ]] || return 1 # Z: a child that has ended has no thread
    done
  done
}

server_is_stopped() { server_threads_are T; }

# Every thread of the server sleeps, whenever one looks: it waits in a call and uses no CPU.
server_sleeps() {
  for _ in {1..5}; do
    server_threads_are S || return 1
    sleep 0.01
  done
}

# Prints how many descriptors the server and its descendants hold.
server_descriptors() {
  local pid server_pids descriptors=()
  find_server_pids
  for pid in "${server_pids[@]}"; do
    ! compgen -G "/proc/$pid/fd/*" >/dev/null || descriptors+=("/proc/$pid/fd/"*) # a zombie has none
  done
  echo "${#descriptors[@]}"
}

# Prints the CPU time of the server and its descendants so far, in ticks of 10 ms.
server_ticks() {
  local pid stat server_pids ticks=0
  find_server_pids
  for pid in "${server_pids[@]}"; do
    read -r stat <"/proc/$pid/stat" || continue
    read -r -a stat <<<"${stat##*) }"
    ticks=$((ticks + stat[11] + stat[12]))
  done
  echo "$ticks"
}

# server_used_cpu TICKS SINCE: it has used so many ticks more than the SINCE that server_ticks gave.
server_used_cpu() { (($(server_ticks) >= $2 + $1)); }

# server_has_descriptors COUNT: it and its descendants hold so many.
server_has_descriptors() { (($(server_descriptors) == $1)); }

# server_has_threads COUNT
server_has_threads() {
  local tasks=("/proc/$SERVER_PID/task/"*)
  ((${#tasks[@]} == $1))
}

# server_has_said TEXT: its output so far contains the text.
server_has_said() { [[ $(cat "$SERVER_LOG") == *"$1"* ]]; }
