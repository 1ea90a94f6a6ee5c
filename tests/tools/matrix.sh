#!/usr/bin/env bash
# Builds the steps with every compiler, optimisation and standard, without a warning, and runs the
# suites with some of them; then runs the README's two commands in bare Debian roots, as root and as an
# ordinary user. Prints a table, a line a cell; status 1 when a cell fails or there is none.
# Arguments: folders of Debian roots, for example made with
#   debootstrap --variant=minbase trixie /tmp/trixie
# The roots need root here, and change: packages are installed there. What failed says its log.
# shellcheck disable=SC2317 # cell and the trap call the functions
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash

scratch=$(mktemp -d)
mounted=()
finish() {
  local folder
  for folder in "${mounted[@]}"; do umount -l "$folder" 2>/dev/null || true; done
  ((failed)) || rm -rf "$scratch"
}
failed=0
cells=0
trap finish EXIT

# cell NAME COMMAND...: runs it, and prints how it ended and how many tests passed.
cell() {
  cells=$((cells + 1))
  local log=$scratch/${1//[ \/]/_}.log seconds=$SECONDS
  if "${@:2}" >"$log" 2>&1 </dev/null; then
    printf '%-44s ok      %3d tests, %2d skipped, %4d s\n' "$1" "$(grep -c '^ok' "$log" || true)" \
      "$(grep -c '^ok.*# skip' "$log" || true)" $((SECONDS - seconds))
  else
    printf '%-44s FAILED  %s\n' "$1" "$log"
    failed=1
  fi
}

# steps [TARGET]: builds a copy of the repository with the CC, CFLAGS and STANDARD of the
# environment; then makes the target there.
steps() {
  local copy
  copy=$(mktemp -d -p "$scratch")
  git archive HEAD | tar -x -C "$copy"
  make -C "$copy" CC="$CC" CFLAGS="$CFLAGS" STANDARD="$STANDARD" || return
  for target; do
    make -C "$copy" "$target" CC="$CC" CFLAGS="$CFLAGS" STANDARD="$STANDARD" || return
  done
}

for CC in gcc clang musl-gcc; do
  command -v "$CC" >/dev/null || { echo "$CC is not here: left out" && continue; }
  for level in 0 1 2 3; do
    for standard in c11 c17; do
      CFLAGS="-O$level -Werror" STANDARD="-std=$standard -pthread"
      if [[ $standard == c11 && $level == [03] ]]; then
        cell "$CC -O$level -std=$standard, suites" steps test-step1 test-step2 test-step3 test-step4
      else
        cell "$CC -O$level -std=$standard, build" steps
      fi
    done
  done
done

# in_root FOLDER USER COMMAND: the shell command there, in the repository.
in_root() {
  chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp \
    setpriv --reuid="$2" --regid="$2" --clear-groups bash -c "cd /repository && $3"
}

install_line=$(sed -n '/^```sh/{n;p;q}' README.md)
for root; do
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  for folder in proc dev sys; do
    mountpoint -q "$root/$folder" || { mount --bind "/$folder" "$root/$folder" && mounted+=("$root/$folder"); }
  done
  rm -rf "$root/repository"
  mkdir "$root/repository"
  git archive HEAD | tar -x -C "$root/repository"
  name=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' "$root/etc/os-release")
  cell "$name, the first command" in_root "$root" 0 "$install_line"
  cell "$name, make test as root" in_root "$root" 0 "make test"
  chown -R 1234:1234 "$root/repository"
  cell "$name, make test as a user" in_root "$root" 1234 "make test"
  echo "    $(chroot "$root" bash -c 'gcc --version | head -n 1; bats --version; ss -V 2>&1' | paste -sd ';')"
done
if ((cells == 0)); then
  echo "Nothing was run: there is no compiler here, and no root was given." >&2
  exit 1
fi
exit $failed
