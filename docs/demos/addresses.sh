#!/usr/bin/env bash
# Which clients reach a server that is bound to one address, or to all of them.
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
  check connection_is_refused "$1"
}
connection_is_refused() {
  [[ $( (exec 5<>"/dev/tcp/$1/$PORT") 2>&1 || true) == *"Connection refused"* ]]
}

title "Which address does a server listen on?"
pause "A server is bound to 127.0.0.1. This machine also has 127.0.0.2, and we use it like the \
address of a second network card. At which of the two will a client reach the server?"
run_step 4 127.0.0.1
sockets '' '^LISTEN'
reaches 127.0.0.1
is_refused 127.0.0.2
stop_server

pause "And at which of them will it reach a server that is bound to 0.0.0.0?"
run_step 4 0.0.0.0
sockets '' '^LISTEN'
reaches 127.0.0.1
reaches 127.0.0.2
say "0.0.0.0 (INADDR_ANY) is a wildcard. It means every IPv4 address of this machine."
remember "bind() decides who can reach you: at 127.0.0.1 this machine, at 0.0.0.0 others too."
