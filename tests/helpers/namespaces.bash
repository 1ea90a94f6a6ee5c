# May this user have a network of their own? For the tools and demos that need one.

# no_namespaces PROBLEM: prints the sentence for a machine that forbids it, with the words of what has
# failed, and what to do.
no_namespaces() {
  local setting
  setting=$(forbidding_setting)
  if [[ $setting ]]; then
    tell "A network of one's own is forbidden here (%s): run the same command with sudo, or allow it until \
the next boot: sudo sysctl -w %s" "$1" "$setting"
  else
    tell "A network of one's own is forbidden here (%s): run the same command with sudo; a container needs \
--privileged." "$1"
  fi
}

# forbidding_setting: prints the kernel setting that forbids it, with the value that would allow it, as
# NAME=VALUE for sysctl. Prints nothing when it is not one of these. A test can set SYSCTL to replace
# /proc/sys.
forbidding_setting() {
  if setting_is user/max_net_namespaces 0; then
    echo user.max_net_namespaces=10000
  elif setting_is kernel/apparmor_restrict_unprivileged_userns 1; then # Ubuntu 24.04
    echo kernel.apparmor_restrict_unprivileged_userns=0
  elif setting_is kernel/unprivileged_userns_clone 0; then # older Debian
    echo kernel.unprivileged_userns_clone=1
  elif setting_is user/max_user_namespaces 0; then
    echo user.max_user_namespaces=10000
  fi
}
setting_is() { [[ $(cat "${SYSCTL:-/proc/sys}/$1" 2>/dev/null) == "$2" ]]; }
