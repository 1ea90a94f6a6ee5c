# Clients. Each has a name (anna, ben, cora ...) and is one of two kinds: nc, for one that sends and
# reads; or a connection that this shell holds itself, to close or reset it at a chosen moment. The
# caller sets PORT and SCRATCH, a folder for FIFOs and output, and ignores SIGPIPE.

HOST=127.0.0.1
CLIENT_MACHINE=()            # the words that run a command on nc's machine; none: on this one
declare -gA CLIENT_FD=()     # name: the descriptor of a connection of this shell
declare -gA CLIENT_NC=()     # name: the pid of its nc
declare -gA CLIENT_FEED=()   # name: the descriptor that feeds nc
declare -gA CLIENT_READ=()   # name: how many bytes that nc has got back were received
declare -gA CLIENT_SENDER=() # name: the pid of the process that sends a file for it

# --- connecting

# connect NAME [ADDRESS]: makes a connection that this shell holds; returns 1 when it is refused.
connect() {
  local fd
  note "%s connects" "$1"
  exec {fd}<>"/dev/tcp/${2:-$HOST}/$PORT" || return 1
  CLIENT_FD[$1]=$fd
}

# connect_nc NAME [ADDRESS]: starts nc. Its input is a FIFO that stays open, so that nc does not
# half-close before it is told to.
connect_nc() {
  local feed
  note "%s connects with nc" "$1"
  rm -f "$SCRATCH/$1.in"
  mkfifo "$SCRATCH/$1.in"
  exec {feed}<>"$SCRATCH/$1.in"
  CLIENT_FEED[$1]=$feed
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
  CLIENT_NC[$1]=$!
  CLIENT_READ[$1]=0
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
  local fd=${CLIENT_FEED[$1]:-${CLIENT_FD[$1]}}
  note "%s sends '%s'" "$1" "$2"
  printf '%s' "$2" >&"$fd"
}

# send_file NAME FILE: sends it in the background, because the server may not take all of it now.
send_file() {
  local fd=${CLIENT_FEED[$1]:-${CLIENT_FD[$1]}}
  note "%s sends %s bytes" "$1" "$(stat -c %s "$2")"
  spawn cat "$2" 2>/dev/null 1>&"$fd"
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
  local state queues before='' looks=0 end=$((SECONDS + 30))
  until ((looks == 10 || SECONDS > end)); do
    read_state state "${CLIENT_SENDER[$1]}"
    [[ $state && $state != Z ]] || return 1
    queues=$(bytes_on_the_way)
    if [[ $state == S && $queues == "$before" ]]; then looks=$((looks + 1)); else looks=0; fi
    before=$queues
    sleep 0.05
  done
}

# receive NAME TEXT: checks that this text comes next. Gives up when nothing has come for DEADLINE
# seconds; on a connection of this shell, when not all of it has come in DEADLINE seconds.
receive() {
  local came status=0
  printf '%s' "$2" >"$SCRATCH/text"
  if [[ ${CLIENT_NC[$1]:-} ]]; then
    receive_file "$1" "$SCRATCH/text"
    return
  fi
  IFS= read -r -t "$DEADLINE" -N "${#2}" -u "${CLIENT_FD[$1]}" came || status=$?
  [[ $came != "$2" ]] || return 0
  note "%s waits for '%s'" "$1" "$2"
  printf '%s' "$came" >"$SCRATCH/came"
  if ((status > 128)); then ENDING=open; else ENDING=closed; fi
  surprise "$SCRATCH/text" "$SCRATCH/came" "$ENDING"
  return 1
}

# read_bytes NAME BYTES FILE: adds so many bytes from a connection of this shell to the file.
# Returns 1 when the connection has ended before that, or nothing has come for DEADLINE seconds.
# Which of these, is in ENDING: closed, reset or open.
read_bytes() {
  local size reader status=0
  ENDING=closed
  : >>"$3"
  size=$(stat -c %s "$3")
  spawn head -c "$2" <&"${CLIENT_FD[$1]}" >>"$3" 2>/dev/null
  reader=$!
  await_size "$3" $((size + $2)) "$reader" || status=1
  kill "$reader" 2>/dev/null || true
  wait "$reader" || if (($? > 128)); then ENDING=open; else ENDING=reset; fi # head could not read
  return $status
}

