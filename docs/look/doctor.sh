#!/usr/bin/env bash
# Tells which tools this machine has and which it lacks, with the command that installs them on
# Debian and Ubuntu.
# Arguments: the tools that somebody is about to use (cc bats nc ...): silent when they are all here,
# else a sentence and the command. None means a table of everything.
# Environment: CC, the compiler. Status 1 when something is missing; in the table, what only teachers or
# maintainers use may be.
set -euo pipefail
# shellcheck source=docs/language/locale.bash
. "${0%/*}/../language/locale.bash"
# shellcheck source=tests/helpers/machines.bash
. "${0%/*}/../../tests/helpers/machines.bash"

# tool|its package|what it is for
TOOLS="cc|gcc libc6-dev|the C compiler
make|make|builds and runs everything
bash|bash|runs the scripts
bats|bats|runs the tests
nc|netcat-openbsd|the client
ss|iproute2|shows sockets and their states
prlimit|util-linux|lowers the limits of a running server
unshare|util-linux|gives a tool or a demo a network of its own
timeout|coreutils|ends what hangs
patch|patch|changes a step for a demo
strace|strace|shows calls, for make timeline
tcpdump|tcpdump|shows packets, for make timeline
liburing|liburing-dev|builds docs/models/io_uring_server
bwrap|bubblewrap|teachers
unzip|unzip|teachers
shellcheck|shellcheck|maintainers
clang-format|clang-format|maintainers
cppcheck|cppcheck|maintainers
gnuplot|gnuplot-nox|maintainers
xgettext|gettext|maintainers"

# problem TOOL: prints what is wrong with it, or nothing.
problem() {
  local version
  case $1 in
    cc) # CC may be several words: ccache gcc
      # shellcheck disable=SC2086
      if ! command -v ${CC:-cc} >/dev/null; then
        translated "the C compiler (%s) is missing" "${CC:-cc}"
      elif ! echo '#include <stdio.h>' | ${CC:-cc} -E - >/dev/null 2>&1; then
        translated "the headers of the C library are missing"
      fi
      ;;
    liburing)
      if ! echo '#include <liburing.h>' | ${CC:-cc} -E - >/dev/null 2>&1; then
        translated "%s is missing" liburing-dev
      fi
      ;;
    bats)
      if ! version=$(bats --version 2>/dev/null); then
        translated "%s is missing" bats
      elif older_than 1 8 "${version#Bats }"; then
        translated "%s is too old (%s or newer is needed)" "bats ${version#Bats }" 1.8
      fi
      ;;
    bash)
      if older_than 5 0 "$BASH_VERSION"; then
        translated "%s is too old (%s or newer is needed)" "bash $BASH_VERSION" 5.0
      fi
      ;;
    *) command -v "$1" >/dev/null || translated "%s is missing" "$1" ;;
  esac
}

# older_than MAJOR MINOR VERSION
older_than() {
  local major minor
  IFS=. read -r major minor _ <<<"$3"
  ((major < $1 || (major == $1 && minor < $2)))
}

# Prints the command that installs PACKAGES, and with NEWER_BATS the bats of npm. An old npm does not
# link its command.
way_out() {
  local sudo='' as_root='' command
  if ((EUID)); then
    if command -v sudo >/dev/null; then sudo='sudo '; else as_root=yes; fi
  fi
  command="${sudo}apt-get update && ${sudo}apt-get install -y$PACKAGES"
  if [[ $NEWER_BATS ]]; then
    command+=" --no-install-recommends && ${sudo}npm install -g bats"
    command+=" && ${sudo}ln -sf \"\$(npm root -g)/bats/bin/bats\" /usr/local/bin/"
  fi
  if [[ $as_root ]]; then
    tell "On Debian and Ubuntu, as root:"
  else
    tell "On Debian and Ubuntu:"
  fi
  echo "  $command"
}

# chinese_packages: prints those that make gcc and man speak Chinese and are not here.
chinese_packages() {
  local gcc
  gcc=$(gcc -dumpversion 2>/dev/null | cut -d . -f 1) || true
  [[ ! $gcc || -e /usr/share/locale/zh_CN/LC_MESSAGES/gcc-$gcc.mo ]] || printf ' %s' "gcc-$gcc-locales"
  [[ -e /usr/share/man/zh_CN/man7/tcp.7.gz ]] || printf ' %s' manpages-zh
  [[ $(locale -a) == *zh_CN.utf8* ]] || printf ' %s' locales-all
}

if [[ $OSTYPE != linux* && $* != cc ]]; then
  tell "The programs run here, but the tests and the demos ask the Linux kernel: use a Linux machine."
  exit 1
fi

PROBLEMS='' PACKAGES='' NEWER_BATS='' not_here=''
while IFS='|' read -r name package purpose; do
  (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
  wrong=$(problem "$name")
  if (($# == 0)) && [[ $purpose == maintainers || $purpose == teachers ]]; then
    not_here+=${wrong:+ $package}
    continue
  fi
  if (($# == 0)); then
    found=$(translated ok)
    [[ ! $wrong ]] || found=$(translated MISSING)
    [[ ! $wrong || $name != liburing ]] || found=$(translated optional)
    printf '%-8s %-8s %s%s\n' "$found" "$name" \
      "$(translated "$purpose")" "${wrong:+: $wrong}"
  fi
  [[ $wrong && $name != liburing ]] || continue
  PROBLEMS+=${PROBLEMS:+, }$wrong
  if [[ $name == bats ]] && command -v bats >/dev/null; then # the package of this release is what is here
    package="ca-certificates npm" NEWER_BATS=yes
  fi
  PACKAGES+=" $package"
done <<<"$TOOLS"

if (($# == 0)); then
  if command -v unshare >/dev/null && reason=$(why_no_machines); then echo "$reason"; fi
  [[ ! $not_here ]] || tell "Packages that only teachers or maintainers need, and that are not here:%s" "$not_here"
  if [[ $SPOKEN == zh ]] && packages=$(chinese_packages) && [[ $packages ]]; then
    tell "These make gcc and man speak Chinese, and are optional:%s" "$packages"
  fi
  [[ $PROBLEMS ]] || tell "Everything is here."
elif [[ $PROBLEMS ]]; then
  exec >&2
  tell "%s. 'make doctor' looks for everything." "$PROBLEMS"
fi
[[ $PROBLEMS ]] || exit 0
way_out
exit 1
