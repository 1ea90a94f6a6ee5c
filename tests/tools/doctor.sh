#!/usr/bin/env bash
# Tells which tools this machine has and which it lacks, with the command that installs them on
# Debian and Ubuntu.
# Arguments: the tools that somebody is about to use (cc bats nc ...): silent when they are all here,
# else a sentence and the command. None means a table of everything.
# Environment: CC, the compiler. Status 1 when something is missing, but in the table not for what
# only maintainers use.
set -euo pipefail

TOOLS="cc|gcc libc6-dev|the C compiler
make|make|builds and runs everything
bash|bash|runs the scripts
bats|bats|runs the tests
nc|netcat-openbsd|the client
ss|iproute2|shows sockets and their states
prlimit|util-linux|lowers the limits of a running server
timeout|coreutils|ends what hangs
shellcheck|shellcheck|for maintainers: checks the scripts
clang-format|clang-format|for maintainers: checks the formatting
cppcheck|cppcheck|for maintainers: looks for mistakes in the programs
valgrind|valgrind|for maintainers: looks for leaks
patch|patch|for maintainers: makes the broken servers
gnuplot|gnuplot-nox|for maintainers: redraws the plots
git|git|for maintainers: hands the last commit to make matrix"

# problem TOOL: prints what is wrong with it, or nothing.
problem() {
  local version
  case $1 in
    cc) # CC may be several words: ccache gcc
      # shellcheck disable=SC2086
      if ! command -v ${CC:-cc} >/dev/null; then
        echo "the C compiler (${CC:-cc}) is missing"
      elif ! echo '#include <stdio.h>' | ${CC:-cc} -E - >/dev/null 2>&1; then
        echo "the headers of the C library are missing"
      fi
      ;;
    bats)
      if ! version=$(bats --version 2>/dev/null); then
        echo "bats is missing"
      elif older_than 1 8 "${version#Bats }"; then
        echo "bats ${version#Bats } is too old (1.8 or newer is needed)"
      fi
      ;;
    bash)
      if older_than 5 0 "$BASH_VERSION"; then
        echo "bash $BASH_VERSION is too old (5.0 or newer is needed)"
      fi
      ;;
    *) command -v "$1" >/dev/null || echo "$1 is missing" ;;
  esac
}

# older_than MAJOR MINOR VERSION
older_than() {
  local major minor
  IFS=. read -r major minor _ <<<"$3"
  ((major < $1 || (major == $1 && minor < $2)))
}

# Prints the command that installs PACKAGES and, with npm, NPM_PACKAGES.
way_out() {
  local sudo='' as_root=''
  if ((EUID)); then
    if command -v sudo >/dev/null; then sudo='sudo '; else as_root=', as root'; fi
  fi
  echo "On Debian and Ubuntu$as_root:"
  echo "  ${sudo}apt-get update && ${sudo}apt-get install -y$PACKAGES${NPM_PACKAGES:+ && ${sudo}npm install -g$NPM_PACKAGES}"
}

if [[ $(uname -s) != Linux && $* != cc ]]; then
  echo "The programs run here, but the tests and the demos ask the Linux kernel: use a Linux machine."
  exit 1
fi

PROBLEMS='' PACKAGES='' NPM_PACKAGES=''
while IFS='|' read -r name package purpose; do
  (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
  wrong=$(problem "$name")
  if (($# == 0)); then
    verdict=ok
    if [[ $wrong && $purpose == "for maintainers"* ]]; then
      verdict="not here" purpose+=" (package $package)" wrong=''
    elif [[ $wrong ]]; then
      verdict=MISSING purpose+=": $wrong"
    fi
    printf '%-8s %-13s %s\n' "$verdict" "$name" "$purpose"
  fi
  [[ $wrong ]] || continue
  PROBLEMS+=${PROBLEMS:+, }$wrong
  if [[ $wrong == "bats "*"too old"* ]]; then # the package of this release is what is here
    package=npm NPM_PACKAGES+=" bats"
  fi
  PACKAGES+=" $package"
done <<<"$TOOLS"

if [[ ! $PROBLEMS ]]; then
  (($#)) || printf '\nEverything is here.\n'
  exit 0
fi
if (($#)); then
  exec >&2
  echo "$PROBLEMS. 'make doctor' looks for everything."
else
  echo
fi
way_out
exit 1
