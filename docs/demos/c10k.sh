#!/usr/bin/env bash
# As many silent clients as this machine allows, up to 10,000: threads and memory of the server.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# look: shows the threads and the memory of the server; sets reserved and used, in KiB. Kernel
# stacks are those of the whole machine: what the other programs have stays the same.
look() {
  local tables stacks resident
  reserved=$(server_status VmSize) resident=$(server_status VmRSS) tables=$(server_status VmPTE)
  stacks=$(awk '/^KernelStack:/ { print $2 }' /proc/meminfo)
  used=$((resident + tables + stacks))
  printed "threads: $(server_status Threads); memory reserved: $reserved KiB, in use: $resident KiB"
  printed "page tables: $tables KiB; kernel stacks of this machine: $stacks KiB"
}

# queue_is_empty: as accept_queue 0, but without the names of processes: they take long to look up.
queue_is_empty() { [[ $(ss -Hltn "sport = :$PORT") =~ ^LISTEN\ +0\  ]]; }

ulimit -n "$(ulimit -Hn)" # as many descriptors as this user may have
limit=$(ulimit -n)
[[ $limit != unlimited ]] || limit=1000000
# A shell holds the clients, so it needs as many descriptors as the server.
wanted=10000
((limit - 50 >= wanted)) || wanted=$((limit - 50))

title "Ten thousand clients that say nothing"
run_step 4
look
reserved_at_first=$reserved used_at_first=$used
pause "$wanted clients connect and stay."
# A hundred at a time: the accept queue has 129 places, and whoever finds it full waits a second.
connected=0
until ((connected == wanted)); do
  # shellcheck disable=SC2034 # it is only held open
  exec {client}<>"/dev/tcp/$HOST/$PORT" || break
  connected=$((connected + 1))
  if ((connected % 100 == 0)); then check "accept() to keep up" queue_is_empty; fi
done 2>"$SCRATCH/error"
check "accept() to have taken all of them" queue_is_empty
check "a thread for each client" server_has_threads $((connected + 1))
printed "clients: $connected"
look
if ((connected < 10000)); then
  say "What stopped it short of 10,000: $(
    if ((connected == wanted)); then
      echo "ulimit -n is $limit here"
    else
      sed 's/.*: //' "$SCRATCH/error" | tail -n 1
    fi
  )."
fi
say "Each thread reserves $(((reserved - reserved_at_first) / connected / 1024)) MiB for its stack \
(ulimit -s) and uses little of it: with its page tables and its stack in the kernel, a client \
costs $(((used - used_at_first) / connected)) KiB here."
remember "memory reserved is not memory used. A silent client costs a thread, and little of the \
stack that is reserved for it."