# take NAME BYTES: reads so many, and keeps them for the next receive_file. Returns 1 as read_bytes
# does.
take() {
  note "%s reads %s bytes" "$1" "$2"
  read_bytes "$1" "$2" "$SCRATCH/$1.taken"
}

# receive_file NAME FILE [BYTES]: checks that the content of the file, or the start of it, comes
# next, counting what was taken, and for nc that nothing else comes. Gives up when nothing has come
# for DEADLINE seconds.
receive_file() {
  local size=${3:-$(stat -c %s "$2")} came=$SCRATCH/$1.came
  if [[ ${CLIENT_NC[$1]:-} ]]; then
    await_size "$SCRATCH/$1.out" $((CLIENT_READ[$1] + size)) "${CLIENT_NC[$1]}" || true
    tail -c +$((CLIENT_READ[$1] + 1)) "$SCRATCH/$1.out" >"$came"
    CLIENT_READ[$1]=$((CLIENT_READ[$1] + $(stat -c %s "$came")))
    ENDING=open
    if client_is '(CLOSE|TIME)-WAIT'; then
      ENDING=closed
    elif client_has_no_connection; then
      ENDING=reset
    fi
  else
    if [[ -e $SCRATCH/$1.taken ]]; then mv "$SCRATCH/$1.taken" "$came"; else : >"$came"; fi
    read_bytes "$1" $((size - $(stat -c %s "$came"))) "$came" || true
  fi
  ! head -c "$size" "$2" 2>/dev/null | cmp -s - "$came" || return 0
  note "%s waits for %s bytes" "$1" "$size"
  head -c "$size" "$2" >"$SCRATCH/expected"
  surprise "$SCRATCH/expected" "$came" "$ENDING"
  return 1
}

# await_size FILE BYTES PID: waits until the file has so many bytes. Returns 1 when it has not grown
# for DEADLINE seconds, or when the process that writes it has ended.
await_size() {
  local size=0 before ended=0 end=$((SECONDS + DEADLINE))
  until ((ended || SECONDS > end)); do
    ! process_has_ended "$3" || ended=1 # look once more at what it has written
    before=$size
    size=$(stat -c %s "$1")
    ((size < $2)) || return 0
    ((size == before)) || end=$((SECONDS + DEADLINE))
    sleep 0.01
  done
  return 1
}

# exchange NAME TEXT: the client sends the text and gets the same back.
exchange() { send "$@" && receive "$@"; }

# has_received NAME TEXT: nc has got back exactly this text so far.
has_received() { printf '%s' "$2" | cmp -s - "$SCRATCH/$1.out"; }

# --- leaving

# disconnect NAME: closes the connection, after the client has finished sending its file, or
# DEADLINE seconds.
disconnect() {
  local fd=${CLIENT_FD[$1]:-${CLIENT_FEED[$1]:-}} sender=${CLIENT_SENDER[$1]:-} process
  note "%s leaves" "$1"
  [[ ! $sender ]] || eventually process_has_ended "$sender" || true
  for process in $sender ${CLIENT_NC[$1]:-}; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  if [[ $fd ]]; then exec {fd}>&-; fi
  unset "CLIENT_FD[$1]" "CLIENT_NC[$1]" "CLIENT_FEED[$1]" "CLIENT_SENDER[$1]"
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

# ending NAME: reads what is left of a connection of this shell, and prints how it ended: closed
# (the server's FIN), reset (its RST), or open: nothing came for DEADLINE seconds.
ending() {
  local status problem
  while :; do
    status=0
    problem=$(IFS= read -r -t "$DEADLINE" -d '' -u "${CLIENT_FD[$1]}" _ 2>&1) || status=$?
    if [[ $problem == *"reset by peer"* ]]; then echo reset && return; fi
    if ((status > 128)); then echo open && return; fi # the status of read -t
    if ((status)); then echo closed && return; fi     # otherwise a NUL byte has ended the read
  done
}

# Ends every client that is left, without waiting for those that send a file.
stop_clients() {
  local name
  for name in "${!CLIENT_SENDER[@]}"; do kill "${CLIENT_SENDER[$name]}" 2>/dev/null || true; done
  for name in "${!CLIENT_FD[@]}" "${!CLIENT_NC[@]}"; do disconnect "$name"; done
}
