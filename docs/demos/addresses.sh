#!/usr/bin/env bash
# Which clients reach a server that is bound to one address, to all addresses, or to an IPv6 address.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# reaches ADDRESS: a client that connects to that address is served.
reaches() {
  meet anna "$1"
  talk anna "hello"
  disconnect anna
}

# is_refused ADDRESS: a connection to that address is refused.
is_refused() {
  local verbose='' # makes nc tell why it ends; not every nc can
  [[ $(nc -h 2>&1) != *-v* ]] || verbose=' -v'
  run_shown "timeout 5 nc$verbose $1 $PORT </dev/null; echo \"exit status \$?\""
  [[ $( (exec 5<>"/dev/tcp/$1/$PORT") 2>&1 || true) == *"Connection refused"* ]] ||
    check "$(translated "the connection to %s to be refused" "$1")" false
}

title "Which address does a server listen on?"
pause "A server is bound to 127.0.0.1. This machine also has 127.0.0.2, and we use it like the address of \
a second network card. At which of the two will a client reach the server?"
run_step 4 127.0.0.1
sockets '^LISTEN'
reaches 127.0.0.1
is_refused 127.0.0.2
stop_server

pause "And at which of them will it reach a server that is bound to 0.0.0.0?"
run_step 4 0.0.0.0
sockets '^LISTEN' '^LISTEN'
reaches 127.0.0.1
reaches 127.0.0.2
say "0.0.0.0 (INADDR_ANY) is a wildcard. It means every IPv4 address of this machine."
stop_server

if ! ipv6_is_usable; then
  say "(This machine has no IPv6, or it is switched off, so ::1 is left out.)"
elif [[ $(nc -h 2>&1) == *"[v1.1"* ]]; then
  say "(This machine has the traditional nc, which has no IPv6, so ::1 is left out.)"
else
  pause "Now a server is bound to ::1, the loopback address of IPv6. Will a client at 127.0.0.1 reach it?"
  run_step 4 ::1
  sockets '^LISTEN' '^LISTEN'
  reaches ::1
  is_refused 127.0.0.1
  stop_server
fi
remember "bind() decides which clients can reach you. At 127.0.0.1 only this machine can, at 0.0.0.0 other \
machines can too."
