# Clients: nc, and connections held on a descriptor of this shell; used by the tests and the demos.
# The caller sets SCRATCH, a folder for FIFOs and output, and ignores SIGPIPE.

HOST=127.0.0.1

# --- nc: fed by a FIFO that stays open, so that it never half-closes before it is told to.
declare -gA NC_PID=() NC_FEED=()

# nc_connect NAME: starts nc; what it receives is in $SCRATCH/NAME.out.
nc_connect() {
  local name=$1 feed
  rm -f "$SCRATCH/$name.in"
  mkfifo "$SCRATCH/$name.in"
  exec {feed}<>"$SCRATCH/$name.in"
  NC_FEED[$name]=$feed
  spawn nc "$HOST" "$PORT" <"$SCRATCH/$name.in" >"$SCRATCH/$name.out" 2>"$SCRATCH/$name.err"
  NC_PID[$name]=$!
}

# nc_send NAME TEXT: sends the text as it is, without a newline.
nc_send() { printf '%s' "$2" >&"${NC_FEED[$1]}"; }

# nc_received NAME TEXT: all that came back so far is this.
nc_received() { printf '%s' "$2" | cmp -s - "$SCRATCH/$1.out"; }

# nc_received_bytes NAME COUNT: so many bytes have come back.
nc_received_bytes() { (($(stat -c %s "$SCRATCH/$1.out") == $2)); }

# nc_close NAME [SIGNAL]: ends nc by its pid; the kernel closes its connection.
nc_close() {
  kill -s "${2:-TERM}" "${NC_PID[$1]}" 2>/dev/null || true
  wait "${NC_PID[$1]}" 2>/dev/null || true
  local feed=${NC_FEED[$1]:-}
  if [[ $feed ]]; then exec {feed}>&-; fi
  unset "NC_PID[$1]" "NC_FEED[$1]"
}

# --- descriptors of this shell, for a connection to be held, closed or reset at a chosen moment.

# connect FD [HOST]
connect() { eval "exec $1<>/dev/tcp/${2:-$HOST}/$PORT"; }

disconnect() { eval "exec $1>&-"; }

# connect_many COUNT: so many connections at once; their descriptors are in the array CLIENTS. 1 when
# one of them hangs for DEADLINE seconds: the accept queue is full, and connect() waits for minutes.
connect_many() {
  local client watchdog stop
  CLIENTS=()
  [[ -e $SCRATCH/watchdog ]] || mkfifo "$SCRATCH/watchdog"
  exec {stop}<>"$SCRATCH/watchdog"
  trap : ALRM # interrupts connect()
  # shellcheck disable=SC2016 # for the other bash to expand
  spawn bash -c 'read -r -t "$1" || kill -s ALRM "$2"' watchdog "$DEADLINE" "$BASHPID" <&"$stop"
  watchdog=$!
  while ((${#CLIENTS[@]} < $1)); do
    exec {client}<>"/dev/tcp/$HOST/$PORT" || break
    CLIENTS+=("$client")
  done
  echo >&"$stop"
  wait "$watchdog" || true
  exec {stop}>&-
  ((${#CLIENTS[@]} == $1))
}

# exchange FD TEXT: sends the text and gets the same back.
exchange() {
  local reply
  printf '%s' "$2" >&"$1" || return 1
  IFS= read -r -t "$DEADLINE" -N "${#2}" -u "$1" reply && [[ $reply == "$2" ]]
}

# reset_connection FD: closes with bytes of the reply unread, which sends RST instead of FIN.
reset_connection() {
  printf 'hello' >&"$1"
  IFS= read -r -t "$DEADLINE" -N 1 -u "$1" _
  disconnect "$1"
}

# Ends every client that is left.
stop_clients() {
  local name
  for name in "${!NC_PID[@]}"; do nc_close "$name"; done
}

# flood FD: sends $FLOOD bytes (kept in $SCRATCH/flood) in the background and reads nothing, more
# than all buffers on the way hold: the server's send() waits.
FLOOD=$((24 * 1024 * 1024))
flood() {
  head -c "$FLOOD" /dev/urandom >"$SCRATCH/flood"
  spawn timeout "$((4 * DEADLINE))" cat "$SCRATCH/flood" <&"$1" >&"$1"
  NC_PID[flood]=$!
}

# Prints the option by which nc closes only its sending side at the end of its input: every netcat
# has its own.
nc_half_close_options() {
  local help
  help=$(nc -h 2>&1 || true)
  case $help in
    *Ncat* | *BusyBox*) ;; # they do so without being asked
    *OpenBSD*) echo -N ;;
    *) echo -q1 ;; # the traditional one
  esac
}
