#!/usr/bin/env bash
# Shows that the README's two commands hold elsewhere: in unusual logins on this machine, and on other
# machines. Prints a line a cell: how it ended, seconds, tests, skipped tests.
# Arguments: logins, or folders of machines (with a slash), for example made with
#   debootstrap --variant=minbase trixie /tmp/trixie
# None means logins. Needs root; each cell has a copy of this tree, processes, mounts and a network of its
# own, and the folders stay as they are.
# Environment: JOBS, how many cells run at once (default 1). SHORT=1: in the logins the four steps' suites
# instead of all of make test (.ci/run). NODE_EXTRA_CA_CERTS, a file that npm on
# the machines is to trust too. Status 1 when a cell fails, and its log is kept and named; 2 when an
# argument is none of these.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
# shellcheck source=tests/helpers/exit.bash
. tests/helpers/exit.bash

SUITES="test"
[[ ${SHORT:-} != 1 ]] || SUITES="test-step1 test-step2 test-step3 test-step4"
FIRST_COMMAND=$(sed -n '/^```sh/{n;p;q}' README.md)
SCRATCH=$(mktemp -d)
chmod 755 "$SCRATCH" # an ordinary user works in it
mkdir "$SCRATCH/logs"
at_the_end finish

finish() {
  local name
  for name in "$SCRATCH"/*; do
    [[ $name == */logs && -e $SCRATCH/logs/failed ]] || rm -rf "$name"
  done
  rmdir --ignore-fail-on-non-empty "$SCRATCH"
}

# --- cells

