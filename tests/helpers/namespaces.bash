# May this user have a network of their own? For the tools and demos that need one.

# no_namespaces PROBLEM: prints the sentence for a machine that forbids it, with the words of what
# has failed, and what to do.
no_namespaces() {
  local setting
  setting=$(forbidding_setting)
  if [[ $setting ]]; then
    tell "A network of one's own is forbidden here (%s): run the same command with sudo, or allow \
it until the next boot: sudo sysctl -w %s" "$1" "$setting"
  else
    tell "A network of one's own is forbidden here (%s): run the same command with sudo; a \
container needs --privileged." "$1"
  fi
}

# forbidding_setting: prints the kernel setting that forbids it, with the value that would allow it,
# as NAME=VALUE for sysctl. Prints nothing when it is not one of these. A test can set SYSCTL to
# replace /proc/sys.
forbidding_setting() {
  local name forbids allows
  while read -r name forbids allows; do
    [[ $(cat "${SYSCTL:-/proc/sys}/${name/.//}" 2>/dev/null) == "$forbids" ]] || continue
    echo "$name=$allows"
    break
  done <<'END'
user.max_net_namespaces 0 10000
kernel.apparmor_restrict_unprivileged_userns 1 0
kernel.unprivileged_userns_clone 0 1
user.max_user_namespaces 0 10000
END
}
