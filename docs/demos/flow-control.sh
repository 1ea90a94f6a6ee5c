#!/usr/bin/env bash
# A client that does not read: its window closes, and send() sleeps. Also two ends that both only send.
# Takes the parts to show (1 to 4; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# timer: shows what ss says of the timer of the server's end.
timer() { run_shown "ss -Htno 'sport = :$PORT' | grep -o 'timer:[^,]*'"; }

# stuck COUNT: COUNT ends (1 or 2) wait for the other end's window to open, and no byte has moved for
# longer than the first probes take.
stuck() {
  local before
  before=$(queues)
  has_line "$before" persist "$1" || return 1
  for _ in {1..6}; do
    sleep 0.1
    [[ $(queues) == "$before" ]] || return 1
  done
}
queues() { both_ends | sed -n 's/^ESTAB *\([0-9]* *[0-9]*\).*timer:\([^,]*\).*/\1 \2/p'; }

queues_are_empty() { has_line "$(both_ends)" '^ESTAB +0 +0 ' 2; }

# state_of PID: shows what the process does.
state_of() { run_shown "grep State /proc/$1/status"; }

# is_asleep PID
is_asleep() {
  local state
  read_state state "$1"
  [[ $state == S ]]
}

part_1() {
  title "A client that does not read"
  run_step 4
  dial anna
  pause "anna sends a million bytes and does not read what comes back. Where are the bytes?"
  head -c 1000000 /dev/urandom >"$SCRATCH/million"
  typed "head -c 1000000 /dev/urandom >&\$anna"
  send_file anna "$SCRATCH/million"
  check "anna's window to be closed" stuck 1
  sockets 'ESTAB .*server'
  timer
  say "anna's Recv-Q is full, and her kernel has told the other one that its window is 0. So the server's \
kernel keeps the rest, and asks from time to time whether there is room. That is the persist timer."
  pause "Now anna reads. What else has to happen before everything flows again?"
  typed "head -c 1000000 <&\$anna | cmp - sent"
  receive_file anna "$SCRATCH/million" || check "anna to get it all back" false
  check "nothing to be left in the queues" queues_are_empty
  sockets 'ESTAB .*server'
  remember "nothing else has to happen. An end that does not read stops the other end, and not a byte is \
lost. That is flow control."
}

part_2() {
  title "More than the buffers hold"
  run_step 4
  dial ben
  pause "ben sends 24 MiB and reads nothing. That is more than all the buffers on the way hold. What \
does the server do?"
  flood ben
  typed "head -c 24M /dev/urandom >&\$ben &"
  check "the server to sleep in send()" server_send_is_blocked
  check "both windows to be closed" stuck 2
  sockets ''
  state_of "$SERVER_PID"
  remember "send() sleeps when the kernel has no room. So the server does not call recv(), and ben's \
bytes pile up in the server's Recv-Q, and then in his Send-Q."
}

part_3() {
  title "Two ends that both only send"
  run_step 4
  pause "cora is a client that first sends 24 MB, and then reads what comes back. How far does it get?"
  typed "(exec 3<>/dev/tcp/127.0.0.1/$PORT; printf '%024000000d' 0 >&3; cat <&3) &"
  # shellcheck disable=SC2016 # for the other bash to expand
  spawn bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; printf "%024000000d" 0 >&3; cat <&3' cora "$PORT" \
    </dev/null >/dev/null 2>&1
  CLIENT_SENDER[cora]=$!
  check "the server to sleep in send()" server_send_is_blocked
  check "cora to sleep in send()" is_asleep "${CLIENT_SENDER[cora]}"
  check "both windows to be closed" stuck 2
  sockets ''
  state_of "${CLIENT_SENDER[cora]}"
  state_of "$SERVER_PID"
  say "Each waits in send() for the other to read. There is no error, and no timer ends it."
  remember "a program that sends a lot must read meanwhile, with poll() or in a second thread."
}

part_4() {
  title "A limit for send()"
  pause "Now the server waits in send() for one second at most. What happens to a client that does not read?"
  run_patched 4 send-timeout
  dial dan
  flood dan
  typed "head -c 24M /dev/urandom >&\$dan &"
  check "send() to fail" server_has_said "send: "
  check "the client's thread to end" server_has_threads 1
  check "no connection at the server's end" server_has_no_connection
  printed "$(grep -m 1 'send: ' "$SERVER_LOG")"
  sockets '^LISTEN'
  remember "without a limit a client that does not read keeps a thread for ever."
}

show_parts 4 "$@"
