#!/usr/bin/env bash
# A client's machine vanishes: who notices, with keepalive, with bytes on the way, and when.
# Takes PAUSE (see helpers.bash). Under 15 seconds without pauses.
# shellcheck source=docs/demos/machines.bash
. "$(dirname "$0")/machines.bash"

DEADLINE=20 # for the timers of the kernel that are waited for

# timer: shows what ss says of the timer of the server's end.
timer() { run_shown "ss -Htno 'sport = :$PORT' | grep -o 'timer:.*' || echo no timer"; }

# timer_is NAME COUNT: it is this one, and has run out so often: so many tries.
timer_is() { [[ $(ss -Hto "sport = :$PORT") =~ timer:\($1,[^,]*,([0-9]+)\) ]] && ((BASH_REMATCH[1] >= $2)); }

threads() { run_shown "ls /proc/$SERVER_PID/task | wc -l"; }

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
say "No packet is sent, so none is missed. The thread sleeps in recv(), for ever."
next_part

title "The same with keepalive"
pause "The kernel is told to ask a silent client whether it is there: after 1 second, then each \
second, twice. What will recv() return?"
run_patched 4 keepalive
meet ben
talk ben "hello"
unplug
check "the keepalive timer" timer_is keepalive 0
timer
check "recv() to fail" server_has_said "Connection timed out"
printed "$(tail -n 2 "$SERVER_LOG")"
check "a single thread" server_has_threads 1
threads
sockets "^ESTAB"
say "ben's end has no keepalive: it does not know."
next_part

title "With bytes on the way"
pause "cora sends, and the answer of the server is lost. Who notices what, without any option?"
run_step 4
meet cora
lose server
send cora "hello"
check "a first repetition" timer_is on 1
printed "cora sends 'hello'"
sockets "^ESTAB .*server"
timer
check "a third repetition" timer_is on 3
timer
say "What is not acknowledged is sent again, each time after twice the time: some 15 minutes by \
default, then the connection is given up."
mend
meet dan
pause "Once more, with dan, and now the cable is mended soon. Is anything lost?"
lose server
send dan "hello"
check "a first repetition" timer_is on 1
mend
check "dan to get 'hello' back" has_received dan "hello"
printed "dan sends 'hello'; all that came back to dan: 'hello'"
next_part

title "The same with TCP_USER_TIMEOUT"
pause "Some 15 minutes are long. The kernel is told to give up after one second."
run_patched 4 user-timeout
meet eve
lose server
send eve "hello"
check "recv() to fail" server_has_said "Connection timed out"
printed "$(tail -n 2 "$SERVER_LOG")"
remember "TCP notices that somebody has vanished only when it sends. To an idle client: SO_KEEPALIVE, \
or a message of your own. To one that does not acknowledge: TCP_USER_TIMEOUT."
