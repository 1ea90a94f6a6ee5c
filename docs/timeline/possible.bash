# Can this machine record a timeline? Sourced by timeline.sh, by what generates the pages, by tests.

# shellcheck source=tests/helpers/namespaces.bash
. "${BASH_SOURCE[0]%/*}/../../tests/helpers/namespaces.bash"
# shellcheck source=docs/timeline/scenes.bash
. "${BASH_SOURCE[0]%/*}/scenes.bash"

PATH=$PATH:/usr/sbin:/sbin # where some systems have tcpdump and ip

# in_own_network COMMAND...: runs it in a network of its own. An ordinary user also gets a user
# namespace, and in it keeps the name under which tcpdump works.
in_own_network() {
  local as_user=()
  is_root || as_user=(--map-current-user --keep-caps)
  unshare "${as_user[@]}" --net "$@"
}
is_root() { ((EUID == 0)); }

# why_no_timeline [SCENE]: prints in a sentence what this machine lacks to record it, and what
# helps. Returns 1 when it lacks nothing.
why_no_timeline() {
  local setting output make_network=(ip link set lo up)
  if ! output=$("${BASH_SOURCE[0]%/*}/../look/doctor.sh" ss strace tcpdump 2>&1); then
    printf %s "$output"
    return
  fi
  if ! output=$(strace -D -f -o /dev/null true 2>&1); then
    translated "strace may not trace here; a container needs --cap-add=SYS_PTRACE: %s" "$output"
    return
  fi
  if on_two_machines "${1:-}"; then make_network=(ip link add cable type veth peer name other); fi
  output=$(in_own_network "${make_network[@]}" 2>&1) && return 1
  output=${output##*$'\n'}
  setting=$(forbidding_setting)
  if is_root; then
    translated "Root gets no network of its own here; a container needs --cap-add=SYS_ADMIN: %s" \
      "$output"
  elif [[ $setting ]]; then
    translated "This system forbids users a network of their own: run the same command with sudo, \
or change the setting: %s" "sudo sysctl -w $setting"
  else
    translated "There is no network of one's own here: run the same command with sudo. %s" "$output"
  fi
}
