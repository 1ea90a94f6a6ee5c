# What a test or a demo asks of the machine.

# need_descriptors COUNT: skips the test, or ends the demo with status 1, and says why, when this
# shell may not open so many.
need_descriptors() {
  local limit reason
  limit=$(ulimit -n)
  ((limit < $1)) || return 0
  reason=$(translated "this needs %s descriptors, and ulimit -n is %s here" "$1" "$limit")
  if declare -F skip >/dev/null; then skip "$reason"; fi
  stop 1 "$reason"
}

# server_gets_descriptors_up_to_1018: it is started with them open, so that its clients have the few
# below 10, and those from 1019 on. Skips the test where this user may not open so many.
server_gets_descriptors_up_to_1018() {
  (($(ulimit -Hn) >= 1100)) || skip "$(translated "this user may not open that many descriptors")"
  note "the server has descriptors up to 1018 open already"
  server_runs_as 'ulimit -Sn 1100; for _ in {10..1018}; do exec {fd}</dev/null; done; exec "$@"'
}

# This machine has ::1, so that a server can be bound to it. IPv6 may be there and switched off.
ipv6_is_usable() { grep -qs '^0\{31\}1 ' /proc/net/if_inet6; }
