#!/usr/bin/env bash
# A client that does not read: its window closes, and send() sleeps. Then two ends that both only send.
# Arguments: the parts to show, 1 and 2; none means both. Takes PAUSE (see helpers.bash). Under 10
# seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# timer: shows what ss says of the timer of the server's end.
timer() { run_shown "ss -Htno 'sport = :$PORT' | grep -o 'timer:[^,]*'"; }

window_is_closed() { [[ $(ss -Htno "sport = :$PORT") == *timer:\(persist,* ]]; }

# Nothing moves any more: what is in the queues is the same a moment later.
queues_stand_still() {
  local before
  before=$(queues)
  sleep 0.1
  [[ $(queues) == "$before" ]]
}
queues() { both_ends | awk '/^ESTAB/ { print $2, $3 }'; }

# state_of PID: shows what the process does.
state_of() { run_shown "grep State /proc/$1/status"; }

# is_asleep PID
is_asleep() {
  local state
  read_state "$1"
  [[ $state == S ]]
}

part_1() {
  title "A client that does not read"
  run_step 4
  typed "exec {anna}<>/dev/tcp/127.0.0.1/$PORT"
  connect anna
  pause "anna sends a million bytes and reads nothing of what comes back. Where is it?"
  head -c 1000000 /dev/urandom >"$SCRATCH/million"
  typed "head -c 1000000 /dev/urandom >&\$anna"
  send_file anna "$SCRATCH/million"
  check "anna's window to be closed" window_is_closed
  check "nothing to move any more" queues_stand_still
  sockets 'ESTAB .*server'
  timer
  say "anna's Recv-Q is full, and her kernel has told the other one: a window of 0. So the server's \
kernel keeps the rest, and asks from time to time whether there is room: the persist timer."
  pause "She sends 24 MiB more, from a second process. The server's kernel has no room for all that \
either. What does send() do?"
  flood anna
  typed "head -c 24M /dev/urandom >&\$anna &"
  check "the server to sleep in send()" server_send_is_blocked
  check "nothing to move any more" queues_stand_still
  sockets 'ESTAB .*server'
  state_of "$SERVER_PID"
  say "It sleeps. So the server does not call recv(), and anna's bytes pile up in its Recv-Q, then in \
her Send-Q."
  pause "Now anna reads. What else has to happen before everything flows again?"
  typed "head -c 26165824 <&\$anna | cmp - sent"
  cat "$SCRATCH/million" "$FLOOD" >"$SCRATCH/sent"
  receive_file anna "$SCRATCH/sent" || check "anna to get it all back" false
  check "nothing to be left in the queues" queues_stand_still
  sockets 'ESTAB .*server'
  remember "nothing else. Who does not read stops the other end, and not a byte is lost: that is flow \
control."
}

part_2() {
  title "Two ends that both only send"
  run_step 4
  pause "ben is a single program. It sends 24 MB, and then reads them. How far does it get?"
  typed "(exec 3<>/dev/tcp/127.0.0.1/$PORT; printf '%024000000d' 0 >&3; cat <&3) &"
  # shellcheck disable=SC2016 # for the other bash to expand
  spawn bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; printf "%024000000d" 0 >&3; cat <&3' ben "$PORT" \
    </dev/null >/dev/null 2>&1
  CLIENT_SENDER[ben]=$!
  check "the server to sleep in send()" server_send_is_blocked
  check "ben to sleep in send()" is_asleep "${CLIENT_SENDER[ben]}"
  check "nothing to move any more" queues_stand_still
  sockets '^ESTAB'
  state_of "${CLIENT_SENDER[ben]}"
  state_of "$SERVER_PID"
  say "Each waits in send() for the other to read. There is no error, and no timer ends it."
  remember "who sends much must read meanwhile: with poll(), or in a second thread."
}

show_parts 2 "$@"
