#!/usr/bin/env bash
# Becomes a program of a submission, in a sandbox: started by examine.sh, for the compiler and for each
# start of the server.
# Arguments: WORK, the folder of this examination: box is seen as /tmp, and /tmp/submission is the current
# folder; USER, the number of the user to run as, or empty to run as oneself; the words of the command.
# Environment: HIDDEN, folders below /usr and the like that it is not to see, with colons between them.
#
# bubblewrap (bwrap(1)) gives it a file system in which there is only what is named here, and processes,
# /proc and /dev of its own. What it has in common with the tests is the network, and System V memory,
# which is bounded. The limits are ours.
set -euo pipefail

work=$1 user=$2
shift 2

(echo 10 >/proc/self/autogroup) 2>/dev/null || true # sched(7): less of the processor than the tests get
renice --priority 10 $$ >/dev/null
echo 1000 >/proc/self/oom_score_adj # should memory run out, the kernel ends this one first
chmod a+w /proc/self/fd/1           # its output is a file of another user; it may open /dev/stdout

# Processes and threads: a test has 320 clients, and each may leave a child behind. KiB of memory of one
# process: the stacks of 360 threads fit that nobody joins. KiB of a file.
for limit in "-u 600" "-d 4194304" "-f 65536" "-c 0"; do
  # shellcheck disable=SC2086 # two words
  ulimit $limit 2>/dev/null || true # it is lower already
done

view=()
for path in /usr /bin /sbin /lib* /etc /opt /nix; do
  if [[ -L $path ]]; then
    view+=(--symlink "$(readlink "$path")" "$path")
  elif [[ -d $path ]]; then
    view+=(--ro-bind "$path" "$path")
  fi
done
IFS=: read -r -a hidden <<<"${HIDDEN:-}"
for folder in "${hidden[@]}"; do
  case $folder in /usr/* | /etc/* | /opt/* | /nix/*) view+=(--size 4096 --tmpfs "$folder") ;; esac
done
view+=(--proc /proc --dev /dev --perms 1777 --size $((16 << 20)) --tmpfs /dev/shm --remount-ro /dev)
view+=(--bind "$work/box" /tmp --remount-ro / --chdir /tmp/submission)

# Root becomes the user in the sandbox; anybody else has a user namespace, and no privilege in it.
if [[ $user ]]; then
  view+=(--cap-add CAP_SETUID --cap-add CAP_SETGID)
  set -- setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
else
  view+=(--unshare-user)
fi
exec env -i PATH="$PATH" HOME=/tmp/submission TMPDIR=/tmp LC_ALL=C \
  bwrap --unshare-pid --unshare-uts "${view[@]}" "$@"
