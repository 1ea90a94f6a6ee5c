# What a test or a demo asks of the machine.

# need_descriptors COUNT: skips the test, or ends the demo with status 1, and says why, when this
# shell may not open so many.
need_descriptors() {
  local limit reason
  limit=$(ulimit -n)
  [[ $limit != unlimited ]] && ((limit < $1)) || return 0
  reason=$(translated "this needs %s descriptors, and ulimit -n is %s here" "$1" "$limit")
  if declare -F skip >/dev/null; then skip "$reason"; fi
  echo "$reason" >&2
  exit 1
}

# This machine has ::1, so that a server can be bound to it. IPv6 may be there and switched off.
ipv6_is_usable() { grep -qs '^0\{31\}1 ' /proc/net/if_inet6; }
