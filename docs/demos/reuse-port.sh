#!/usr/bin/env bash
# SO_REUSEPORT: two servers share a port, so that one can replace the other; and a lost queue.
. "$(dirname "$0")/helpers.bash"

# served_by LOG: how many clients that server has accepted.
served_by() { grep -c " connected " "$1" || true; }
all_are_served() { (($(served_by "$SCRATCH/old.log") + $(served_by "$SERVER_LOG") == 40)); }

# old_queue: how many clients wait for the first server's accept().
old_queue() { ss -Hltnp "sport = :$PORT" | awk -v pid="pid=$old," 'index($0, pid) { print $2 }'; }
all_have_arrived() { (($(old_queue) + $(served_by "$SERVER_LOG") - by_new == 20)); }

title "Two servers, one port"
run_patched 4 reuse-port
old=$SERVER_PID
CLIENT_SENDER[old]=$old # so that it is ended with the clients, however the demo ends
mv "$SERVER_LOG" "$SCRATCH/old.log"
pause "The same server is started once more, on the same port. Which of the two serves 40 clients?"
run_again
connect_many 40 early
check all_are_served
sockets '' '^LISTEN'
by_new=$(served_by "$SERVER_LOG")
result "clients of the first server: %s; of the second one: %s" $((40 - by_new)) "$by_new"
say "The kernel chooses by the addresses and ports of the connection, not by who has time."
pause "So a new version can start before the old one ends. But the old one is busy (stopped, here) \
when 20 more clients connect. What happens to them when it ends?"
typed "kill -STOP $old"
kill -s STOP "$old"
check grep -q '^State:.T' "/proc/$old/status"
connect_many 20 late
check all_have_arrived
waiting=$(old_queue)
sockets '' '^LISTEN'
kill_program "$old"
lost=0
for client in "${CLIENTS[@]}"; do
  ! ending_is "$client" reset || lost=$((lost + 1))
done
check test "$lost" = "$waiting"
result "clients that are reset: %s; that are served: %s" "$lost" $((20 - lost))
remember "with SO_REUSEPORT a port has no gap without a listener. But the queue of a listener is \
lost when it is closed, so empty it first."
