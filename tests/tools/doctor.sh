#!/usr/bin/env bash
# Tells which tools this machine has and which it lacks, with the command that installs them on
# Debian and Ubuntu. Status 1 when something is missing that the demos or the tests need.
set -euo pipefail
# shellcheck source=tests/helpers/machines.bash
. "${BASH_SOURCE[0]%/*}/../helpers/machines.bash"

root='sudo '
((EUID)) || root=''
missing=()

# needs COMMAND PACKAGE WHAT_FOR
needs() {
  if command -v "$1" >/dev/null; then
    printf 'ok       %-13s %s\n' "$1" "$3"
  else
    printf 'MISSING  %-13s %s\n' "$1" "$3"
    missing+=("$2")
  fi
}

# wishes COMMAND PACKAGE WHAT_FOR: of use to maintainers only
wishes() {
  command -v "$1" >/dev/null && printf 'ok       %-13s %s\n' "$1" "$3" ||
    printf 'not here %-13s %s (%sapt-get install %s)\n' "$1" "$3" "$root" "$2"
}

if [[ $(uname -s) != Linux ]]; then
  echo "The programs run here, but the tests and the demos ask the Linux kernel: use a Linux machine."
  exit 1
fi
echo "Needed to build, to test and for the demos:"
needs cc gcc "the C compiler"
needs make make "builds and runs everything"
needs bats bats "runs the tests"
needs nc netcat-openbsd "the client"
needs ss iproute2 "shows sockets and their states"
needs unshare util-linux "gives a tool or a demo a network of its own"
needs patch patch "changes a step for a demo"
needs prlimit util-linux "lowers the limits of a running server"
needs timeout coreutils "ends what hangs"
needs strace strace "shows calls, for make timeline"
needs tcpdump tcpdump "shows packets, for make timeline"
if command -v cc >/dev/null && ! echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1; then
  echo "MISSING  the C library's headers"
  missing+=(libc6-dev)
fi
if command -v bats >/dev/null; then
  version=$(bats --version)
  version=${version#Bats }
  if [[ $(printf '%s\n' 1.8.0 "$version" | sort -V | head -n 1) != 1.8.0 ]]; then
    echo "TOO OLD  bats $version: 1.8.0 or newer is needed (npm install -g bats)"
    missing+=(npm)
  fi
fi
if ((BASH_VERSINFO[0] < 5)); then
  echo "TOO OLD  bash $BASH_VERSION: 5.0 or newer is needed"
  missing+=(bash)
fi

if command -v unshare >/dev/null && reason=$(why_no_machines); then
  echo "not here two machines: $reason"
fi

echo "For maintainers only:"
wishes shellcheck shellcheck "checks the scripts"
wishes clang-format clang-format "checks the formatting"
wishes gnuplot gnuplot-nox "redraws the plots"
wishes valgrind valgrind "looks for leaks"
wishes cppcheck cppcheck "looks for mistakes in the programs"

if ((${#missing[@]})); then
  printf '\nInstall what is missing:\n  %sapt-get update && %sapt-get install -y %s\n' \
    "$root" "$root" "${missing[*]}"
  exit 1
fi
printf '\nEverything is here.\n'
