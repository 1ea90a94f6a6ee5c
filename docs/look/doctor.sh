#!/usr/bin/env bash
# Tells which tools this machine has and which it lacks, with the command that installs them on
# Debian and Ubuntu.
# Arguments: the tools that somebody is about to use (cc bats nc ...): silent when all are here,
# else a sentence and the command. None means a table of what a student needs.
# Environment: CC, the compiler. Status 1 when something is missing.
set -euo pipefail
. "${0%/*}/../language/locale.bash"
. "${0%/*}/../../tests/helpers/machines.bash"

# tool, and the oldest version that will do|its package|what it is for; nothing when a student can
# do without it
TOOLS="cc|gcc libc6-dev|the C compiler
make|make|builds and runs everything
bash 5.0|bash|runs the scripts
bats 1.8|bats|runs the tests
nc|netcat-openbsd|the client
ss|iproute2|shows sockets and their states
prlimit|util-linux|lowers the limits of a running server
unshare|util-linux|gives a tool or a demo a network of its own
timeout|coreutils|ends what hangs
patch|patch|changes a step for a demo
strace|strace|shows calls, for make timeline
tcpdump|tcpdump|shows packets, for make timeline
liburing.h|liburing-dev|
bwrap|bubblewrap|
python3|python3|
shellcheck|shellcheck|
clang-format|clang-format|
cppcheck|cppcheck|
gnuplot|gnuplot-nox|
xgettext|gettext|"
read -r -a compiler <<<"${CC:-cc}" # CC may be several words: ccache gcc

# problem TOOL [OLDEST]: prints what is wrong with it, or nothing.
problem() {
  local version
  if [[ $1 == cc ]] && ! command -v "${compiler[0]}" >/dev/null; then
    translated "the C compiler (%s) is missing" "${compiler[*]}"
  elif [[ $1 == cc ]]; then
    has_header stdio.h || translated "the headers of the C library are missing"
  elif [[ $1 == *.h ]]; then
    has_header "$1" || translated "%s is missing" "$1"
  elif ! command -v "$1" >/dev/null; then
    translated "%s is missing" "$1"
  elif [[ ${2:-} ]]; then
    version=$("$1" --version | grep -oE -m 1 '[0-9]+\.[0-9.]+') || true
    printf '%s\n' "$2" "$version" | sort --version-sort --check=silent ||
      translated "%s is too old (%s or newer is needed)" "$1 $version" "$2"
  fi
}
has_header() { echo "#include <$1>" | "${compiler[@]}" -E - >/dev/null 2>&1; }

# way_out: prints the command that installs the packages. npm is among them where this release has a
# bats that is too old; an old npm does not link what it installs.
way_out() {
  local sudo='' command
  if ((EUID == 0)) || command -v sudo >/dev/null; then
    ((EUID == 0)) || sudo='sudo '
    tell "On Debian and Ubuntu:"
  else
    tell "On Debian and Ubuntu, as root:"
  fi
  command="${sudo}apt-get update && ${sudo}apt-get install -y$packages"
  if [[ $packages == *npm* ]]; then
    command+=" --no-install-recommends && ${sudo}npm install -g bats"
    command+=" && ${sudo}ln -sf \"\$(npm root -g)/bats/bin/bats\" /usr/local/bin/"
  fi
  echo "  $command"
}

# chinese_packages: prints those that make gcc and man speak Chinese and are not here.
chinese_packages() {
  local gcc
  gcc=$(gcc -dumpversion 2>/dev/null | cut -d . -f 1) || true
  [[ ! $gcc || -e /usr/share/locale/zh_CN/LC_MESSAGES/gcc-$gcc.mo ]] ||
    printf ' %s' "gcc-$gcc-locales"
  [[ -e /usr/share/man/zh_CN/man7/tcp.7.gz ]] || printf ' %s' manpages-zh
  [[ $(locale -a) == *zh_CN.utf8* ]] || printf ' %s' locales-all
}

if [[ $OSTYPE != linux* && $* != cc ]]; then
  tell "The programs run here, but the tests and the demos ask the Linux kernel: use a Linux \
machine."
  exit 1
fi

problems='' packages='' others=''
while IFS='|' read -r tool package purpose; do
  read -r name oldest <<<"$tool"
  (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
  wrong=$(problem "$name" "$oldest")
  if (($# == 0)) && [[ ! $purpose ]]; then
    others+=${wrong:+ $package}
    continue
  fi
  if (($# == 0)); then
    found=$(translated ok)
    [[ ! $wrong ]] || found=$(translated MISSING)
    printf '%-8s %-8s %s\n' "$found" "$name" "$(translated "$purpose")${wrong:+: $wrong}"
  fi
  [[ $wrong ]] || continue
  problems+=${problems:+, }$wrong
  if [[ $name == bats ]] && command -v bats >/dev/null; then package="ca-certificates npm"; fi
  packages+=" $package"
done <<<"$TOOLS"

if (($# == 0)); then
  if command -v unshare >/dev/null && reason=$(why_no_machines); then echo "$reason"; fi
  [[ ! $others ]] ||
    tell "Not here, and only for teachers, maintainers or the io_uring model:%s" "$others"
  if [[ $SPOKEN == zh ]] && chinese=$(chinese_packages) && [[ $chinese ]]; then
    tell "These make gcc and man speak Chinese, and are optional:%s" "$chinese"
  fi
  [[ $problems ]] || tell "Everything is here."
elif [[ $problems ]]; then
  exec >&2
  tell "%s. 'make doctor' looks for everything." "$problems"
fi
[[ $problems ]] || exit 0
way_out
exit 1
