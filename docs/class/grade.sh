#!/usr/bin/env bash
# Grades a class: examines every folder of DIR with the suite of one step. In it is server.c, which
# is compiled; or a file `run`, which starts the server in any language, with the arguments it is
# given; or both. Each is examined by examine.sh in a sandbox, on one processor.
# Arguments: DIR, a folder or what unpack.sh takes; STEP, 1 to 4; JOBS, how many at a time, or empty
# for as many as there are processors; SECONDS_MAX, after so many an examination is ended, or empty
# for 300.
# Environment: TEST, an expression: only the tests whose name matches it; SOURCE, c to look at
# server.c alone; AGAIN, 1 to forget what an earlier call has graded.
# Prints a line for each as it is done. In the folder DIR-grades, complete at any time: grades.csv,
# junit.xml, NAME.txt, the report to hand back, and, for submissions that have the number of Moodle
# or Canvas in their name, moodle.csv and canvas.csv.
# Status 2 for an argument that cannot be used; 1 when nothing was examined: there is no submission,
# or this machine forbids the sandbox.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
# shellcheck source=tests/helpers/exit.bash
. tests/helpers/exit.bash
# shellcheck source=tests/helpers/namespaces.bash
. tests/helpers/namespaces.bash
# shellcheck source=tests/helpers/wait.bash
. tests/helpers/wait.bash
# shellcheck source=docs/class/rows.bash
. docs/class/rows.bash

PATH=$PATH:/usr/sbin:/sbin # where some systems have ip

# bad_use FORMAT [ARGUMENT...]
bad_use() {
  tell "$@" >&2
  echo "usage: make grade DIR=submissions STEP=3 [JOBS=2] [LIMIT=300] [SOURCE=c] [AGAIN=1]" >&2
  exit 2
}

