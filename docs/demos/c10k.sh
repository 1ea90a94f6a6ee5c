#!/usr/bin/env bash
# As many silent clients as this machine allows, up to 10,000: threads and memory of the server.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# status FIELD: a line of /proc/PID/status.
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$SERVER_PID/status"; }

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
printed "threads: $(status Threads); memory reserved: $(status VmSize), in use: $(status VmRSS)"
reserved_at_first=$(status VmSize)
resident_at_first=$(status VmRSS)
pause "$wanted clients connect and stay."
# A hundred at a time: the accept queue has 129 places, and whoever finds it full waits a second.
connected=0
until ((connected == wanted)); do
  exec {client}<>"/dev/tcp/$HOST/$PORT" || break
  connected=$((connected + 1))
  if ((connected % 100 == 0)); then check "accept() to keep up" queue_is_empty; fi
done 2>"$SCRATCH/error"
check "accept() to have taken all of them" queue_is_empty
check "a thread for each client" server_has_threads $((connected + 1))
printed "clients: $connected"
printed "threads: $(status Threads); memory reserved: $(status VmSize), in use: $(status VmRSS)"
if ((connected < 10000)); then
  say "What stopped it short of 10,000: $(
    if ((connected == wanted)); then
      echo "ulimit -n is $limit here"
    else
      sed 's/.*: //' "$SCRATCH/error" | tail -n 1
    fi
  )."
fi
reserved=$(status VmSize)
resident=$(status VmRSS)
reserved_each=$(((${reserved% kB} - ${reserved_at_first% kB}) / connected))
resident_each=$(((${resident% kB} - ${resident_at_first% kB}) / connected))
say "Each thread reserves $(((reserved_each + 512) / 1024)) MiB for its stack and uses little of it: \
$resident_each KiB a client here."
remember "memory reserved is not memory used. A silent client costs a thread, but not its whole stack."
