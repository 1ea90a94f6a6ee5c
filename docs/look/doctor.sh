#!/usr/bin/env bash
# Tells which tools this machine has and which it lacks, with the command that installs them on
# Debian and Ubuntu.
# Arguments: the tools that somebody is about to use (cc bats nc ...): silent when all are here,
# else a sentence and the command. None means a table of what a student needs.
# Environment: CC, the compiler. Status 1 when something is missing.
set -euo pipefail
. "${0%/*}/../language/locale.bash"
. "${0%/*}/../../tests/helpers/machines.bash"

read -r -a compiler <<<"${CC:-cc}" # CC may be several words: ccache gcc

# problem TOOL OLDEST: prints what is wrong with it, or nothing.
problem() {
  local version
  if [[ $1 == *.h ]]; then
    echo "#include <$1>" | "${compiler[@]}" -E - >/dev/null 2>&1 || translated "%s is missing" "$1"
  elif [[ $1 == cc ]]; then
    if command -v "${compiler[0]}" >/dev/null; then
      problem stdio.h -
    else
      translated "the C compiler (%s) is missing" "${compiler[*]}"
    fi
  elif ! command -v "$1" >/dev/null; then
    translated "%s is missing" "$1"
  elif [[ $2 != - ]]; then
    version=$("$1" --version | grep -oE -m 1 '[0-9]+\.[0-9.]+') || true
    printf '%s\n' "$2" "$version" | sort --version-sort --check=silent ||
      translated "%s is too old (%s or newer is needed)" "$1 $version" "$2"
  fi
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
while IFS=$'\t' read -r tool oldest package purpose; do
  (($# == 0)) || [[ " $* " == *" $tool "* ]] || continue
  wrong=$(problem "$tool" "$oldest")
  if (($# == 0)) && [[ $purpose == - ]]; then
    others+=${wrong:+ $package}
    continue
  fi
  if (($# == 0)); then
    found=$(translated ok)
    [[ ! $wrong ]] || found=$(translated MISSING)
    printf '%-8s %-8s %s\n' "$found" "$tool" "$(translated "$purpose")${wrong:+: $wrong}"
  fi
  [[ $wrong ]] || continue
  problems+=${problems:+, }$wrong
  # Where the bats of this release is too old, npm has a new one.
  if [[ $tool == bats ]] && command -v bats >/dev/null; then package="ca-certificates npm"; fi
  packages+=" $package"
done < <(grep -v '^#' "${0%/*}/tools.tsv")

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

tell "On Debian and Ubuntu, as root or with sudo:"
command="apt-get update && apt-get install -y$packages"
if [[ $packages == *npm* ]]; then # an old npm does not link what it installs
  command+=" --no-install-recommends && npm install -g bats"
  command+=" && ln -sf \"\$(npm root -g)/bats/bin/bats\" /usr/local/bin/"
fi
echo "  \$(command -v sudo) sh -c '$command'"
exit 1
