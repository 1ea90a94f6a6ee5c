#!/usr/bin/env bash
# Shows that the README's two commands hold elsewhere: in unusual logins on this machine, and on
# other machines. Prints a line for each: how it ended, seconds, tests, skipped tests; and the end
# of what failed. Needs root. Each works on copies, in processes and mounts of its own, and in a
# network of its own, but for a machine's first command, which installs packages.
# Arguments: logins, or folders of machines (with a slash), for example made with
#   debootstrap --variant=minbase trixie /tmp/trixie
# None means logins. Environment: SHORT=1, some targets in place of make test in the logins
# (.ci/run); NODE_EXTRA_CA_CERTS, a file on the machines that npm there is to trust too. Status 1
# when one fails.
set -euo pipefail
cd "$(dirname "$0")/.."
. docs/language/locale.bash

SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
chmod 755 "$SCRATCH" # an ordinary user works in it
STUDENT=$((20000 + RANDOM)) # nobody else: a limit on processes counts all those of a user
failed=0

# copy_to FOLDER: puts this tree there, as a newcomer has it, and as the student's.
copy_to() {
  rm -rf "$1"
  mkdir "$1"
  tar -c --exclude=./.git --exclude=./mine . | tar -x -C "$1"
  make -s -C "$1" clean
  chown -R "$STUDENT:$STUDENT" "$1"
}

# cell NAME [--net] FUNCTION...: runs it as process 1, and prints how that ended.
cell() {
  local log=$SCRATCH/log seconds=$SECONDS verdict=FAILED
  unshare --mount --pid --fork --kill-child --mount-proc "${@:2}" >"$log" 2>&1 </dev/null || true
  [[ $(tail -n 1 "$log") != passed ]] || verdict=ok
  printf '%-66s %-6s %4d s %4d tests %3d skipped\n' "$1" "$verdict" $((SECONDS - seconds)) \
    "$(grep -c '^ok' "$log")" "$(grep -c '^ok.*# skip' "$log")"
  if [[ $verdict == FAILED ]]; then
    failed=1
    grep -A 20 '^not ok' "$log" || tail -n 40 "$log"
  fi
}

# as USER COMMAND [NAME=VALUE...]: a shell command as root (0) or not, with nothing in its
# environment but these; prints "passed" at its end when it succeeds.
as() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp DEADLINE=20 \
    NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-}" "${@:3}" \
    setpriv --reuid="$1" --regid="$1" --clear-groups bash -c "$2 && echo passed"
}

# --- logins

# login NAME FUNCTION...: somebody does this in a copy of the tree, as the child of a bash, which
# waits for orphans.
login() {
  copy_to "$SCRATCH/copy"
  cell "$1" --net bash -c 'cd "$1"; ip link set lo up; "${@:2}"; exit' - "$SCRATCH/copy" "${@:2}"
}

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

  login "zh_CN.UTF-8, an ordinary user, make -C" as "$STUDENT" "${commands//make /make -C . }" \
    LANG=zh_CN.UTF-8 LOCPATH="$LOCPATH"
  login "de_DE.UTF-8, ulimit -s unlimited" as 0 "ulimit -s unlimited; $commands" \
    LANG=de_DE.UTF-8 LOCPATH="$LOCPATH"
  login "LC_ALL of a locale that is not installed, ulimit -n 256, make -w" as 0 \
    "ulimit -n 256; ${commands//make /make -w }" LC_ALL=xx_XX.UTF-8
  login "IPv6 switched off, cat and timeout of uutils where they are" as 0 \
    "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; PATH=$SCRATCH/uutils:\$PATH; $commands"
  login "process 1 never waits, /proc/sys is read-only, an ordinary user" container as "$STUDENT" \
    "$commands"
}

# --- machines

# machine FOLDER: the cells of one. Where bats is too old, as the README says, the first command
# must stop; then what it says is done, and the two commands hold.
machine() {
  local name first title="the first command" root=$SCRATCH/machine
  first=$(sed -n '/^```sh/{n;p;q}' README.md)
  # shellcheck disable=SC1091 # it is the other machine's
  name=$(. "$1/etc/os-release" && echo "${PRETTY_NAME% (*}")
  if [[ $name == *" 11" || $name == *" 22.04"* ]]; then
    title="the first command stops, its way out"
    first="! { $first; } && bash -c \"\$(make doctor | tail -n 1)\" && make doctor demo"
  fi
  cp -a --reflink=auto "$1" "$root"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  copy_to "$root/repository"
  cell "$name, root: $title" bash -c 'in_root "$@"' - "$root" as 0 "$first"
  cell "$name, root: make test" --net bash -c 'in_root "$@"' - "$root" as 0 "make test"
  copy_to "$root/repository"
  cell "$name, an ordinary user: make demo, make test" --net bash -c 'in_root "$@"' - "$root" \
    as "$STUDENT" "make demo && make test"
  rm -rf "$root"
}

# in_root FOLDER FUNCTION...: in the repository there. Not chroot: in it, nobody but root may have
# namespaces.
in_root() {
  mount --rbind "$1" "$1" # pivot_root takes a mount
  cd "$1"
  mount --rbind /dev dev
  mount --rbind /sys sys
  mount -t proc proc proc
  pivot_root . mnt
  umount -l /mnt
  cd /repository
  ip link set lo up
  "${@:2}"
  exit
}

export -f as container in_root
((EUID == 0)) || { echo "make -C .ci matrix needs root; try it with sudo." >&2 && exit 1; }
for part in "${@:-logins}"; do
  case $part in
    logins) logins ;;
    */*) machine "${part%/}" ;;
    *) echo "neither 'logins' nor a folder with a slash in it: '$part'" >&2 && exit 1 ;;
  esac
done
((failed == 0))
