#!/usr/bin/env bash
# As many silent clients as this machine allows, up to 10,000: threads and memory of the server.
. "$(dirname "$0")/helpers.bash"

# look: shows the threads and the memory of the server; sets reserved and used, in KiB. Kernel
# stacks are those of the whole machine: what the other programs have stays the same.
look() {
  local tables stacks resident
  reserved=$(server_status VmSize) resident=$(server_status VmRSS) tables=$(server_status VmPTE)
  stacks=$(awk '/^KernelStack:/ { print $2 }' /proc/meminfo)
  used=$((resident + tables + stacks))
  result "threads: %s; memory reserved: %s KiB, in use: %s KiB" \
    "$(server_status Threads)" "$reserved" "$resident"
  result "page tables: %s KiB; kernel stacks of this machine: %s KiB" "$tables" "$stacks"
}

# queue_is_empty: as accept_queue 0, but without the names of processes: they take long to look up.
queue_is_empty() { [[ $(ss -Hltn "sport = :$PORT") =~ ^LISTEN\ +0\  ]]; }

ulimit -n "$(ulimit -Hn)" # as many descriptors as this user may have
limit=$(ulimit -n)
# A shell holds the clients, so it needs as many descriptors as the server.
wanted=$((limit < 10050 ? limit - 50 : 10000))

title "Ten thousand clients that say nothing"
run_step 4
look
reserved_at_first=$reserved used_at_first=$used
pause "%s clients connect and stay." "$wanted"
# A hundred at a time: the accept queue has 129 places, and whoever finds it full waits a second.
connected=0
until ((connected == wanted)); do
  { exec {client}<>"/dev/tcp/$HOST/$PORT"; } 2>"$SCRATCH/error" || break
  connected=$((connected + 1))
  if ((connected % 100 == 0)); then check queue_is_empty; fi
done
check server_has_threads $((connected + 1))
result "clients: %s" "$connected"
look
if ((connected < wanted)); then
  say "What stopped it short of 10,000: %s." "$(sed 's/.*: //' "$SCRATCH/error" | tail -n 1)"
elif ((connected < 10000)); then
  say "What stopped it short of 10,000: ulimit -n is %s here." "$limit"
fi
say "Each thread reserves %s MiB for its stack (ulimit -s) and uses little of it: with its page \
tables and its stack in the kernel, a client costs %s KiB here." \
  $(((reserved - reserved_at_first) / connected / 1024)) $(((used - used_at_first) / connected))
remember "memory reserved is not memory used. A silent client costs a thread and little memory."
