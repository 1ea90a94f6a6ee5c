# How a demo speaks, runs and checks. Sourced by every demo; starts servers and clients with the
# helpers of the tests.
#
# A demo takes the numbers of the parts to show; none means all. On a terminal: colour (none with
# NO_COLOR or TERM=dumb), and a pause for Enter before what comes next. Piped: plain text, no pause.
# PAUSE=0 and PAUSE=1 override. A demo ends with status 1, and says so, when a tool is missing or
# the kernel did not do what the demo was about to say; with 2 when there is no such part; with 130
# on Ctrl-C. Either way it leaves nothing behind.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/docs/language/comments.bash"
. "$ROOT/tests/helpers/patches.bash"
. "$ROOT/docs/look/meaning.bash"

"$ROOT/docs/look/doctor.sh" nc ss
unset MAKEFLAGS # under make -j, the make of a demo would warn that it finds no job server

BOLD='' COMMAND='' MARK='' PLAIN='' ERASE=$'\n'
if [[ -t 1 && ${TERM:-dumb} != dumb && ! ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' COMMAND=$'\e[36m' MARK=$'\e[7m' PLAIN=$'\e[0m' ERASE=$'\r\e[K'
fi
if [[ -t 0 && -t 1 ]]; then : "${PAUSE:=1}"; else : "${PAUSE:=0}"; fi

SCRATCH=$(mktemp -d)
trap '' PIPE
clean_up() {
  stop_clients
  stop_server
  rm -rf "$SCRATCH"
}
at_the_end clean_up

# --- speaking: each takes an English sentence, or the format of one and its arguments, and prints
# it in the reader's language (docs/language/language.bash).

# title: what the demo, or a part of it, is about. say: narrates. pause: says what comes next, and
# waits for Enter. result: what has come out, beside what programs print. remember: the sentence to
# leave with.
title() { printf '\n%s== %s ==%s\n' "$BOLD" "$(translated "$@")" "$PLAIN"; }
say() { printf '\n%s\n' "$(translated "$@" | wrap 78)"; }
pause() { say "$@" && await_enter; }
result() { printed "$(translated "$@")"; }
remember() {
  printf '\n%s%s%s\n' "$BOLD" "$(translated "Remember: %s" "$(translated "$@")" | wrap 78)" "$PLAIN"
}

await_enter() {
  [[ $PAUSE == 1 ]] || return 0
  read -r -s -p "  [$(translated Enter)] " _ || true
  printf %s "$ERASE"
}

# --- the parts of a demo

SHOWN=" $* " # the numbers of the parts to show
PART=0
count=$(grep -c '^if part ' "$0") || SHOWN=''
for number in $SHOWN; do
  [[ $number =~ ^[1-9][0-9]?$ && $number -le $count ]] ||
    stop 2 "Which parts, from 1 to %s? You said: '%s'" "$count" "$number"
done

# part TITLE [ARGUMENT...]: begins the next part, from a clean start. Returns 1 when it is not to be
# shown, so each part of a demo is an `if part "..."; then`.
part() {
  PART=$((PART + 1))
  [[ $SHOWN == *" $PART "* || ! ${SHOWN// /} ]] || return 1
  stop_clients
  stop_server
  if ((${#CLIENT_MACHINE[@]})); then mend_cable; fi
  title "$@"
}

# --- commands, and what they print

# typed COMMAND [client]: shows a command as one would type it; where, when there are two machines.
typed() { printf '%s%s$ %s%s\n' "$COMMAND" "${CLIENT_MACHINE[0]:+${2-}}" "$1" "$PLAIN"; }

# printed TEXT: shows what a program printed.
printed() { if [[ $1 ]]; then echo "  ${1//$'\n'/$'\n'  }"; fi; }

# run_shown COMMAND [client]: types the command, runs it and shows what it prints.
run_shown() {
  typed "$@"
  printed "$(${2:+there} bash -c "$1" 2>&1)"
}

# check COMMAND [ARGUMENT...]: waits until the command succeeds; ends the demo if it does not.
check() {
  eventually "$@" && return
  {
    echo
    tell "This demo stops here, because this has not come true: %s" "$*"
    tell "The sockets of port %s:" "$PORT"
    both_ends
  } >&2
  exit 1
}

# --- the server

# choose_step N: SERVER_COMMAND is the server of that step.
choose_step() {
  local folder
  "$ROOT/docs/class/written.sh" "$1"
  folder=$(echo "$ROOT"/step"$1"_*)
  [[ -x $folder/server ]] || make -s --no-print-directory -C "$folder"
  SERVER_COMMAND=("$folder/server")
}

# run_step N [ADDRESS]: starts that step.
run_step() {
  choose_step "$1"
  take_port "$1"
  run_again "${2-}"
}

# run_patched STEP PATCH...: shows these changes of docs/demos/patches, a screen at a time, and
# starts that step with them.
run_patched() {
  local patch lines patches=("${@:2}")
  "$ROOT/docs/class/written.sh" "$1"
  "$ROOT/docs/look/doctor.sh" patch
  patches=("${patches[@]/#/docs/demos/patches/}")
  patches=("${patches[@]/%/.patch}")
  for patch in "${patches[@]}"; do
    tell "%s/server.c, changed by %s:" "$(basename "$ROOT"/step"$1"_*)" "$patch"
    while mapfile -t -n 20 -u 3 lines && ((${#lines[@]})); do
      printf '%s\n' "${lines[@]}"
      await_enter
    done 3< <(sed '1,/^+++/d' "$ROOT/$patch" | grep '^[-+]' | spoken_comments)
  done
  SERVER_COMMAND=("$(build_patches "$SCRATCH" "${patches[@]/#/$ROOT/}")")
  take_port "$1"
  run_again
}

# take_port N: sets PORT to the default port of that step, on a terminal and when nothing uses it;
# else to a free one, because the tests run several demos at once. Free at both ends: on the other
# machine, a client of the part before may have left a FIN-WAIT-2.
take_port() {
  PORT=888$1
  [[ -t 1 ]] || PORT=$(free_port)
  while [[ $(both_ends) ]]; do PORT=$(free_port); done
}

# run_again [ADDRESS]: starts the same server again on the same port.
run_again() {
  typed "$(server_name) $PORT${1:+ $1} &"
  restart_server "${1-}"
  printed "$(cat "$SERVER_LOG")"
}

# run_to_see TEXT: the same, for a server that is expected to print the text.
run_to_see() {
  typed "$(server_name) $PORT"
  launch_server "$PORT"
  server_says "$1"
}

server_name() { echo "$(basename "$(dirname "${SERVER_COMMAND[0]}")")/server"; }

# server_says TEXT: waits until the server has printed the text, and shows each line that has it.
server_says() {
  check server_has_said "$1"
  printed "$(grep -F -- "$1" "$SERVER_LOG")"
}

# stop_program, continue_program: meanwhile the server can call nothing.
stop_program() {
  typed "kill -STOP $SERVER_PID"
  check freeze_server
}

continue_program() {
  typed "kill -CONT $SERVER_PID"
  continue_server
}

# kill_program PID: kills a child of this shell, which would report it otherwise.
kill_program() {
  typed "kill -KILL $1"
  { kill -s KILL "$1" && wait "$1"; } 2>/dev/null || true
}

# show_threads COUNT: waits until the server has so many, and shows it.
show_threads() {
  check server_has_threads "$1"
  run_shown "grep Threads /proc/$SERVER_PID/status"
}

# gives_up WHY: the server prints why it gives a client up, and closes.
gives_up() {
  server_says "$1"
  server_says "client gone"
}

# --- clients

MET=() # the pids of the clients that were met, the oldest first

# meet CLIENT [ADDRESS]: a client connects with nc.
meet() {
  dials "$@"
  MET+=("${CLIENT_NC[$1]}")
  check client_is_connected "$1"
}

client_is_connected() { [[ $(client_sockets) =~ ESTAB[^$'\n']*pid=${CLIENT_NC[$1]}, ]]; }

# dials CLIENT [ADDRESS]: its nc calls connect(); this does not wait until it is connected.
dials() {
  typed "nc ${2:-$HOST} $PORT      # $1" client
  connect_nc "$@"
}

# dial CLIENT: it connects, on a descriptor of this shell, and stays until it hangs up.
dial() {
  typed "exec {$1}<>/dev/tcp/127.0.0.1/$PORT"
  connect "$1"
}

# hang_up CLIENT: it closes that. (Some nc close by themselves when the server does.)
hang_up() {
  typed "exec {$1}>&-"
  disconnect "$1"
}

# serve CLIENT [ADDRESS]: it connects with nc, sends 'hello' and gets it back.
serve() {
  meet "$@"
  talk "$1" "hello"
}

# is_refused ADDRESS: a client that connects there gets an error at once.
is_refused() {
  local command="exec 3<>/dev/tcp/$1/$PORT" error
  typed "$command"
  error=$(bash -c "$command" 2>&1 | grep -o 'connect: .*' || true)
  printed "$error"
  check test "$error" = "connect: Connection refused"
}

# sends CLIENT TEXT: it sends the text, and may not get it back yet.
sends() {
  send "$1" "$2"
  result "%s sends '%s'" "$1" "$2"
}

# talk CLIENT TEXT [TOTAL]: it sends the text and gets it back; TOTAL, or the text, is all that came
# back to it so far.
talk() {
  exchange "$1" "$2" || check false # once: not to send it again
  result "%s sends '%s'; all that came back to %s: '%s'" "$1" "$2" "$1" "${3:-$2}"
}

# gets CLIENT TEXT: this is all that has come back to it.
gets() {
  check has_received "$1" "$2"
  CLIENT_READ[$1]=${#2}
  result "all that came back to %s: '%s'" "$1" "$2"
}

# is_reset CLIENT TEXT: its nc has ended, and this is all that has come back to it.
is_reset() {
  check process_has_ended "${CLIENT_NC[$1]}"
  check has_received "$1" "$2"
  result "all that came back to %s: '%s'; the connection is reset" "$1" "$2"
}

# --- what ss shows

# show END STATE [END STATE]: waits until that end, server or client, is in that state; shows both
# ends, and what the state means.
show() {
  check "$1_is" "$2"
  if [[ ${3:-} ]]; then check "$3_is" "$4"; fi
  sockets "^($2${4:+|$4}) "
}

# show_timer: what ss says about the timer of the server's end.
show_timer() { run_shown "ss -Htano 'sport = :$PORT' | grep -o 'timer:.*' || echo no timer"; }

# window_is_closed: an end has bytes to send, and the other has no room for them.
window_is_closed() { [[ $(both_ends) == *persist* ]]; }

# sockets [MARK [ONLY]]: shows what ss says of both ends, in 80 columns; the lines that match the
# expression MARK stand out, and below stands what they mean. With ONLY, just the lines matching it.
sockets() {
  local filter=${2:+" | grep -E '$2'"} lines line row description meanings=''
  if ((${#CLIENT_MACHINE[@]})); then
    typed "ss -tanp 'sport = :$PORT'$filter"
    typed "ss -tanp 'dport = :$PORT'$filter" client
  else
    typed "ss -tanp 'sport = :$PORT or dport = :$PORT'$filter"
  fi
  lines=$(both_ends | in_order | grep -E "${2:-.}")
  note_listener "$lines"
  printf '  %-10s %6s %6s  %-17s %-17s %s\n' State Recv-Q Send-Q Local Peer Process
  while read -r line; do
    parse_socket "$PORT" "$line"
    printf -v row '%-10s %6s %6s  %-17s %-17s %s' \
      "$state" "$recv_queue" "$send_queue" "$local" "$peer" "${owner:+$owner,fd=$owner_fd}"
    row=${row%"${row##*[! ]}"} # no spaces at the end
    if [[ ${1:-} && $row =~ $1 ]]; then
      row=$MARK$row$PLAIN
      description=$(describe)
      [[ $meanings == *"$description"* ]] || meanings+=$description$'\n'
    fi
    printf '  %s\n' "$row"
  done <<<"$lines"
  explain "${meanings%$'\n'}"
}

# explain TEXT: shows what a state means.
explain() { [[ ! $1 ]] || wrap 76 <<<"$1" | sed 's/^/  | /'; }

both_ends() {
  ss -Htanpo "sport = :$PORT"
  "${CLIENT_MACHINE[@]}" ss -Htanpo "dport = :$PORT"
}

# in_order: sorts lines of ss: the listener, the server's ends by descriptor (those that have none,
# not yet accepted, are last), the clients' by age. Not by pid: when the numbers have begun anew,
# the younger process has the lower one.
in_order() {
  awk -v port=":$PORT" -v met="${MET[*]}" '
    BEGIN { count = split(met, pids, " ") }
    /^LISTEN/ { print 0, 0, $0; next }
    $4 ~ port "$" {
      print 1, match($0, /fd=[0-9]+/) ? substr($0, RSTART + 3, RLENGTH - 3) : 1000000, $0
      next
    }
    {
      for (age = count; age > 0 && !index($0, "pid=" pids[age] ","); age--) continue
      print 2, age, $0
    }' | sort -s -k 1,1n -k 2,2n | cut -d " " -f 3-
}

# describe: the socket last parsed, and its meaning, without numbers of processes and ports.
describe() {
  if [[ $state == LISTEN ]]; then
    tell "%s: %s" LISTEN "$(meaning)"
  else
    tell "%s at the %s's end: %s" "$state" "$(end_name "$end")" "$(meaning)"
  fi
}
