# Clients. Each has a name (anna, ben, cora ...) and is one of two kinds: nc, for one that sends and
# reads; or a connection that this shell holds itself, to close or reset it at a chosen moment. The
# caller sets PORT and SCRATCH, a folder for FIFOs and output, and ignores SIGPIPE.

HOST=127.0.0.1
CLIENT_MACHINE=()            # the words that run a command on nc's machine; none: on this one
declare -gA CLIENT_FD=()     # name: the descriptor that takes what it sends
declare -gA CLIENT_NC=()     # name: the pid of its nc
declare -gA CLIENT_READ=()   # name: how many bytes of $SCRATCH/NAME.out were received
declare -gA CLIENT_SENDER=() # name: the pid of the process that sends a file for it

# --- connecting

# connect NAME [ADDRESS]: makes a connection that this shell holds; returns 1 when it is refused.
connect() {
  local fd
  note "%s connects" "$1"
  exec {fd}<>"/dev/tcp/${2:-$HOST}/$PORT" || return 1
  CLIENT_FD[$1]=$fd CLIENT_READ[$1]=0
  : >"$SCRATCH/$1.out"
}

# connect_nc NAME [ADDRESS]: starts nc. Its input is a FIFO that stays open, so that nc does not
# half-close before it is told to.
connect_nc() {
  local fd
  note "%s connects with nc" "$1"
  rm -f "$SCRATCH/$1.in"
  mkfifo "$SCRATCH/$1.in"
  exec {fd}<>"$SCRATCH/$1.in"
  CLIENT_FD[$1]=$fd
  run_nc "$1" "$SCRATCH/$1.in" "${2:-$HOST}"
}

# connect_half_closing NAME FILE: nc sends the file and then closes its sending side only.
connect_half_closing() {
  note "%s connects with nc, sends %s bytes, closes its sending side and reads on" "$1" \
    "$(stat -c %s "$2")"
  # shellcheck disable=SC2046 # no option, or one
  run_nc "$1" "$2" $(nc_half_close_options) "$HOST"
}

# run_nc NAME INPUT WORD...: with these words before the port.
run_nc() {
  spawn "${CLIENT_MACHINE[@]}" nc "${@:3}" "$PORT" <"$2" >"$SCRATCH/$1.out" 2>"$SCRATCH/$1.err"
  CLIENT_NC[$1]=$! CLIENT_READ[$1]=0
}

# Prints the option that makes nc close only its sending side at the end of its input.
nc_half_close_options() {
  case $(nc -h 2>&1 || true) in
    *Ncat* | *BusyBox*) ;; # they do so without an option
    *OpenBSD*) echo -N ;;
    *) echo -q1 ;; # the traditional one
  esac
}

