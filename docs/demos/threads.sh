#!/usr/bin/env bash
# Step 4: a thread for each client, all served at once, and the number of threads going back.
. "$(dirname "$0")/helpers.bash"

title "A thread for each client"
run_step 4
show_threads 1
pause "Three clients connect."
meet anna
meet ben
meet cora
show_threads 4
sockets 'server,fd=[4-9]'
pause "The last one sends first. Which of them get a reply?"
talk cora "three"
talk ben "two"
talk anna "one"
say "No client waits for another, because each thread sleeps in its own recv()."
pause "Now ben leaves, and then the others. How many threads are left?"
disconnect ben
show_threads 3
disconnect anna
disconnect cora
show_threads 1
remember "a client costs a thread for as long as it is connected, even if it sends nothing."
