#!/usr/bin/env bash
# Grades a class: examines every folder of DIR with the suite of one step. In it is server.c, which
# is compiled; or a file `run`, which starts the server in any language, with the arguments it is
# given; or both. Each is examined by examine.sh in a sandbox, on one processor.
# Arguments: DIR, a folder, or a .zip for unpack.py; STEP, 1 to 4; JOBS, how many at a time, empty
# for one a processor; SECONDS_MAX, after so many an examination is ended, or empty for 300.
# Environment: TEST, as for run_suite.sh; SOURCE, c to look at server.c alone; AGAIN, 1 to forget
# what an earlier call has graded.
# Prints a line for each as it is done. In the folder DIR-grades, complete at any time: the tables
# of tables.py, and NAME.txt, the report to hand back.
# Status 2 for an argument that cannot be used; 1 when nothing was examined.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
. tests/helpers/exit.bash
. tests/helpers/namespaces.bash
. tests/helpers/wait.bash

PATH=$PATH:/usr/sbin:/sbin # where some systems have ip

step=${2:-} jobs=${3:-$(nproc)} seconds_max=${4:-300}
[[ ${1:-} ]] || stop 2 "Where are the submissions? DIR= is a folder with a folder for each."
directory=$(cd "$here" && realpath -e "$1" 2>/dev/null) || stop 2 "There is no folder %s." "$1"
[[ $step == [1-4] ]] || stop 2 "Which step? STEP=1, 2, 3 or 4. You said: STEP='%s'" "$step"
[[ $jobs =~ ^[1-9][0-9]?$ && $seconds_max =~ ^[1-9][0-9]{0,4}$ && ${SOURCE:-c} == c ]] ||
  stop 2 "JOBS= is 1 to 99, LIMIT= a number of seconds, and SOURCE= can only be c."
