# Can this machine record a timeline? Sourced by timeline.sh, by what generates the pages, by tests.

. "${BASH_SOURCE[0]%/*}/../../tests/helpers/machines.bash"

# in_own_network COMMAND...: runs it in a network of its own. An ordinary user also gets a user
# namespace, and in it keeps the name under which tcpdump works.
in_own_network() {
  local as_user=()
  ((EUID == 0)) || as_user=(--map-current-user --keep-caps)
  unshare "${as_user[@]}" --net "$@"
}

# why_no_timeline: prints in a sentence what this machine lacks to record it, and what helps.
# Returns 1 when it lacks nothing.
why_no_timeline() {
  local output
  if ! output=$("${BASH_SOURCE[0]%/*}/../look/doctor.sh" ss strace tcpdump 2>&1); then
    echo "$output"
  elif ! output=$(strace -D -f -o /dev/null true 2>&1); then
    tell "strace may not trace here; a container needs --cap-add=SYS_PTRACE: %s" "$output"
  else
    output=$(in_own_network ip link add cable type veth peer name other 2>&1) && return 1
    no_namespaces "${output##*$'\n'}"
  fi
}
