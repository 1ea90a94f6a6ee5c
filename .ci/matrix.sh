#!/usr/bin/env bash
# Shows that the README's two commands hold elsewhere: in unusual logins on this machine, and on
# other machines. Prints a line for each: how it ended, seconds, tests, skipped tests; and the end
# of what failed. Needs root. Each works on copies of what git knows, in processes and mounts of its
# own, and in a network of its own, but for a machine's first command, which installs packages.
# Arguments: logins, or folders of machines (with a slash), for example made with
#   debootstrap --variant=minbase trixie /tmp/trixie
# None means logins. Environment: SHORT=1, some targets in place of make test in the logins
# (.ci/run). Status 1 when one fails.
set -euo pipefail
cd "$(dirname "$0")/.."
. docs/language/locale.bash

SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
chmod 755 "$SCRATCH" # an ordinary user works in it
LOG=$SCRATCH/log
export COPY=$SCRATCH/copy MACHINE=$SCRATCH/machine
STUDENT=$((20000 + RANDOM)) # nobody else: a limit on processes counts all those of a user
failed=0

# cell NAME NET FUNCTION...: runs it in a new copy of this tree, the student's, as the child of a
# bash, which waits for orphans. NET is --net, or empty for this machine's network. Prints how it
# ended.
cell() {
  local seconds=$SECONDS verdict=FAILED
  rm -rf "$COPY"
  mkdir "$COPY"
  git ls-files -z | tar -c --null -T- | tar -x -C "$COPY"
  chown -R "$STUDENT:$STUDENT" "$COPY"
  unshare --mount --pid --fork --kill-child --mount-proc ${2:+"$2"} \
    bash -c 'ip link set lo up; cd "$COPY"; "$@"; exit' - "${@:3}" >"$LOG" 2>&1 </dev/null || true
  [[ $(tail -n 1 "$LOG") != passed ]] || verdict=ok
  printf '%-66s %-6s %4d s %4d tests %3d skipped\n' "$1" "$verdict" $((SECONDS - seconds)) \
    "$(grep -c '^ok' "$LOG")" "$(grep -c '^ok.*# skip' "$LOG")"
  if [[ $verdict == FAILED ]]; then
    failed=1
    grep -A 20 '^not ok' "$LOG" || tail -n 40 "$LOG"
  fi
}

# as USER COMMAND [NAME=VALUE...]: a shell command as root (0) or not, with nothing in its
# environment but these; prints "passed" at its end when it succeeds.
as() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp DEADLINE=20 \
    "${@:3}" setpriv --reuid="$1" --regid="$1" --clear-groups bash -c "$2 && echo passed"
}

# --- logins

# container FUNCTION...: process 1 becomes a cat, which waits for nobody, and /proc/sys is
# read-only.
container() {
  mount --bind /proc/sys /proc/sys
  mount -o remount,bind,ro /proc/sys
  exec cat < <("$@" 2>&1)
}

logins() {
  local commands="make demo && make test" uutils=/usr/lib/cargo/bin/coreutils
  [[ ${SHORT:-} != 1 ]] || commands="make demo demo-reset demo-addresses && \
make test-step1 test-step2 test-step3 test-step4 && \
docs/pages/generate.sh --check README.md docs/c10k.md"
  export LOCPATH=$SCRATCH/locales
  mkdir "$LOCPATH" "$SCRATCH/uutils"
  for language in zh_CN de_DE; do
    localedef -i $language -f UTF-8 "$LOCPATH/$language.UTF-8" 2>/dev/null || true
    [[ $(LC_ALL=$language.UTF-8 bash -c ': </nowhere' 2>&1) != *"No such file"* ]] ||
      echo "bash does not speak $language here (package locales, or a language-pack)"
  done
  ln -s "$uutils"/{cat,timeout} "$SCRATCH/uutils"
  [[ -e $uutils ]] || echo "cat and timeout of uutils are not here (package rust-coreutils)"

  cell "zh_CN.UTF-8, an ordinary user, make -C" --net as "$STUDENT" \
    "${commands//make /make -C . }" LANG=zh_CN.UTF-8 LOCPATH="$LOCPATH"
  cell "de_DE.UTF-8, ulimit -s unlimited" --net as 0 \
    "ulimit -s unlimited; $commands" LANG=de_DE.UTF-8 LOCPATH="$LOCPATH"
  cell "LC_ALL of a locale that is not installed, ulimit -n 256, make -w" --net as 0 \
    "ulimit -n 256; ${commands//make /make -w }" LC_ALL=xx_XX.UTF-8
  cell "IPv6 switched off, cat and timeout of uutils where they are" --net as 0 \
    "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; PATH=$SCRATCH/uutils:\$PATH; $commands"
  cell "process 1 never waits, /proc/sys is read-only, an ordinary user" --net container \
    as "$STUDENT" "$commands"
}

# --- machines

# machine FOLDER: the cells of one. Where bats is too old, as the README says, the first command
# must stop; then what it says is done, and the two commands hold.
machine() {
  local name first title="the first command"
  first=$(sed -n '/^```sh/{n;p;q}' README.md)
  # shellcheck disable=SC1091 # it is the other machine's
  name=$(. "$1/etc/os-release" && echo "${PRETTY_NAME% (*}")
  if [[ $name == *" 11" || $name == *" 22.04"* ]]; then
    title="the first command stops, its way out"
    first="! { $first; } && bash -c \"\$(make doctor | tail -n 1)\" && make doctor demo"
  fi
  cp -a --reflink=auto "$1" "$MACHINE"
  cp /etc/resolv.conf "$MACHINE/etc/resolv.conf"
  cell "$name, root: $title" "" in_machine as 0 "$first"
  cell "$name, root: make test" --net in_machine as 0 "make test"
  cell "$name, an ordinary user: make demo, make test" --net in_machine \
    as "$STUDENT" "make demo && make test"
  rm -rf "$MACHINE"
}

# in_machine FUNCTION...: in the copy there. Not chroot: in it, nobody but root may have namespaces.
in_machine() {
  mount --rbind "$MACHINE" "$MACHINE" # pivot_root takes a mount
  cd "$MACHINE"
  mount --rbind /dev dev
  mount --rbind /sys sys
  mount -t proc proc proc
  mkdir -p repository
  mount --bind "$COPY" repository
  pivot_root . mnt
  umount -l /mnt
  cd /repository
  "$@"
}

export -f as container in_machine
((EUID == 0)) || { echo "make -C .ci matrix needs root; try it with sudo." >&2 && exit 1; }
for part in "${@:-logins}"; do
  case $part in
    logins) logins ;;
    */*) machine "${part%/}" ;;
    *) echo "neither 'logins' nor a folder with a slash in it: '$part'" >&2 && exit 1 ;;
  esac
done
((failed == 0))
