# May this user have a network of their own? For the tools and demos that need one.

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
