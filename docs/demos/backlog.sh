#!/usr/bin/env bash
# The accept queue: which clients wait in it, what happens when it is full, who is served next.
. "$(dirname "$0")/helpers.bash"

need_descriptors 150
# listen(fd, 128), but no more than somaxconn; Linux admits one more.
limit=$(cat /proc/sys/net/core/somaxconn)
((limit < 128)) || limit=128

title "How many can wait?"
run_step 3
serve anna
pause "While anna is served, three more clients connect."
connect_many 3 early
check accept_queue 3
sockets '' '^LISTEN'
pause "listen() and somaxconn limit that queue, here to %s. How many clients can wait?" "$limit"
connect_many $((limit - 2)) late
check accept_queue $((limit + 1))
sockets '' '^LISTEN'
pause "Linux admits one more, and the queue is full. zoe tries to connect. Is she refused?"
dials zoe
check client_is SYN-SENT 1
sockets '^LISTEN|SYN-SENT' '^LISTEN|SYN-SENT'
say "She is not refused. Her SYN is dropped, and her kernel tries again, for minutes."
pause "The first and the last in the queue send 'hello'. Then anna leaves. Which one is served?"
send early1 "hello"
send "${CLIENTS[-1]}" "hello"
disconnect anna
check receive early1 "hello"
result "the first in the queue has got 'hello' back; the last has got nothing"
sockets '^LISTEN' 'LISTEN'
remember "a full queue does not refuse a client. The client stays in SYN-SENT and waits."
