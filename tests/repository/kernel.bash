# The kernel's own word for every state: its tracepoint sock:inet_sock_set_state, which root can
# read. It tells those of all networks of this machine. An instance of its own disturbs no other
# tracing.

TRACING=/sys/kernel/tracing
KERNEL_STATES=$TRACING/instances/timeline_test_$$

# Most systems have tracefs mounted. Where it was not, it stays: others may use it by now.
kernel_can_be_asked() {
  ((EUID == 0)) || return 1
  [[ -e $TRACING/instances ]] || mount -t tracefs tracefs $TRACING 2>/dev/null
}

start_kernel_states() {
  local tracepoint=$KERNEL_STATES/events/sock/inet_sock_set_state
  mkdir "$KERNEL_STATES"
  echo '(sport >= 8880 && sport <= 8884) || (dport >= 8880 && dport <= 8884)' >"$tracepoint/filter"
  echo 1 >"$tracepoint/enable"
}

# stop_kernel_states: prints a line for each change since then: SOURCE-PORT OTHER-PORT STATE STATE.
stop_kernel_states() {
  sed -nE -e 's/ESTABLISHED/ESTAB/g' -e 's/WAIT([12])/WAIT-\1/g' \
    -e 's/.* sport=([0-9]+) dport=([0-9]+) .*oldstate=TCP_(.*) newstate=TCP_(.*)/\1 \2 \3 \4/' \
    -e 'y/_/-/' -e '/^[0-9]+ [0-9]+ /p' "$KERNEL_STATES/trace"
  rmdir "$KERNEL_STATES"
}

# told FOLDER FILE: prints for each end of each connection of that recording the states that the
# lines of the file have, in their order: "server anna SYN-RECV ESTAB ...".
told() {
  tcpdump -r - -nn 'tcp[tcpflags] == tcp-syn' <"$1/capture.pcap" 2>/dev/null |
    awk '{ sub(/.*\./, "", $3) }
      NR == FNR { if (!($3 in client)) client[$3] = clients++ ? "ben" : "anna"; next }
      $2 in client { side = "server " client[$2] }
      $1 in client { side = client[$1] " " client[$1] }
      !($1 in client || $2 in client) { next }
      !(side in states) && $3 != "LISTEN" { states[side] = " " $3 }
      { states[side] = states[side] " " $4 }
      END { for (side in states) print side states[side] }' - "$2"
}

# drawn FOLDER: prints the same of the drawing, as the kernel has it: TIME-WAIT is a record of its
# own, for which the socket is closed; and a FIN with the ACK for ours passes FIN-WAIT-2 within
# one packet.
drawn() {
  awk -F '\t' '$2 == "state" && $5 != "-" { states[$3 " " $5] = states[$3 " " $5] " " $6 }
    END { for (side in states) print side states[side] }' "$1/events.tsv" |
    sed -E -e 's/(FIN-WAIT-1) TIME-WAIT/\1 FIN-WAIT-2 CLOSE/' -e 's/TIME-WAIT|CLOSED/CLOSE/'
}

# kernel_agrees FOLDER FILE: every state drawn is one told, in this order; the kernel tells more,
# how it ends what the recording leaves.
kernel_agrees() {
  local path
  while read -r path; do
    told "$1" "$2" | grep -qE "^$path( |\$)" || {
      printf 'drawn: %s\nthe kernel:\n%s\n' "$path" "$(told "$1" "$2")"
      return 1
    }
  done < <(drawn "$1")
}
