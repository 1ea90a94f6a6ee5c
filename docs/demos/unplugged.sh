#!/usr/bin/env bash
# A client's machine vanishes: whether the server notices, and when; with keepalive, with bytes.
. "$(dirname "$0")/two_machines.bash"

# timer_is NAME COUNT: the timer is this one, and has run out at least so often.
timer_is() {
  [[ $(ss -Hto "sport = :$PORT") =~ timer:\($1,[^,]*,([0-9]+)\) ]] && ((BASH_REMATCH[1] >= $2))
}

if part "A silent client vanishes"; then
  run_step 4
  serve anna
  pause "The cable is pulled. anna's machine is gone, and no FIN has come. What does the server's \
end show now? In a minute? In a week?"
  unplug
  check server_sleeps
  sockets "^ESTAB .*server"
  show_timer
  show_threads 2
  remember "an end that sends nothing never notices that the other has vanished."
fi

if part "The same with keepalive"; then
  pause "Now the kernel asks a silent client whether it is still there, after one second and again \
a second later. What will recv() return?"
  run_patched 4 keepalive
  serve ben
  unplug
  check timer_is keepalive 0
  show_timer
  DEADLINE=20 gives_up "recv: "
  show_threads 1
  show client ESTAB
  remember "SO_KEEPALIVE finds a vanished client, but by default only after two hours. ben's end \
does not use it, and does not notice."
fi

if part "With bytes on the way"; then
  pause "cora sends 'hello', and the echo is lost. Does the server notice, without any option?"
  run_step 4
  meet cora
  lose server
  sends cora "hello"
  check timer_is on 1
  sockets "^ESTAB .*server"
  show_timer
  check timer_is on 3
  show_timer
  say "The server's kernel sends the echo again and again, and waits twice as long each time \
(1.500ms is 1.5 s). If the cable is mended within a quarter of an hour, nothing is lost:"
  mend
  gets cora "hello"
  remember "the kernel repeats what is not acknowledged. A connection survives a short break."
fi

if part "The same with TCP_USER_TIMEOUT"; then
  pause "A quarter of an hour is long. Now the kernel gives up after one second."
  run_patched 4 user-timeout
  meet eve
  lose server
  sends eve "hello"
  gives_up "recv: "
  remember "TCP notices a vanished client only when it sends something. For a silent client, use \
SO_KEEPALIVE or a message of your own. For one that does not acknowledge, use TCP_USER_TIMEOUT."
fi
