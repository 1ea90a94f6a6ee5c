#!/usr/bin/env bash
# A client that does not read: its window closes, and send() sleeps. And two that only send.
. "$(dirname "$0")/helpers.bash"

# stuck COUNT: COUNT ends (1 or 2) wait for the other end's window to open, and no byte moves for
# longer than the first probes take.
stuck() {
  local before
  before=$(bytes_on_the_way)
  has_line "$(both_ends)" persist "$1" && sleep 0.6 && [[ $(bytes_on_the_way) == "$before" ]]
}

queues_are_empty() { has_line "$(both_ends)" '^ESTAB +0 +0 ' 2; }

if part "A client that does not read"; then
  run_step 4
  dial anna
  pause "anna sends a million bytes and does not read what comes back. Where are the bytes?"
  typed "head -c 1000000 /dev/urandom >&\$anna"
  head -c 1000000 /dev/urandom >"$SCRATCH/million"
  send_file anna "$SCRATCH/million"
  check stuck 1
  sockets 'ESTAB .*server'
  run_shown "ss -Htno 'sport = :$PORT' | grep -o 'timer:[^,]*'"
  say "anna's Recv-Q is full, and her kernel has told the other one that its window is 0. So the \
server's kernel keeps the rest, and asks now and then whether there is room (the persist timer)."
  pause "Now anna reads. What else has to happen before everything flows again?"
  typed "head -c 1000000 <&\$anna | cmp - sent"
  check receive_file anna "$SCRATCH/million"
  check queues_are_empty
  sockets 'ESTAB .*server'
  remember "nothing. An end that does not read stops the other, and no byte is lost: flow control."
fi

if part "Two ends that both only send"; then
  run_step 4
  pause "cora is a client that first sends 24 MB, then reads what comes back. How far does it get?"
  typed "(exec 3<>/dev/tcp/127.0.0.1/$PORT; printf '%024000000d' 0 >&3; cat <&3) &"
  spawn bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; printf "%024000000d" 0 >&3; cat <&3' \
    cora "$PORT" </dev/null >/dev/null 2>&1
  CLIENT_SENDER[cora]=$!
  DEADLINE=20 check stuck 2
  sockets ''
  run_shown "grep State /proc/${CLIENT_SENDER[cora]}/status"
  run_shown "grep State /proc/$SERVER_PID/status"
  say "Each waits in send() for the other to read. There is no error, and no timer ends it."
  remember "a program that sends a lot must read meanwhile, with poll() or in a second thread."
fi

if part "A limit for send()"; then
  pause "Now send() waits for one second at most. What happens to a client that does not read?"
  run_patched 4 send-timeout
  dial dan
  flood dan
  typed "head -c 24M /dev/urandom >&\$dan &"
  server_says "send: "
  check server_has_no_connection
  show server LISTEN
  remember "without a limit a client that does not read keeps a thread for ever."
fi
