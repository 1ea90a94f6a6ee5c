# The kernel's own word for every state: its tracepoint sock:inet_sock_set_state, which root can
# read. It tells those of all networks of this machine.

TRACING=/sys/kernel/tracing

# Most systems have tracefs mounted. Where it was not, it stays: others may use it by now.
kernel_can_be_asked() {
  ((EUID == 0)) || return 1
  [[ -e $TRACING/instances ]] || mount -t tracefs tracefs $TRACING 2>/dev/null
}

# with_kernel_states FILE COMMAND...: runs the command. Where the kernel can be asked, the file then
# has the states of each end of each connection in their order: "45610 8883 SYN-SENT ESTAB ...". An
# instance of its own disturbs no other tracing.
with_kernel_states() {
  local instance=$TRACING/instances/timeline_test_$$
  local tracepoint=$instance/events/sock/inet_sock_set_state
  kernel_can_be_asked || { "${@:2}"; return; }
  mkdir "$instance"
  echo '(sport >= 8880 && sport <= 8884) || (dport >= 8880 && dport <= 8884)' >"$tracepoint/filter"
  echo 1 >"$tracepoint/enable"
  "${@:2}"
  sed -nE 's/.* sport=([0-9]+) dport=([0-9]+) .*oldstate=TCP_(.*) newstate=TCP_/\1 \2 \3 /p' \
    "$instance/trace" | sed -e 's/ESTABLISHED/ESTAB/g' -e 's/WAIT\([12]\)/WAIT-\1/g' -e 'y/_/-/' |
    awk '{ ports = $1 " " $2 }
      !(ports in path) && $3 != "LISTEN" { path[ports] = " " $3 }
      { path[ports] = path[ports] " " $4 }
      END { for (ports in path) print ports path[ports] }' >"$1"
  rmdir "$instance"
}

# drawn FOLDER: prints the same of the drawing, as the kernel has it: TIME-WAIT is a record of its
# own, for which the socket is closed; and a FIN with the ACK for ours passes FIN-WAIT-2 within
# one packet.
drawn() {
  awk -F '\t' '$2 == "ss" { split($6, word, /[ :]+/); ports[$3, $5] = word[5] " " word[7] }
    $2 == "state" { path[$3, $5] = path[$3, $5] " " $6 }
    END { for (end in path) if (end !~ /-$/) print ports[end] path[end] }' "$1/events.tsv" |
    sed -E -e 's/(FIN-WAIT-1) TIME-WAIT/\1 FIN-WAIT-2 CLOSE/' -e 's/TIME-WAIT|CLOSED/CLOSE/'
}

# kernel_agrees FOLDER FILE: every state drawn is one told, in this order; the kernel tells more,
# how it ends what the recording leaves.
kernel_agrees() {
  local path
  [[ -e $2 ]] || return 0
  while read -r path; do
    grep -qE "^$path( |\$)" "$2" ||
      { printf 'drawn: %s\nthe kernel:\n%s\n' "$path" "$(cat "$2")" && return 1; }
  done < <(drawn "$1")
}
