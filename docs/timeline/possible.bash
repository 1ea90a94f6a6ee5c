# Can this machine record a timeline? Sourced by timeline.sh, by what generates the pages, by tests.

# shellcheck source=tests/helpers/namespaces.bash
. "${BASH_SOURCE[0]%/*}/../../tests/helpers/namespaces.bash"

PATH=$PATH:/usr/sbin:/sbin # where some systems have tcpdump and ip

# shellcheck disable=SC2034 # PROBLEM is for the caller
# find_network: sets NETWORK, an array, to the words that give a command a network of its own. 1 if
# that or a tool is not to be had: then PROBLEM is a sentence that says which, and what to do.
find_network() {
  local tool output missing=() sudo='sudo '
  if is_root; then sudo=''; fi
  for tool in strace tcpdump; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if ((${#missing[@]})); then
    PROBLEM=$(translated "Not installed: %s. Install: %s" "${missing[*]}" \
      "${sudo}apt-get install -y ${missing[*]}")
    return 1
  fi
  if ! output=$(strace -D -f -o /dev/null true 2>&1); then
    PROBLEM=$(translated "strace may not trace here; a container needs --cap-add=SYS_PTRACE: %s" \
      "$output")
    return 1
  fi
  NETWORK=(unshare --net)
  is_root || NETWORK=(unshare --map-current-user --keep-caps --net)
  output=$("${NETWORK[@]}" ip link set lo up 2>&1) && return
  PROBLEM=$(why_no_network "${output##*$'\n'}")
  return 1
}

# why_no_network WORDS: prints which setting forbids it, or else the words of what has failed.
why_no_network() {
  local setting
  setting=$(forbidding_setting)
  if is_root; then
    translated "Root gets no network of its own here; a container needs --cap-add=SYS_ADMIN: %s" "$1"
  elif [[ $setting ]]; then
    translated "This system forbids users a network of their own: run the same command with sudo, \
or change the setting: %s" "sudo sysctl -w $setting"
  else
    translated "There is no network of one's own here: run the same command with sudo. %s" "$1"
  fi
}

is_root() { ((EUID == 0)); }
