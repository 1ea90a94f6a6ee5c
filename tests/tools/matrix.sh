#!/usr/bin/env bash
# Shows that the README's two commands hold elsewhere: with other compilers, in other logins on this
# machine, and on other machines. Prints a line a cell: how it ended, seconds, tests, skipped tests.
# Arguments: compilers, logins, or folders of machines (a word with a slash), for example made with
#   debootstrap --variant=minbase trixie /tmp/trixie
# None means compilers and logins. Logins and machines need root, overlay mounts and namespaces; each
# cell has processes, mounts and a copy of the last commit of its own, and the folders stay as they are.
# Status 1 when a cell fails, and its log is kept and named; 2 when an argument is none of these.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash

SCRATCH=$(mktemp -d)
chmod 755 "$SCRATCH" # an ordinary user works in it
failed=0
trap '((failed)) || rm -rf "$SCRATCH"' EXIT
trap 'exit 130' INT TERM

# cell NAME COMMAND...: runs it, and prints how it ended and how many tests passed.
cell() {
  local log=$SCRATCH/${1//[^A-Za-z0-9.]/_}.log seconds=$SECONDS verdict=ok
  "${@:2}" >"$log" 2>&1 </dev/null || verdict=FAILED
  printf '%-62s %-6s %4d s %4d tests %3d skipped\n' "$1" "$verdict" $((SECONDS - seconds)) \
    "$(grep -c '^ok' "$log" || true)" "$(grep -c '^ok.*# skip' "$log" || true)"
  if [[ $verdict == FAILED ]]; then
    failed=1
    echo "    the log: $log"
  fi
}

left_out() { printf '%-62s left out: %s\n' "$1" "$2"; }

# copy_to FOLDER: puts the last commit there, as an ordinary user's.
copy_to() {
  mkdir -p "$1"
  git archive HEAD | tar -x -C "$1"
  chown -R "$STUDENT:$STUDENT" "$1"
}

# --- compilers

# steps COMPILER LEVEL STANDARD TARGET...: builds a copy so, without a warning, and makes the targets.
steps() {
  local copy=$SCRATCH/copy
  rm -rf "$copy"
  mkdir "$copy"
  git archive HEAD | tar -x -C "$copy"
  make -C "$copy" "${@:4}" CC="$1" CFLAGS="-O$2 -Werror" STANDARD="-std=$3 -pthread"
}

compilers() {
  local compiler level standard
  for compiler in gcc clang musl-gcc; do
    command -v "$compiler" >/dev/null || { left_out "$compiler" "it is not here" && continue; }
    for level in 0 1 2 3; do
      for standard in c11 c17; do
        if [[ $standard == c11 && $level == [03] ]]; then
          cell "$compiler -O$level -std=$standard, suites" \
            steps "$compiler" "$level" "$standard" all test-step1 test-step2 test-step3 test-step4
        else
          cell "$compiler -O$level -std=$standard, build" steps "$compiler" "$level" "$standard" all
        fi
      done
    done
  done
}

# --- logins and machines

STUDENT=1234 # the user and the group that are no root, known to no file

# alone OPTION... -- COMMAND...: the command in processes and mounts of its own; options of unshare.
# It is not process 1: that one is bash, which waits for orphans.
# shellcheck disable=SC2016 # for the other bash to expand
alone() {
  local options=()
  while [[ $1 != -- ]]; do options+=("$1") && shift; done
  unshare --mount --pid --fork --kill-child --mount-proc "${options[@]}" \
    bash -c '"$@"; exit $?' alone "${@:2}"
}

# as USER SHELL_COMMAND: with nothing in the environment but a path, as root (0) or as the student.
as() {
  env -i PATH="$PATH" HOME=/tmp TERM=dumb setpriv --reuid="$1" --regid="$1" --clear-groups bash -c "$2"
}

require_root() {
  ((EUID == 0)) || {
    echo "tests/tools/matrix.sh: $1 need root: run it with sudo" >&2
    exit 1
  }
}

TWO_COMMANDS="make demo && make test"

# login NAME USER SHELL_COMMAND [ROOT_COMMAND]: a cell, in a copy of the tree, with a network of its
# own. ROOT_COMMAND, a shell command, prepares it.
login() {
  copy_to "$SCRATCH/login"
  cell "$1" alone --net -- login_inside "$2" "$3" "${4:-}"
  rm -rf "$SCRATCH/login"
}
login_inside() {
  ip link set lo up
  bash -c "set -e; $3"
  cd "$SCRATCH/login"
  as "$1" "$2"
}
export -f login_inside as
export SCRATCH PATH

logins() { :; }

# machine FOLDER: the cells of a root; it is read through an overlay and stays as it is.
machine() {
  local name overlay
  overlay=$(mktemp -d -p "$SCRATCH")
  mkdir "$overlay/changes" "$overlay/work" "$overlay/root"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$overlay/changes,workdir=$overlay/work" "$overlay/root"
  cp /etc/resolv.conf "$overlay/root/etc/resolv.conf"
  copy_to "$overlay/root/repository"
  name=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' "$1/etc/os-release")
  cell "$name: the first command, as root" alone -- in_root "$overlay/root" 0 "$INSTALL_LINE"
  cell "$name: make test, as root" alone --net -- in_root "$overlay/root" 0 "make test"
  cell "$name: both, as an ordinary user" alone --net -- in_root "$overlay/root" $STUDENT "$TWO_COMMANDS"
  umount -l "$overlay/root"
  rm -rf "$overlay"
}

# in_root FOLDER USER SHELL_COMMAND: in the repository there. Not chroot: in one, nobody but root may
# have namespaces.
in_root() {
  ip link set lo up
  mount --rbind /dev "$1/dev"
  mount --rbind /sys "$1/sys"
  mount -t proc proc "$1/proc"
  cd "$1"
  pivot_root . mnt
  umount -l /mnt
  cd /repository
  PATH=/usr/sbin:/usr/bin:/sbin:/bin as "$2" "$3"
}
export -f in_root
INSTALL_LINE=$(sed -n '/^```sh/{n;p;q}' README.md)

(($#)) || set -- compilers logins
for part; do
  case $part in
    compilers) compilers ;;
    logins) require_root logins && logins ;;
    */*) require_root machines && machine "$part" ;;
    *)
      echo "usage: tests/tools/matrix.sh [compilers] [logins] [FOLDER...]; you said: '$part'" >&2
      exit 2
      ;;
  esac
done
exit $failed