directory=${1:-} step=${2:-} jobs=${3:-$(nproc)} seconds_max=${4:-300}
[[ $directory ]] || bad_use "Where are the submissions? DIR= is a folder with a folder for each."
[[ $directory == /* ]] || directory=$here/$directory
[[ -e $directory ]] || bad_use "There is no folder %s." "$directory"
[[ $step == [1-4] ]] || bad_use "Which step? STEP=1, 2, 3 or 4. You said: STEP='%s'" "$step"
[[ $jobs =~ ^[1-9][0-9]?$ ]] || bad_use "How many at a time? JOBS= is 1 to 99. You said: '%s'" "$jobs"
[[ $seconds_max =~ ^[1-9][0-9]{0,4}$ ]] || 
  bad_use "LIMIT= is a number of seconds. You said: '%s'" "$seconds_max"
[[ ${SOURCE:-c} == c ]] || bad_use "SOURCE=c is all that it can be. You said: '%s'" "$SOURCE"
directory=$(realpath "$directory")
for folder in "$directory" "$PWD"; do
  [[ $folder != /@(usr|etc|opt|nix)/* ]] ||
    bad_use "Every submission sees what is in %s: move it." "$folder"
done
if [[ ! -d $directory ]]; then
  docs/class/unpack.sh "$directory"
  directory=${directory%.*}
fi
grades=$directory-grades rows=$directory-grades/rows

shopt -s nullglob
submissions=("$directory"/*/)
((${#submissions[@]})) || {
  tell "Nothing to grade: %s has no folder in it." "$directory" >&2
  exit 1
}

docs/look/doctor.sh bats nc ss bwrap
as_root=()
((EUID == 0)) || as_root=(--unshare-user --uid 0 --gid 0)
sandbox=(bwrap "${as_root[@]}" --unshare-net --unshare-pid --ro-bind / / --proc /proc)
if ! problem=$("${sandbox[@]}" true 2>&1); then
  no_namespaces "${problem##*$'\n'}" >&2
  exit 1
fi

export STEP=$step SOURCE=${SOURCE:-}
total=$(bats --count --filter-tags "step:$step" ${TEST:+--filter "$TEST"} tests/step?_*.bats)
((total)) || {
  tell "No test of step %s has '%s' in its name." "$step" "$TEST" >&2
  exit 1
}
mapfile -t processors < <(taskset -cp $$ | sed 's/.*: //' | tr , '\n' |
  awk -F - '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')

# The rows of an earlier call stay, if it was asked for the same.
asked="STEP=$step TEST=${TEST:-} SOURCE=$SOURCE"
[[ ${AGAIN:-} != 1 && $(cat "$rows/asked" 2>/dev/null) == "$asked" ]] || rm -rf "$rows"
mkdir -p "$rows"
echo "$asked" >"$rows/asked"

names=() files=() # of each submission: what a person reads, and where its files are
for folder in "${submissions[@]}"; do
  folder=$(basename "$folder")
  names+=("$(shown_name "$folder")")
  files+=("$(file_name "$folder" "${names[-1]}")")
done

scratch=$(mktemp -d)
workers=()
clean_up() {
  kill "${workers[@]}" 2>/dev/null || true
  wait
  for cgroup in "$scratch"/cgroup.*; do
    eventually rmdir "$(<"$cgroup")" 2>/dev/null || true # when the last of it is gone
  done
  write_tables "$grades" "${files[@]/#/$rows/}"
  rm -rf "$scratch"
}
at_the_end clean_up

# make_cgroup NAME: prints the folder of a new cgroup that bounds memory to 2 GiB; 1 if none can be
# made, as for an ordinary user. See cgroups(7): memory has a hierarchy of its own in version 1.
make_cgroup() {
  local folder=/sys/fs/cgroup/$1 limit=memory.max
  if [[ -d /sys/fs/cgroup/memory ]]; then
    folder=/sys/fs/cgroup/memory/$1 limit=memory.limit_in_bytes
  fi
  mkdir "$folder" || return
  if echo $((2 << 30)) >"$folder/$limit"; then echo "$folder"; else rmdir "$folder" && false; fi
} 2>/dev/null

# examine_one NUMBER WORKER CGROUP: all of one submission, its files and its line.
examine_one() {
  local folder=${submissions[$1]%/} work=$scratch/$1 report=$scratch/$1/report user=''
  local name=${names[$1]} file=${files[$1]} start=$SECONDS problem='' percent passed reason
  if [[ -e $rows/$file.csv && ! $(find "$folder" -newer "$rows/$file.csv" -print -quit) ]]; then
    echo "$name" | tee -a "$scratch/kept" >>"$scratch/done"
    return
  fi
  mkdir "$report"
  touch "$report/results"
  if ((EUID == 0)); then user=$((65000 + $2)); fi # above those that Debian gives out, below nobody
  taskset -c "${processors[$2 % ${#processors[@]}]}" docs/class/examine.sh "$folder" "$work" \
    "$user" "$seconds_max" "$3" </dev/null >"$work/log" 2>&1 &
  examination=$!
  wait "$examination" || true
  examination=''
  [[ -s $report/suite || -s $report/problem ]] ||
    tell "the examination failed: %s" "$(tail -n 1 "$work/log")" >"$report/problem"
  [[ ! -e $report/problem ]] || problem=$(clean <"$report/problem")
  IFS=$'\t' read -r percent passed reason < <(
    clean <"$report/results" | NAME=$name PROBLEM=$problem ROW=$rows/$file awk \
      -v step="$step" -v total="$total" -v seconds=$((SECONDS - start)) \
      -v incomplete="$(translated "%s of %s tests were run")" \
      -v more="$(translated "and %s more")" -f docs/class/rows.awk
  )
  student_report "$name" "$percent" "$passed" "$reason" "$report" >"$grades/$file.txt"
  rm -rf "${work:?}"/*
  (
    flock 9
    write_tables "$grades" "${files[@]/#/$rows/}"
    echo "$name" >>"$scratch/done"
    table_row "$(wc -l <"$scratch/done")/${#submissions[@]}" "$name" "$percent" "$passed" \
      $((SECONDS - start)) "$reason"
  ) 9>"$scratch/lock"
}

# worker NUMBER: examines the next submission that no other worker has claimed, until none is left.
worker() {
  local number examination='' cgroup
  trap '[[ ! $examination ]] || kill -s KILL "$examination"; exit' TERM
  trap - EXIT INT HUP
  cgroup=$(make_cgroup "grade.$$.$1") && echo "$cgroup" >"$scratch/cgroup.$1"
  for number in "${!submissions[@]}"; do
    mkdir "$scratch/$number" 2>/dev/null || continue
    examine_one "$number" "$1" "$cgroup"
  done
}

table_row "" "$(translated name)" "" "$(translated passed)" "s" "$(translated reason)"
for ((i = 0; i < jobs; i++)); do
  worker "$i" &
  workers+=($!)
done
wait
workers=()
[[ ! -e $scratch/kept ]] ||
  tell "%s of them were graded before, and stay as they are; AGAIN=1 starts anew." \
    "$(wc -l <"$scratch/kept")"
tell "%s graded in %s s: %s has grades.csv, junit.xml and a report for each." \
  "${#submissions[@]}" "$SECONDS" "$grades"
