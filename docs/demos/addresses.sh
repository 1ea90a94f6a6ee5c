#!/usr/bin/env bash
# Who reaches a server that is bound to one address, to all of them, to an IPv6 one.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# reaches ADDRESS: a client at that address is answered.
reaches() {
  meet anna "$1"
  talk anna "hello"
  disconnect anna
}

# is_refused ADDRESS: nobody listens there.
is_refused() {
  local verbose='' # to be told why it ends; not every nc can
  [[ $(nc -h 2>&1) != *-v* ]] || verbose=' -v'
  run_shown "timeout 5 nc$verbose $1 $PORT </dev/null; echo \"exit status \$?\""
  [[ $( (exec 5<>"/dev/tcp/$1/$PORT") 2>&1 || true) == *"Connection refused"* ]] ||
    check "the connection to $1 to be refused" false
}

title "Which address does a server listen on?"
pause "A server is bound to 127.0.0.1. This machine has 127.0.0.2 too: it stands in for the address of \
a second network card. At which of the two will a client reach the server?"
run_step 4 127.0.0.1
sockets '^LISTEN'
reaches 127.0.0.1
is_refused 127.0.0.2
stop_server

pause "And a server that is bound to 0.0.0.0?"
run_step 4 0.0.0.0
sockets '^LISTEN' '^LISTEN'
reaches 127.0.0.1
reaches 127.0.0.2
say "0.0.0.0 (INADDR_ANY) is no address but a wildcard: all of this machine's."
stop_server

if [[ ! -e /proc/net/if_inet6 ]]; then
  say "(This machine has no IPv6: ::1 is left out.)"
elif [[ $(nc -h 2>&1) == *"[v1.1"* ]]; then
  say "(The nc of this machine, the traditional one, has no IPv6: ::1 is left out.)"
else
  pause "Bound to ::1, the loopback address of IPv6: another family, another socket."
  run_step 4 ::1
  sockets '^LISTEN' '^LISTEN'
  reaches ::1
  is_refused 127.0.0.1
  stop_server
fi
remember "bind() decides who can reach you. 127.0.0.1: this machine. 0.0.0.0: everybody."
