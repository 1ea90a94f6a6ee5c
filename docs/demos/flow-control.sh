#!/usr/bin/env bash
# A client that does not read: its window closes, and send() sleeps. Then two ends that both only send.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# timer: shows what ss says of the timer of the server's end.
timer() { run_shown "ss -Htno 'sport = :$PORT' | grep -o 'timer:[^,]*'"; }

window_is_closed() { [[ $(ss -Htno "sport = :$PORT") == *timer:\(persist,* ]]; }

# Nothing moves any more: the bytes in the queues are the same a moment later.
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
say "anna's Recv-Q is full, and her kernel has said so: a window of 0. The server's kernel keeps the \
rest. From time to time it asks whether there is room: that is the persist timer."
pause "She sends 24 MiB more, from a second process. What does the server's send() do when its \
kernel has no room either?"
flood anna
typed "head -c 24M /dev/urandom >&\$anna &"
check "the server to sleep in send()" server_send_is_blocked
check "nothing to move any more" queues_stand_still
sockets 'ESTAB .*server'
state_of "$SERVER_PID"
say "It sleeps. So it reads no more, and anna's bytes pile up in its Recv-Q, then in her Send-Q."
pause "Now anna reads. Who has to do something to set it going again?"
typed "head -c 26165824 <&\$anna | cmp - sent"
cat "$SCRATCH/million" "$FLOOD" >"$SCRATCH/sent"
receive_file anna "$SCRATCH/sent" || check "anna to get it all back" false
sockets 'ESTAB .*server'
say "Nobody: she reads, her window opens, and everything flows. Not a byte is lost."
disconnect anna
stop_server

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
remember "send() sleeps when the other end does not read. Who sends much must read meanwhile: with \
poll(), or a second thread."
