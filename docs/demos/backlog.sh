#!/usr/bin/env bash
# The accept queue: who waits in it, what happens when it is full, and who is served next.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

title "How many can wait?"
run_stage 3
meet anna
talk anna "hello"
step "While anna is served, three more clients connect."
connect_many 3
waiting=("${CLIENTS[@]}")
check "three in the queue" accept_queue 3
sockets '^LISTEN' 'LISTEN'
step "listen(fd, 128) bounds that queue. Let 126 more come: Linux admits one more than 128."
connect_many 126
check "129 in the queue" accept_queue 129
sockets '^LISTEN' 'LISTEN'
step "It is full. One more client:"
typed "nc 127.0.0.1 $PORT      # zoe"
nc_connect zoe
check "SYN-SENT at zoe's end" client_is SYN-SENT 1
sockets 'SYN-SENT' 'SYN-SENT'
say "She is not refused: her SYN is dropped, and her kernel tries again, for minutes."
step "The first and the last in the queue have sent 'hello'. Now anna leaves. Who is served?"
printf 'hello' >&"${waiting[0]}"
printf 'hello' >&"${CLIENTS[125]}"
nc_close anna
check "128 in the queue" accept_queue 128
IFS= read -r -t "$DEADLINE" -N 5 -u "${waiting[0]}" reply || true
check "the first in the queue to be served" test "$reply" = hello
printed "the first in the queue has got '$reply' back; the last has got nothing"
sockets '^LISTEN' 'LISTEN'
remember "a full queue does not refuse anybody: the client sits in SYN-SENT and waits."
