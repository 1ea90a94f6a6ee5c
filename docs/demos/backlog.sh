#!/usr/bin/env bash
# The accept queue: who waits in it, what happens when it is full, and who is served next.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

title "How many can wait?"
run_step 3
meet anna
talk anna "hello"
pause "While anna is served, three more clients connect."
connect_many 3 early
early=("${CLIENTS[@]}")
check "three in the queue" accept_queue 3
sockets '^LISTEN' 'LISTEN'
# listen(fd, 128), but no more than somaxconn; Linux admits one more.
limit=$(cat /proc/sys/net/core/somaxconn)
((limit < 128)) || limit=128
pause "listen(fd, 128) bounds that queue$(((limit == 128)) || echo ", and somaxconn, which is $limit here, \
bounds it further"). How many can wait? Let $((limit - 2)) more come."
connect_many $((limit - 2)) late
check "$((limit + 1)) in the queue" accept_queue $((limit + 1))
sockets '^LISTEN' 'LISTEN'
pause "Linux admits one more than $limit: it is full. One more client comes. Is she refused?"
typed "nc 127.0.0.1 $PORT      # zoe"
connect_nc zoe
check "SYN-SENT at zoe's end" client_is SYN-SENT 1
sockets 'SYN-SENT' 'SYN-SENT'
say "She is not refused: her SYN is dropped, and her kernel tries again, for minutes."
pause "The first and the last in the queue send 'hello'. Then anna leaves. Who is served?"
send "${early[0]}" "hello"
send "${CLIENTS[-1]}" "hello"
disconnect anna
check "$limit in the queue" accept_queue $limit
receive "${early[0]}" "hello" || check "the first in the queue to be served" false
printed "the first in the queue has got 'hello' back; the last has got nothing"
sockets '^LISTEN' 'LISTEN'
remember "a full queue does not refuse anybody: the client sits in SYN-SENT and waits."
