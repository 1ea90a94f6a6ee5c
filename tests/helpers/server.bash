# Starting and stopping one server. The caller sets SCRATCH, a folder for logs. choose_server sets
# SERVER_COMMAND, an array: the words to run. After start_server: PORT, SERVER_PID (also its process
# group), SERVER_LOG, SERVER_ARGUMENTS.

export -n PORT # a server learns its port from its argument, and from nothing else

# choose_server SERVER FROM: sets SERVER_COMMAND to the words that run a learner's server: an
# executable file, relative to the folder FROM, or else a shell command that is run in FROM.
choose_server() {
  local path=$1
  [[ $path == /* ]] || path=$2/$1
  if [[ -f $path && -x $path ]]; then
    SERVER_COMMAND=("$path")
  else # the port and the address become the last words of the command; $0 is the folder
    SERVER_COMMAND=(bash -c "cd \"\$0\" && $1 \"\$@\"" "$2")
  fi
}

# server_runs_as WORDS: the server is run by a bash that does this, and ends with: exec "$@".
server_runs_as() { SERVER_COMMAND=(bash -c "$1" "" "${SERVER_COMMAND[@]}"); }

# Prints a port below those that the kernel hands to clients, with no socket in any state on it. By
# its own pid, of which no two are alike: so tests that look at the same moment find different ones.
free_port() {
  local first_ephemeral port swapped tries=0
  read -r first_ephemeral _ </proc/sys/net/ipv4/ip_local_port_range
  ((first_ephemeral > 12000)) || first_ephemeral=32768
  while :; do
    port=$((10000 + (BASHPID + tries++ * 1009) % (first_ephemeral - 10000)))
    swapped=$((port % 256 * 256 + port / 256)) # where a server without htons() listens: also free
    ((swapped != port && swapped > 1023 && swapped < first_ephemeral)) || continue
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
# and 2 only and the default reaction to signals that the caller may ignore. The caller redirects 0,
# 1 and 2; $! is its pid.
spawn() {
  (
    close_inherited
    exec setsid env --default-signal=PIPE,TERM,INT "$@"
  ) <&0 & # said outright: a background command's input may be /dev/null otherwise
}

# in_background FUNCTION [ARGUMENT...]: runs it in a subshell that holds no descriptor of this one,
# and reads and prints nothing; $! is its pid.
in_background() { (close_inherited && "$@") </dev/null >/dev/null 2>&1 & }

# launch_server [ARGUMENT...]: starts the server and does not wait for anything.
# Its output may take 256 MiB at most.
launch_server() {
  note "the server is started with the arguments: %s" "$*"
  SERVER_LOG=$SCRATCH/server.log
  SERVER_ARGUMENTS=("$@")
  spawn bash -c 'ulimit -f 262144; exec "$@"' limited "${SERVER_COMMAND[@]}" "$@" \
    </dev/null >"$SERVER_LOG" 2>&1
  SERVER_PID=$!
  [[ ! ${WATCH:-} ]] || echo "$SERVER_PID" >"$SCRATCH/server.pid" # for watch_the_time of the suites
}

# start_server [ADDRESS]: on a free port, by default of 127.0.0.1; '' gives it no address at all.
# Returns when it listens; 1, and says why, when it does not.
start_server() {
  PORT=$(free_port)
  restart_server "$@"
}

# restart_server [ADDRESS]: the same, on the port of the last run. A learner's server that refuses
# an address is started with the port alone. Which of the two was a success is remembered in the
# folder NOTES, if there is one.
restart_server() {
  local address=${1-127.0.0.1} way=''
  if [[ -e ${NOTES:-}/start ]]; then way=$(<"$NOTES/start"); fi
  if [[ $way == "port alone" ]]; then address=''; fi
  launch_server "$PORT" ${address:+"$address"}
  eventually server_has_started || true # explain_silence prints what is wrong
  if [[ ${SERVER:-} && $address && ! $way ]] && server_has_ended && ! went_to_background; then
    launch_server "$PORT"
    eventually server_has_started || true
    address='' way="port alone"
  fi
  if ! server_is_listening; then
    explain_silence
    return 1
  fi
  if [[ ${NOTES:-} ]]; then echo "${way:-${address:+address}}" >"$NOTES/start"; fi
}

port_has_listener() { [[ $(ss -Hltn "sport = :$PORT") ]]; }

# The process that was started has ended, and another one listens; after a status of 0, in a moment.
went_to_background() {
  port_has_listener || { await_server && DEADLINE=1 eventually port_has_listener; }
}

server_has_started() { server_is_listening || ! server_is_running; }

# The process or a descendant of it owns a socket in LISTEN on the port.
server_is_listening() {
  local sockets pid server_pids
  sockets=$(ss -Hltnp "sport = :$PORT")
  [[ $sockets ]] || return 1
  find_server_pids server_pids
  for pid in "${server_pids[@]}"; do
    [[ $sockets != *"pid=$pid,"* ]] || return 0
  done
  return 1
}

# Ends the server and its descendants, and waits for it. A server that has not ended 2 s after
# SIGTERM is killed, and from then on at once if there is a folder NOTES.
stop_server() {
  [[ ${SERVER_PID:-} ]] || return 0
  note "the server is ended"
  signal_server CONT
  signal_server TERM
  if [[ -e ${NOTES:-}/slow_to_end ]] || ! DEADLINE=2 eventually server_group_has_ended; then
    signal_server KILL
    if [[ ${NOTES:-} ]]; then
      touch "$NOTES/slow_to_end"
      tell "it was still running 2 s after SIGTERM, so it was killed (SIGKILL)" >>"$NOTES/remarks"
    fi
  fi
  await_server || true # 143 after TERM
  DEADLINE=1 eventually server_has_let_go || true
  SERVER_PID=
}

# What io_uring still had a request for is closed a few milliseconds after the program has ended.
server_has_let_go() {
  [[ ! $(ss -Htn state listening state established state close-wait "sport = :$PORT") ]]
}

# Waits for a server that has ended or is about to, and returns its exit status.
await_server() { wait "$SERVER_PID" 2>/dev/null; }

# server_ends_with STATUS: it ends now, and that is its status.
server_ends_with() {
  local status=0
  eventually server_has_ended || return 1
  await_server || status=$?
  ((status == $1))
}

# signal_server NAME: to the server (its process group), and to descendants with a session of their
# own, as the helper of a runtime may have. Never fails.
signal_server() {
  local server_pids pid stat others=()
  find_server_pids server_pids
  for pid in "${server_pids[@]}"; do
    read_stat stat "$pid"
    ((${stat[2]:-SERVER_PID} == SERVER_PID)) || others+=("$pid") # each gets it only once
  done
  kill -s "$1" -- "-$SERVER_PID" "${others[@]}" 2>/dev/null || true
}

# Stops the server with SIGSTOP: until continue_server it cannot call anything.
freeze_server() {
  note "the server is stopped (SIGSTOP)"
  signal_server STOP
  eventually server_threads_are T
}

continue_server() {
  note "the server is continued (SIGCONT)"
  signal_server CONT
}

# server_has_said TEXT: its output so far contains the text.
server_has_said() { [[ $(cat "$SERVER_LOG") == *"$1"* ]]; }
