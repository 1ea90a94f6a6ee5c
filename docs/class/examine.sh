#!/usr/bin/env bash
# Examines one submission: compiles it and runs the suite of a step on it. grade.sh starts it as process
# 1 of namespaces of its own, so that whatever the submission starts ends with it.
# Arguments: SUBMISSION, its folder; WORK, an empty folder; USER, the number of the user that it runs
# as, or empty; SECONDS_MAX, after so many everything is ended.
# Environment: STEP, and TEST as for run_suite.sh; HIDDEN, folders that it is not to see, with colons
# between them.
# Result, in WORK/report, which the submission cannot reach: compiler (what it said; with the file
# failed, if it failed), suite (the output of run_suite.sh), matter (what is wrong, in a few words, if
# a test failed), status (the suite's exit status), and ended (why it was ended, if it was).
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash

submission=$1 work=$2 user=$3 seconds_max=$4
report=$work/report

# Everything that is mounted becomes read-only in here; what is mounted on WORK stays as it is.
forbid_writing() {
  local point options
  mount --bind "$work" "$work"
  while read -r _ _ _ _ point options _; do
    printf -v point '%b' "${point//\\/\\0}" # \040 is a space
    case $point in "$work" | /proc | /proc/*) continue ;; esac
    # In a user namespace the other options may not change.
    mount -o "remount,bind,ro,${options#r[ow],}" "$point" 2>/dev/null || [[ ! -w $point ]] ||
      { echo "cannot make $point read-only" >&2 && return 1; }
  done </proc/self/mountinfo
}

# prepare: mounts, the network, and the copy that is examined.
prepare() {
  local problem
  mkdir "$work/box" "$work/tmp" "$report"
  forbid_writing
  ip link set lo up
  mount -t tmpfs -o size=256m,mode=1777 tmpfs "$work/box"
  mkdir "$work/box/submission"
  problem=$(cp -rP "$submission/." "$work/box/submission" 2>&1) ||
    end "it cannot be copied; 256 MiB are allowed: %s" "${problem##*$'\n'}"
  if [[ -f $work/box/submission/run && ! -L $work/box/submission/run ]]; then chmod +x "$work/box/submission/run"; fi
  if [[ $user ]]; then chown -R "$user:$user" "$work/box/submission"; fi
}

# end FORMAT [ARGUMENT...]: that is the end, for everything in these namespaces: they go with process 1.
end() {
  tell "$@" >"$report/ended"
  exit 0
}

# confined COMMAND...: runs it as the submission.
confined() { setsid --wait docs/class/confined.sh "$work" "$user" "$@"; }

compile() {
  local status=0
  confined timeout --signal=KILL 60 "${CC:-cc}" -std=gnu11 -O2 -g -Wall -Wextra -pthread -o server server.c \
    </dev/null >"$report/compiler.full" 2>&1 || status=$?
  head -c 20000 "$report/compiler.full" | cat -v >"$report/compiler"
  rm "$report/compiler.full"
  ((status)) || return 0
  ((status <= 128)) ||
    tell "the compiler was ended: it took more than 60 s, or too much" | tee -a "$report/compiler" >"$report/ended"
  touch "$report/failed"
  return 1
}

# examine: what takes time; run beside the watch below.
examine() {
  local status=0 program=./server
  if [[ -f $work/box/submission/server.c ]]; then
    compile || return 0
  fi
  if [[ -x $work/box/submission/run ]]; then
    program=./run
  elif [[ ! -f $work/box/submission/server.c ]]; then
    tell "neither server.c nor run is there" >"$report/ended"
    return
  fi
  # shellcheck disable=SC2016 # for that script to expand
  printf '#!/usr/bin/env bash\nexec %q %q %q %q "$@"\n' "$PWD/docs/class/confined.sh" "$work" "$user" "$program" \
    >"$work/start"
  chmod +x "$work/start"
  TMPDIR=$work/tmp SERVER=$work/start FROM=$work MATTER=$report/matter HINTS=1 FIRST='' tests/report/run_suite.sh </dev/null 2>&1 |
    head -c 1000000 >"$report/suite" || status=${PIPESTATUS[0]}
  echo "$status" >"$report/status"
}

prepare
mkfifo "$work/clock"
exec {clock}<>"$work/clock" # nobody writes to it
examine &
examination=$!
while [[ -e /proc/$examination ]]; do
  read -r -t 0.2 -u "$clock" || true # a sleep that starts no process: there may be too many
  processes=(/proc/[0-9]*)
  ((${#processes[@]} < 500)) || end "it started processes without end: more than 400 at a time"
  ((SECONDS < seconds_max)) || end "after %s s it was ended" "$seconds_max"
done