# cell NAME COMMAND...: runs it, and prints how it ended and how many tests passed.
cell() {
  local log=$SCRATCH/logs/${1//[^A-Za-z0-9.]/_} seconds=$SECONDS verdict=ok
  "${@:2}" >"$log" 2>&1 </dev/null || verdict=FAILED
  printf '%-66s %-6s %4d s %4d tests %3d skipped%s\n' "$1" "$verdict" $((SECONDS - seconds)) \
    "$(grep -c '^ok' "$log")" "$(grep -c '^ok.*# skip' "$log")" \
    "$([[ $verdict == ok ]] || echo ": $log")"
  [[ $verdict == ok ]] || touch "$SCRATCH/logs/failed"
}

left_out() { printf '%-66s left out: %s\n' "$1" "$2"; }

# in_turn COMMAND...: in the background, when fewer than JOBS of these are running.
in_turn() {
  while (($(jobs -pr | wc -l) >= ${JOBS:-1})); do wait -n || true; done
  "$@" &
}

# choose_student: sets STUDENT to the number of an ordinary user that nobody else is: limits on processes
# count all those of a user.
choose_student() { STUDENT=$((20000 + RANDOM)); }

# copy_to FOLDER: puts this tree there, as a newcomer has it, and as the student's.
copy_to() {
  mkdir -p "$1"
  tar -c --exclude=./.git --exclude=./mine . | tar -x -C "$1"
  make -s -C "$1" clean
  chown -R "$STUDENT:$STUDENT" "$1"
}

# --- logins

# alone [--net] COMMAND...: in processes and mounts of its own, and with --net in a network of its own.
# Process 1 is a bash, which waits for orphans.
alone() {
  local net=()
  if [[ $1 == --net ]]; then net=(--net) && shift; fi
  # shellcheck disable=SC2016 # for the other bash to expand
  unshare --mount --pid --fork --kill-child --mount-proc "${net[@]}" \
    bash -c 'ip link set lo up; "$@"; exit $?' alone "$@"
}

# as USER COMMAND [NAME=VALUE...]: a shell command as root (0) or not, with nothing in its environment
# but a path and these.
as() {
  env -i PATH="$PATH" HOME=/tmp DEADLINE=20 "${@:3}" \
    setpriv --reuid="$1" --regid="$1" --clear-groups bash -c "$2"
}

# login NAME FUNCTION: a cell; the function runs the two commands as somebody might. It is called as
# root, in a copy of the tree.
login() {
  local copy
  copy=$(mktemp -d -p "$SCRATCH")
  choose_student
  copy_to "$copy"
  # shellcheck disable=SC2016 # for the other bash to expand
  in_turn cell "$1" alone --net bash -c 'cd "$1" && "$2"' login "$copy" "$2"
}

chinese() {
  # shellcheck disable=SC2016 # for the other bash to expand
  as "$STUDENT" 'cd / && make -C "$COPY" demo && make -C "$COPY" $SUITES' \
    LANG=zh_CN.UTF-8 LOCPATH="$LOCALES" COPY="$PWD" SUITES="$SUITES"
}

german() { as 0 "ulimit -s unlimited && make demo && make $SUITES" LANG=de_DE.UTF-8 LOCPATH="$LOCALES"; }

nowhere() { as 0 "ulimit -n 256 && make -w demo && make -w $SUITES" LC_ALL=xx_XX.UTF-8; }

no_ipv6() {
  echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  PATH=$UUTILS:$PATH as 0 "make demo && make $SUITES"
}

container() {
  local status
  # shellcheck disable=SC2016 # for the other bash to expand
  status=$(unshare --pid --fork --kill-child bash -c '
    mount -t proc proc /proc
    mount --bind /proc/sys /proc/sys
    mount -o remount,bind,ro /proc/sys
    exec cat < <(as "$STUDENT" "make demo && make $SUITES" >&2; echo $?)') # process 1 becomes cat
  ((status == 0))
}

# can_speak LANGUAGE: makes that locale, and bash speaks its language there.
can_speak() {
  localedef -i "$1" -f UTF-8 "$LOCALES/$1.UTF-8" &&
    [[ $(LC_ALL=$1.UTF-8 LOCPATH=$LOCALES bash -c ': </nowhere' 2>&1) != *"No such file"* ]]
} 2>/dev/null

logins() {
  local no_messages="it has no messages here (packages locales, or language-pack-zh-hans and -de)"
  local uutils=/usr/lib/cargo/bin/coreutils
  export STUDENT SUITES LOCALES=$SCRATCH/locales UUTILS=$SCRATCH/uutils
  export -f as chinese german nowhere no_ipv6 container
  mkdir "$LOCALES" "$UUTILS"

  if can_speak zh_CN; then
    login "zh_CN.UTF-8, an ordinary user, make -C" chinese
  else
    left_out zh_CN.UTF-8 "$no_messages"
  fi
  if can_speak de_DE; then
    login "de_DE.UTF-8, ulimit -s unlimited" german
  else
    left_out de_DE.UTF-8 "$no_messages"
  fi
  login "LC_ALL of a locale that is not installed, ulimit -n 256, make -w" nowhere
  if [[ -e $uutils ]]; then
    ln -s $uutils/cat $uutils/timeout "$UUTILS"
  else
    left_out "cat and timeout of uutils" "they are not here (package rust-coreutils)"
  fi
  login "IPv6 switched off$([[ ! -e $UUTILS/cat ]] || echo ", cat and timeout of uutils")" no_ipv6
  login "process 1 never waits, /proc/sys is read-only, an ordinary user" container
}

# --- machines

# machine FOLDER: the cells of one. Where bats is too old, as the README says, the first command must
# stop; then what it says is done, and the two commands hold.
machine() {
  local name changes first=$FIRST_COMMAND title="the first command"
  changes=$(mktemp -d -p "$SCRATCH")
  choose_student
  mkdir -p "$changes"/{upper/etc,work,root}
  cp /etc/resolv.conf "$changes/upper/etc/resolv.conf"
  if [[ ${NODE_EXTRA_CA_CERTS:-} ]]; then cp "$NODE_EXTRA_CA_CERTS" "$changes/upper/etc/npm.crt"; fi
  # shellcheck disable=SC1091 # it is the other machine's
  name=$(. "$1/etc/os-release" && echo "${PRETTY_NAME% (*}")
  if [[ $name == *" 11" || $name == *" 22.04"* ]]; then
    title="the first command stops, its way out"
    # shellcheck disable=SC2016 # for the other bash to expand
    first="! { $FIRST_COMMAND; } && bash -c \"\$(make doctor | tail -n 1)\" && make doctor demo"
  fi
  copy_to "$changes/upper/repository"
  cell "$name, root: $title" alone in_root "$1" "$changes" 0 "$first"
  cell "$name, root: make test" alone --net in_root "$1" "$changes" 0 "make test"
  rm -rf "$changes/upper/repository"
  copy_to "$changes/upper/repository"
  cell "$name, an ordinary user: make demo, make test" \
    alone --net in_root "$1" "$changes" "$STUDENT" "make demo && make test"
  rm -rf "$changes"
}

# in_root FOLDER CHANGES USER COMMAND: in the repository on that machine; what it writes goes to
# CHANGES. Not chroot: there, nobody but root may have namespaces.
in_root() {
  local root=$2/root
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$root"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  mount -t proc proc "$root/proc"
  cd "$root"
  pivot_root . mnt
  umount -l /mnt
  cd /repository
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin as "$3" "$4" \
    NODE_EXTRA_CA_CERTS=/etc/npm.crt
}

export -f as in_root
((EUID == 0)) || { echo "make -C .ci matrix needs root; try it with sudo." >&2 && exit 1; }
if (($# == 0)); then set -- logins; fi
for part; do
  case $part in
    logins) logins ;;
    */*) in_turn machine "${part%/}" ;;
    *)
      echo "usage: .ci/matrix.sh [logins] [FOLDER...]; you said: '$part'" >&2
      exit 2
      ;;
  esac
done
wait
compgen -G "$SCRATCH/logs/*" >/dev/null || { echo "Nothing was run." >&2 && exit 1; }
[[ ! -e $SCRATCH/logs/failed ]]
