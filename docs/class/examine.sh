#!/usr/bin/env bash
# Examines one submission: compiles it and runs the suite of a step on it. grade.sh runs this as
# process 1 of a sandbox, so that whatever the submission starts ends with it; WORK is all that can
# be written there.
# Arguments: SUBMISSION, its folder; WORK, a folder with folders tmp, report, and box, a file system
# of a bounded size; USER, the number of the user that it runs as, or empty; SECONDS_MAX,
# after so many everything is ended; CGROUP, the folder of the one that bounds its memory, or empty.
# Environment: STEP, SOURCE and TEST as for grade.sh.
# Result, in WORK/report, which the submission cannot reach: compiler (what it said), results (a
# line for each test as it ends: note_result in suite.bash), suite (what the tests printed), and
# problem (why it was not tested, or not to the end).
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

submission=$1 work=$2 user=$3 seconds_max=$4 cgroup=$5
report=$work/report box=$work/box
megabytes_max=2048 # of memory, all its processes together; CGROUP has the same bound

# The compiler and each start of the server have a sandbox of their own. It has a file system in
# which there is only what is named here, with box as /tmp, and processes, /proc and /dev of its
# own. What it has in common with the tests is the network. Should memory run out, the kernel ends
# it first (choom).
sandbox=(nice -n 10 choom -n 1000 -- env -i PATH="$PATH" HOME=/tmp/submission TMPDIR=/tmp LC_ALL=C)
sandbox+=(bwrap --unshare-pid --unshare-uts)
for path in /usr /bin /sbin /lib* /etc /opt /nix; do
  sandbox+=(--ro-bind-try "$path" "$path")
done
sandbox+=(--proc /proc --dev /dev --perms 1777 --size $((16 << 20)) --tmpfs /dev/shm)
sandbox+=(--remount-ro /dev --bind "$box" /tmp --remount-ro / --chdir /tmp/submission)
if [[ $user ]]; then
  sandbox+=(--cap-add CAP_SETUID --cap-add CAP_SETGID)
  sandbox+=(setpriv --reuid "$user" --regid "$user" --clear-groups)
else
  sandbox+=(--unshare-user) # and in it no privilege
fi

# end FORMAT [ARGUMENT...]: notes the reason, and ends. Process 1 ends everything in this sandbox.
end() {
  tell "$@" >"$report/problem"
  exit
}

# is_file NAME: the submission has it, and it is no symbolic link.
is_file() { [[ -f $box/submission/$1 && ! -L $box/submission/$1 ]]; }

copy() {
  local problem
  [[ ! -L $submission ]] || end "its folder is a symbolic link"
  mkdir "$box/submission"
  problem=$(cp -rP "$submission/." "$box/submission" 2>&1) ||
    end "it cannot be copied; 256 MiB are allowed: %s" "${problem##*$'\n'}"
  [[ ${SOURCE:-} != c ]] || rm -rf "$box/submission/run"
  is_file server.c || is_file run || end "neither server.c nor run is there"
  if is_file run; then
    ! head -n 1 "$box/submission/run" | grep -q $'\r' ||
      end "the lines of run end in CR LF, as on Windows: save it with LF"
    chmod +x "$box/submission/run"
  fi
  if [[ $user ]]; then chown -RP "$user:$user" "$box/submission"; fi
}

compile() {
  local status=0
  # shellcheck disable=SC2086 # CC may be several words
  "${sandbox[@]}" timeout --signal=KILL 60 ${CC:-cc} -std=gnu11 -O2 -g -Wall -Wextra -pthread \
    -o server server.c </dev/null >"$report/compiler" 2>&1 || status=$?
  ((status <= 128)) || end "the compiler was ended: it took more than 60 s, or too much"
  ((!status)) || end "it does not compile: %s" \
    "$(grep -a -m 1 error "$report/compiler" || echo "status $status")"
}

# examine: what takes time; run beside the watch below.
examine() {
  local program=./server
  copy
  if is_file server.c; then compile; fi
  if is_file run; then program=./run; fi
  # How the tests start it. Its output has a second name, because the first, which it can see in
  # /proc/self/fd, has the number of the test; and it may open /dev/stdout, a file of another user.
  # Processes and threads: a test has 320 clients, and each may leave a child behind.
  cat >"$work/start" <<END
#!/usr/bin/env bash
ln -fL /proc/self/fd/1 "$work/output" && exec >>"$work/output" 2>&1
chmod a+w "$work/output"
ulimit -u 600 2>/dev/null # it may be lower already
exec $(printf '%q ' "${sandbox[@]}" "$program") "\$@"
END
  chmod +x "$work/start"
  TMPDIR=$work/tmp SERVER=$work/start FROM=$work RESULTS=$report/results HINTS=1 FIRST='' \
    tests/report/run_suite.sh </dev/null >"$report/suite" 2>&1 || true
}

# took_too_much: its processes have so much memory, or the kernel has ended one of them for it.
took_too_much() {
  [[ $(oom_kills) == "$oom_kills" ]] || return 0
  cat /proc/[0-9]*/status 2>/dev/null |
    awk -v max=$megabytes_max '/^Rss(Anon|Shmem):/ { sum += $2 } END { exit sum / 1024 < max }'
}
oom_kills() { cat "$cgroup"/memory.{events,oom_control} 2>/dev/null | grep '^oom_kill '; }

oom_kills=$(oom_kills || true) # of those before it
# Pages of System V memory, which belongs to no process.
echo 16384 2>/dev/null >/proc/sys/kernel/shmall || true
examine &
examination=$!
while [[ -e /proc/$examination ]]; do
  sleep 0.2 || true
  processes=(/proc/[0-9]*)
  ((${#processes[@]} < 500)) || end "it started processes without end: more than 400 at a time"
  ! took_too_much || end "it took more than %s MiB of memory" "$megabytes_max"
  ((SECONDS < seconds_max)) || end "after %s s it was ended" "$seconds_max"
done
