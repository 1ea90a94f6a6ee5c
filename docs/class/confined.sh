#!/usr/bin/env bash
# Becomes a program of a submission, where it can do no harm: started by examine.sh, for the compiler
# and for each start of the server.
# Arguments: WORK, the folder of this examination, in which box/submission becomes its current folder;
# USER, the number of the user to run it as, or empty to run it as oneself; the words of the command.
# Environment: HIDDEN, folders that it is not to see, with colons between them.
#
# The caller starts it in a session of its own, which gets less of the processor than the tests.
# It sees box as /tmp; it has no capability, no environment, and limits on what it takes. Without a user
# of its own it gets a user namespace: from there it can open nothing of another process (ptrace(2)).
set -euo pipefail
# shellcheck source=docs/language/locale.bash
. "${0%/*}/../language/locale.bash"

work=$1 user=$2
if [[ ! ${IN_OWN_MOUNTS:-} ]]; then
  namespaces=(--mount)
  [[ $user ]] || namespaces+=(--map-current-user --keep-caps)
  IN_OWN_MOUNTS=1 exec unshare "${namespaces[@]}" "$0" "$@"
fi
shift 2

(echo 10 >/proc/self/autogroup) 2>/dev/null || true # sched(7); not everywhere, and not at any time
renice --priority 10 $$ >/dev/null
echo 1000 >/proc/self/oom_score_adj # should memory run out, the kernel ends this one first
chmod a+w /proc/self/fd/1           # its output is a file of another user; it may open /dev/stdout
cd "$work/box/submission"
mount --bind "$work/box" /tmp
# shellcheck disable=SC2153 # from grade.sh
IFS=: read -r -a unseen <<<"$work:$HIDDEN"
for folder in "${unseen[@]}"; do
  if [[ -d $folder && $folder != / && $folder != /tmp ]]; then mount -t tmpfs -o ro,size=4k tmpfs "$folder"; fi
done
mount -t tmpfs -o size=16m,mode=1777 tmpfs /dev/shm
cd /tmp/submission

# Processes and threads; a test has 320 clients, and each may leave a child behind. KiB of memory of one
# process; the stacks of 360 threads fit that nobody joins. KiB of a file.
for limit in "-u 600" "-d 4194304" "-f 65536" "-c 0"; do
  # shellcheck disable=SC2086 # two words
  ulimit $limit 2>/dev/null || true # it is lower already
done
identity=()
[[ ! $user ]] || identity=(--reuid "$user" --regid "$user" --clear-groups)
exec setpriv "${identity[@]}" --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all \
  env -i PATH="$PATH" HOME=/tmp/submission TMPDIR=/tmp LC_ALL=C "$@"
