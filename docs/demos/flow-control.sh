#!/usr/bin/env bash
# A client that does not read: its window closes, and send() sleeps. And two that only send.
. "$(dirname "$0")/helpers.bash"

# nothing_moves: a window is closed, and no byte moves for longer than the first probes take.
nothing_moves() {
  local before
  before=$(bytes_on_the_way)
  window_is_closed && sleep 0.6 && [[ $(bytes_on_the_way) == "$before" ]]
}

if part "A client that does not read"; then
  run_step 4
  dial anna
  pause "anna sends a million bytes and does not read what comes back. Where are the bytes?"
  typed "head -c 1000000 /dev/urandom >&\$anna"
  head -c 1000000 /dev/urandom >"$SCRATCH/million"
  send_file anna "$SCRATCH/million"
  check nothing_moves
  sockets 'ESTAB .*server'
  show_timer
  say "anna's Recv-Q is full, so her kernel has told the other that its window is 0. The server's \
kernel keeps the rest, and asks now and then whether there is room (the persist timer)."
  pause "Now anna reads. What else has to happen before everything flows again?"
  typed "head -c 1000000 <&\$anna | cmp - sent"
  check receive_file anna "$SCRATCH/million"
  show server "ESTAB +0 +0"
  remember "nothing. An end that does not read stops the other, and no byte is lost: flow control."
fi

if part "Two ends that both only send"; then
  run_step 4
  pause "cora is a client that first sends 24 MB, then reads what comes back. How far does it get?"
  typed "(exec 3<>/dev/tcp/127.0.0.1/$PORT; printf '%024000000d' 0 >&3; cat <&3) &"
  spawn bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; printf "%024000000d" 0 >&3; cat <&3' \
    cora "$PORT" </dev/null >/dev/null 2>&1
  CLIENT_SENDER[cora]=$!
  check is_held_back cora
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