for folder in "$directory" "$PWD"; do
  [[ $folder != /@(usr|etc|opt|nix)/* ]] ||
    stop 2 "Every submission sees what is in %s: move it." "$folder"
done
docs/look/doctor.sh bats nc ss bwrap python3
if [[ -f $directory && ${directory,,} == *.zip ]]; then
  problem=$(python3 -I docs/class/unpack.py "$directory" "${directory%.*}" 2>&1) ||
    stop 1 "%s cannot be unpacked: %s" "$directory" "${problem##*[$'\n':] }"
  printf '%s' "${problem:+$problem$'\n'}" >&2
  directory=${directory%.*}
fi
[[ -d $directory ]] || stop 2 "There is no folder %s." "$directory"

shopt -s nullglob
submissions=("$directory"/*/)
((${#submissions[@]})) || stop 1 "Nothing to grade: %s has no folder in it." "$directory"

# Nothing can be written but what is bound in later. Who is not root is root in a user namespace.
sandbox=(bwrap --unshare-net --unshare-ipc --unshare-pid --ro-bind / / --proc /proc --dev /dev)
((EUID == 0)) || sandbox+=(--unshare-user --uid 0 --gid 0)
problem=$("${sandbox[@]}" true 2>&1) || { no_namespaces "${problem##*$'\n'}" >&2 && exit 1; }

export STEP=$step SOURCE=${SOURCE:-} TEST=${TEST:-}
total=$(tests/report/run_bats.sh --count --filter-tags "step:$step" tests/step?_*.bats)

# What is known of each submission is in the folder of its name in rows (tables.py). That of an
# earlier call stays, if the call asked for the same, and the submission has not changed since.
grades=$directory-grades
rows=$grades/rows-$(cksum <<<"$STEP $SOURCE $TEST" | cut -d ' ' -f 1)
[[ ${AGAIN:-} != 1 ]] || rm -rf "$rows"
mkdir -p "$rows"
all_rows=() waiting=()
for folder in "${submissions[@]%/}"; do
  row=$rows/${folder##*/}
  all_rows+=("$row")
  [[ -e $row/seconds && ! $(find "$folder" -newer "$row/seconds" -print -quit) ]] || {
    rm -rf "$row"
    waiting+=("$folder")
  }
done

# write_tables [ROW]: from all that is known; of the submission with this folder also its report,
# and prints its line.
write_tables() (
  cd "$grades"
  python3 -I "$OLDPWD/docs/class/tables.py" "$step" "$total" "$(translated "and %s more")" \
    "$(translated "%s of %s tests were run")" \
    "$(translated "%s, step %s: %s tests passed, %s.")" "${1:-}" "${all_rows[@]}"
)

scratch=$(mktemp -d)
workers=()
clean_up() {
  local cgroup
  kill "${workers[@]}" 2>/dev/null || true
  wait
  for cgroup in /sys/fs/cgroup/{,memory/}"grade.$$".*; do
    eventually rmdir "$cgroup" 2>/dev/null || true # when the last process of it is gone
  done
  write_tables
  rm -rf "$scratch"
}
at_the_end clean_up

# make_cgroup WORKER: prints the folder of a new cgroup that bounds memory to 2 GiB; 1 if none can
# be made, as for an ordinary user. See cgroups(7): memory has a hierarchy of its own in version 1.
make_cgroup() {
  local folder=/sys/fs/cgroup limit=memory.max
  if [[ -d $folder/memory ]]; then folder+=/memory limit=memory.limit_in_bytes; fi
  folder+=/grade.$$.$1
  mkdir "$folder" && echo $((2 << 30)) >"$folder/$limit" && echo "$folder"
} 2>/dev/null

# examine_one FOLDER WORK WORKER CGROUP: all of one submission, its files and its line.
examine_one() {
  local work=$2 report=$2/report box=$2/box row=$rows/${1##*/} user='' start=$SECONDS
  mkdir "$report" "$work/tmp" "$box"
  touch "$report/results"
  if ((EUID == 0)); then user=$((65000 + $3)); fi # above those that Debian gives out, below nobody
  (
    [[ ! $4 ]] || echo $BASHPID >"$4/cgroup.procs"
    exec taskset -c "${processors[$3 % ${#processors[@]}]}" "${sandbox[@]}" --cap-add ALL \
      --as-pid-1 --die-with-parent --bind "$work" "$work" --perms 1777 --size $((256 << 20)) \
      --tmpfs "$box" docs/class/examine.sh "$1" "$work" "$user" "$seconds_max" "$4"
  ) </dev/null >"$work/log" 2>&1 &
  wait $! || true
  [[ -s $report/suite || -s $report/problem ]] ||
    tell "the examination failed: %s" "$(tail -n 1 "$work/log")" >"$report/problem"
  truncate -c -s '<1000000' "$report"/{compiler,suite}
  sed -i "s|$work/start|server|g" "$report"/*
  cp -r "$report" "$row"
  echo $((SECONDS - start)) >"$row/seconds"
  (flock 9 && write_tables "$row") 9>"$scratch/lock"
  rm -rf "${work:?}"/* # and not when all are done: each may have much
}

# worker NUMBER: examines the next submission that no other worker has claimed, until none is left.
worker() {
  local i cgroup
  trap 'kill -s KILL $(jobs -p) 2>/dev/null; exit' TERM
  cgroup=$(make_cgroup "$1") || true
  for i in "${!waiting[@]}"; do
    mkdir "$scratch/$i" 2>/dev/null || continue
    examine_one "${waiting[i]}" "$scratch/$i" "$1" "$cgroup"
  done
}

mapfile -t processors < <(taskset -cp $$ | sed 's/.*: //' | tr , '\n' |
  while IFS=- read -r from to; do seq "$from" "${to:-$from}"; done)
for ((i = 0; i < jobs; i++)); do
  worker "$i" &
  workers+=($!)
done
for number in "${!workers[@]}"; do
  wait "${workers[number]}"
  unset "workers[number]"
done
kept=$((${#submissions[@]} - ${#waiting[@]}))
((!kept)) ||
  tell "%s of them were graded before, and stay as they are; AGAIN=1 starts anew." "$kept"
tell "%s graded in %s s: %s has grades.csv, junit.xml and a report for each." \
  "${#submissions[@]}" "$SECONDS" "$grades"