# connect_many COUNT [NAME]: makes so many connections of this shell at once, called client1,
# client2 ..., or with that NAME. Puts their names into the array CLIENTS. Returns 1 when the accept
# queue stays full for DEADLINE seconds: connect() would wait in it for minutes.
connect_many() {
  local name
  CLIENTS=()
  while ((${#CLIENTS[@]} < $1)); do
    eventually accept_queue_has_room || return 1
    name=${2:-client}$((${#CLIENTS[@]} + 1))
    connect "$name" || return 1
    CLIENTS+=("$name")
  done
}

# --- sending and receiving

# send NAME TEXT: sends the text as it is, without a newline.
send() {
  note "%s sends '%s'" "$1" "$2"
  printf '%s' "$2" >&"${CLIENT_FD[$1]}"
}

# send_file NAME FILE: sends it in the background, because the server may not take all of it now.
send_file() {
  note "%s sends %s bytes" "$1" "$(stat -c %s "$2")"
  spawn cat "$2" 2>/dev/null 1>&"${CLIENT_FD[$1]}"
  CLIENT_SENDER[$1]=$!
}

# flood NAME: sends more than all buffers on the way hold, and reads nothing, so that the server's
# send() waits. The bytes are in the file $FLOOD.
flood() {
  FLOOD=$SCRATCH/flood
  [[ -e $FLOOD ]] || head -c 24M /dev/urandom >"$FLOOD"
  send_file "$1" "$FLOOD"
}

# is_held_back NAME: the client cannot send the rest of its file, because the server does not take
# the bytes: the client sleeps, and for half a second none of them moves. (Both may sleep for a
# moment while all goes well.) Returns 1 when the sender has ended: all has been taken, or the
# connection is gone. What still moves after 30 s is not judged.
is_held_back() {
  local stat queues before='' looks=0 end=$((SECONDS + 30))
  until ((looks == 10 || SECONDS > end)); do
    ! process_has_ended "${CLIENT_SENDER[$1]}" || return 1
    read_stat stat "${CLIENT_SENDER[$1]}"
    queues=$(bytes_on_the_way)
    if [[ ${stat[0]:-} == S && $queues == "$before" ]]; then looks=$((looks + 1)); else looks=0; fi
    before=$queues
    sleep 0.05
  done
}

# receive NAME TEXT: checks that this text comes next. Gives up when nothing has come for DEADLINE
# seconds; on a connection of this shell, when not all of it has come in DEADLINE seconds.
receive() {
  local came=''
  printf '%s' "$2" >"$SCRATCH/text"
  if [[ ${CLIENT_NC[$1]:-} ]]; then
    receive_file "$1" "$SCRATCH/text"
    return
  fi
  IFS= read -r -t "$DEADLINE" -N "${#2}" -u "${CLIENT_FD[$1]}" came || true
  [[ $came != "$2" ]] || return 0
  note "%s waits for '%s'" "$1" "$2"
  printf '%s' "$came" >"$SCRATCH/came"
  surprise "$1" "$SCRATCH/text" "$SCRATCH/came"
}

# read_until NAME SIZE: waits until so many bytes are in $SCRATCH/NAME.out. nc writes all there that
# comes; from a connection of this shell they are read now. Returns 1 when the connection has ended
# before that, or nothing has come for DEADLINE seconds.
read_until() {
  local out=$SCRATCH/$1.out reader=${CLIENT_NC[$1]:-} size before ended=0
  local end=$((SECONDS + DEADLINE))
  size=$(stat -c %s "$out")
  if [[ ! $reader ]]; then
    spawn head -c $(($2 - size)) <&"${CLIENT_FD[$1]}" >>"$out" 2>/dev/null
    reader=$!
  fi
  until ((size >= $2 || ended || SECONDS > end)); do
    sleep 0.01
    ! process_has_ended "$reader" || ended=1 # look once more at what it has written
    before=$size
    size=$(stat -c %s "$out")
    ((size == before)) || end=$((SECONDS + DEADLINE))
  done
  [[ ${CLIENT_NC[$1]:-} ]] || { kill "$reader" && wait "$reader"; } 2>/dev/null || true
  ((size >= $2))
}

# take NAME BYTES: reads so many from a connection of this shell, and keeps them for the next
# receive_file. Returns 1 as read_until does.
take() {
  note "%s reads %s bytes" "$1" "$2"
  read_until "$1" $(($(stat -c %s "$SCRATCH/$1.out") + $2))
}

# receive_file NAME FILE [BYTES]: checks that the content of the file, or the start of it, comes
# next, counting what was taken, and for nc that nothing else comes. Gives up when nothing has come
# for DEADLINE seconds.
receive_file() {
  local size=${3:-$(stat -c %s "$2")} came=$SCRATCH/$1.came
  read_until "$1" $((CLIENT_READ[$1] + size)) || true
  tail -c +$((CLIENT_READ[$1] + 1)) "$SCRATCH/$1.out" >"$came"
  CLIENT_READ[$1]=$((CLIENT_READ[$1] + $(stat -c %s "$came")))
  ! head -c "$size" "$2" 2>/dev/null | cmp -s - "$came" || return 0
  note "%s waits for %s bytes" "$1" "$size"
  head -c "$size" "$2" >"$SCRATCH/expected"
  surprise "$1" "$SCRATCH/expected" "$came"
}

# exchange NAME TEXT: the client sends the text and gets the same back.
exchange() { send "$@" && receive "$@"; }

# has_received NAME TEXT: nc has got back exactly this text so far.
has_received() { printf '%s' "$2" | cmp -s - "$SCRATCH/$1.out"; }

# --- leaving

# disconnect NAME: closes the connection, after the client has finished sending its file, or
# DEADLINE seconds.
disconnect() {
  local fd=${CLIENT_FD[$1]:-} sender=${CLIENT_SENDER[$1]:-} process
  note "%s leaves" "$1"
  [[ ! $sender ]] || eventually process_has_ended "$sender" || true
  for process in $sender ${CLIENT_NC[$1]:-}; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  if [[ $fd ]]; then exec {fd}>&-; fi
  unset "CLIENT_FD[$1]" "CLIENT_NC[$1]" "CLIENT_SENDER[$1]"
}

# reset NAME: sends, and closes with bytes of the reply unread, so that the kernel sends RST instead
# of FIN. Returns 1 when no reply came.
reset() {
  local fd=${CLIENT_FD[$1]} got=1
  note "%s sends 'hello', reads one byte of the reply and closes: a reset" "$1"
  printf 'hello' >&"$fd"
  IFS= read -r -t "$DEADLINE" -N 1 -u "$fd" _ || got=0
  exec {fd}>&-
  unset "CLIENT_FD[$1]"
  ((got))
}

# ending NAME: prints how the server has ended this connection: closed (its FIN has come), reset
# (its RST has: no socket is left), or open. Of nc, which may end by itself, any socket counts.
ending() {
  local sockets inode
  sockets=$(client_sockets)
  if [[ ! ${CLIENT_NC[$1]:-} ]]; then
    inode=$(readlink "/proc/$BASHPID/fd/${CLIENT_FD[$1]}") # socket:[NUMBER]
    sockets=$(ss -Htane "dport = :$PORT" | grep "ino:${inode//[!0-9]/} " || true)
  fi
  case $sockets in
    '') echo reset ;;
    *CLOSE-WAIT* | *TIME-WAIT*) echo closed ;;
    *) echo open ;;
  esac
}

# ending_is NAME WORD: that is its ending.
ending_is() { [[ $(ending "$1") == "$2" ]]; }

# Ends every client that is left, without waiting for those that send a file.
stop_clients() {
  local name
  for name in "${!CLIENT_SENDER[@]}"; do kill -- "${CLIENT_SENDER[$name]}" 2>/dev/null || true; done
  for name in "${!CLIENT_FD[@]}" "${!CLIENT_NC[@]}"; do disconnect "$name"; done
}
