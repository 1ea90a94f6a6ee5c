#!/usr/bin/env bash
# A client's machine vanishes: who notices, with keepalive, with bytes on the way, and when.
# Arguments: the parts to show, 1 to 4; none means all. Takes PAUSE (see helpers.bash). Under 15
# seconds without pauses.
# shellcheck source=docs/demos/machines.bash
. "$(dirname "$0")/machines.bash"

# timer: shows what ss says of the timer of the server's end.
timer() { run_shown "ss -Htno 'sport = :$PORT' | grep -o 'timer:.*' || echo no timer"; }

# timer_is NAME COUNT: it is this one, and has run out at least so often.
timer_is() { [[ $(ss -Hto "sport = :$PORT") =~ timer:\($1,[^,]*,([0-9]+)\) ]] && ((BASH_REMATCH[1] >= $2)); }

threads() { run_shown "ls /proc/$SERVER_PID/task | wc -l"; }

# gives_up: waits for the end of the server's patience, and shows what it says.
gives_up() {
  DEADLINE=20 check "recv() to fail" server_has_said "recv: "
  check "the client's thread to end" server_has_threads 1
  printed "$(tail -n 2 "$SERVER_LOG")"
}

part_1() {
  title "A silent client vanishes"
  run_step 4
  meet anna
  talk anna "hello"
  pause "The cable is pulled: anna's machine is gone, and no FIN has come. What does the server's end \
show? In a minute? In a week?"
  unplug
  check "the server to sleep" server_sleeps
  sockets "^ESTAB .*server"
  timer
  threads
  remember "where nothing is sent, nothing is missed. The thread sleeps in recv() for ever."
}

part_2() {
  title "The same with keepalive"
  pause "The kernel is told to ask a silent client whether it is there: after a second, and once more \
after another. What will recv() return?"
  run_patched 4 keepalive
  meet ben
  talk ben "hello"
  unplug
  check "the keepalive timer" timer_is keepalive 0
  timer
  gives_up
  threads
  sockets "^ESTAB"
  remember "SO_KEEPALIVE finds out; its default is to begin after two hours. ben's end has none, and \
does not know."
}

part_3() {
  title "With bytes on the way"
  pause "cora sends 'hello', and the echo is lost. Who notices, without any option?"
  run_step 4
  meet cora
  lose server
  send cora "hello"
  check "a first repetition" timer_is on 1
  sockets "^ESTAB .*server"
  timer
  check "a third repetition" timer_is on 3
  timer
  say "The server's kernel sends the echo again, and waits twice as long each time. After a quarter of \
an hour it gives up."
  pause "Once more with dan, and the cable is mended soon. Is anything lost?"
  mend
  meet dan
  lose server
  send dan "hello"
  check "a first repetition" timer_is on 1
  mend
  check "dan to get 'hello' back" has_received dan "hello"
  printed "dan sends 'hello'; all that came back to dan: 'hello'"
  remember "what is not acknowledged is sent again. A connection outlives a cable that is out for a \
moment."
}

part_4() {
  title "The same with TCP_USER_TIMEOUT"
  pause "A quarter of an hour is long. The kernel is told to give up after a second."
  run_patched 4 user-timeout
  meet eve
  lose server
  send eve "hello"
  gives_up
  remember "TCP notices a vanished client only when it sends. To a silent one: SO_KEEPALIVE, or a \
message of your own. To one that does not acknowledge: TCP_USER_TIMEOUT."
}

show_parts 4 "$@"
