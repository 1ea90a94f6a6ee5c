#!/usr/bin/env bash
# Which clients reach a server that is bound to one address, or to all of them.
. "$(dirname "$0")/helpers.bash"

title "Which address does a server listen on?"
pause "A server is bound to 127.0.0.1. Do clients reach it at 127.0.0.2, which is this machine too?"
run_step 4 127.0.0.1
sockets '' '^LISTEN'
serve anna 127.0.0.1
is_refused 127.0.0.2
stop_server

pause "At which of the two will a client reach a server that is bound to 0.0.0.0?"
run_step 4 0.0.0.0
sockets '' '^LISTEN'
serve ben 127.0.0.1
serve cora 127.0.0.2
say "0.0.0.0 (INADDR_ANY) is a wildcard. It means every IPv4 address of this machine."
remember "bind() decides who can reach you: at 127.0.0.1 this machine, at 0.0.0.0 others too."
