# Can this machine record a timeline? Sourced by timeline.sh, by what generates the pages, by tests.

# shellcheck source=tests/helpers/namespaces.bash
. "${BASH_SOURCE[0]%/*}/../../../tests/helpers/namespaces.bash"

PATH=$PATH:/usr/sbin:/sbin # where some systems have tcpdump and ip

# find_network: sets NETWORK, an array, to the words that give a command a network of its own. 1 if
# that or a tool is not to be had: then PROBLEM is a sentence that says which, and what to do.
# Takes SPOKEN=zh for Chinese.
find_network() {
  local tool output missing=() sudo='sudo '
  if is_root; then sudo=''; fi
  for tool in strace tcpdump; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if ((${#missing[@]})); then
    say PROBLEM "Not installed: ${missing[*]}. Install: ${sudo}apt-get install -y ${missing[*]}" \
      "没有安装 ${missing[*]}。安装：${sudo}apt-get install -y ${missing[*]}"
    return 1
  fi
  if ! output=$(strace -D -f -o /dev/null true 2>&1); then
    say PROBLEM "strace may not trace here; a container needs --cap-add=SYS_PTRACE: $output" \
      "这里不允许 strace 跟踪进程；容器要加上 --cap-add=SYS_PTRACE：$output"
    return 1
  fi
  NETWORK=(unshare --net)
  is_root || NETWORK=(unshare --map-current-user --keep-caps --net)
  output=$("${NETWORK[@]}" ip link set lo up 2>&1) || explain_network "${output##*$'\n'}"
}

# explain_network WORDS: says which setting forbids it, or else the words of what has failed.
explain_network() {
  local setting
  if is_root; then
    say PROBLEM "Root gets no network of its own here; a container needs --cap-add=SYS_ADMIN: $1" \
      "这里连 root 也无法建立自己的网络；容器要加上 --cap-add=SYS_ADMIN：$1"
    return 1
  fi
  setting=$(forbidding_setting)
  if [[ $setting ]]; then
    say PROBLEM "This system forbids users a network of their own: run the same command with sudo, \
or change the setting: sudo sysctl -w $setting" \
      "系统不允许普通用户建立自己的网络：用 sudo 运行同一条命令，或者 sudo sysctl -w $setting"
  else
    say PROBLEM "There is no network of one's own here: run the same command with sudo. $1" \
      "这里无法建立自己的网络：用 sudo 运行同一条命令。$1"
  fi
  return 1
}

is_root() { ((EUID == 0)); }

# say VARIABLE ENGLISH CHINESE: sets the variable to the one that the reader understands.
say() {
  local said=$2
  if [[ ${SPOKEN:-} == zh ]]; then said=$3; fi
  printf -v "$1" '%s' "$said"
}
