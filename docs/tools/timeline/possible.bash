# Can this machine record a timeline? Sourced by timeline.sh, the generator of the pages and the tests.

PATH=$PATH:/usr/sbin:/sbin # where some systems have tcpdump and ip

# find_network: sets NETWORK, an array, to the words that give a command a network of its own. 1 when
# that, or a tool, is not to be had: then PROBLEM is a sentence that says what to do.
# Takes LANGUAGE=zh for Chinese.
find_network() {
  local tool missing=() words
  for tool in strace tcpdump; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if ((${#missing[@]})); then
    say PROBLEM "Not installed: ${missing[*]}. This installs it: $(as_root)apt-get install -y ${missing[*]}" \
      "没有安装：${missing[*]}。用这条命令安装：$(as_root)apt-get install -y ${missing[*]}"
    return 1
  fi
  if ! words=$(strace -DD -f -o /dev/null true 2>&1); then
    say PROBLEM "strace may not look at other processes here (${words##*$'\n'}): in a container, \
start it with --cap-add=SYS_PTRACE" \
      "这里不允许 strace 观察其他进程（${words##*$'\n'}）：如果是容器，启动时加上 --cap-add=SYS_PTRACE"
    return 1
  fi
  NETWORK=(unshare --net)
  ((EUID == 0)) || NETWORK=(unshare --map-current-user --keep-caps --net)
  words=$("${NETWORK[@]}" ip link set lo up 2>&1) || explain_network "${words##*$'\n'}"
}

# explain_network WORDS: sets PROBLEM to why there is no network of one's own: the setting that forbids
# it, or else the words of the command that failed. 1.
explain_network() {
  local setting value command words
  for setting in kernel.apparmor_restrict_unprivileged_userns=0 \
    kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000; do
    value=$(sysctl_value "${setting%=*}")
    if ((EUID)) && [[ $value ]] && { [[ $value == 0 && $setting != *=0 ]] || [[ $value == 1 && $setting == *=0 ]]; }; then
      say PROBLEM "This system forbids an ordinary user a network of their own (${setting%=*} is $value): \
run the same command with sudo, or first: sudo sysctl -w $setting" \
        "系统不允许普通用户建立自己的网络（${setting%=*} 是 $value）：用 sudo 运行同一条命令，或者先运行 \
sudo sysctl -w $setting"
      return 1
    fi
  done
  if ((EUID)); then
    say PROBLEM "No network of one's own is to be had here ($1): run the same command with sudo" \
      "这里无法建立自己的网络（$1）：用 sudo 运行同一条命令"
  else
    say PROBLEM "Not even root gets a network of its own here ($1): a container needs --cap-add=SYS_ADMIN" \
      "这里连 root 也无法建立自己的网络（$1）：如果是容器，启动时加上 --cap-add=SYS_ADMIN"
  fi
  return 1
}

# sysctl_value NAME: prints it; nothing when this kernel does not know it. SYSCTL stands in for /proc/sys.
sysctl_value() { cat "${SYSCTL:-/proc/sys}/${1//.//}" 2>/dev/null || true; }

as_root() { ((EUID == 0)) || echo "sudo "; }

# say VARIABLE ENGLISH CHINESE: sets the variable to what the reader understands.
say() { if [[ ${LANGUAGE:-} == zh ]]; then printf -v "$1" '%s' "$3"; else printf -v "$1" '%s' "$2"; fi; }
