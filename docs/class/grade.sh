#!/usr/bin/env bash
# Grades a class: examines every folder of DIR with the suite of one step. In it is server.c, which is
# compiled; or a file `run`, which starts the server in any language, with the arguments it is given;
# or both. Each is examined by examine.sh in namespaces of its own, on one processor.
# Arguments: DIR; STEP, 1 to 4; JOBS, how many at a time, or empty for as many as there are processors;
# SECONDS_MAX, after so many an examination is ended, or empty for 300. Environment: TEST, an
# expression: only the tests whose name matches it.
# Prints a line for each as it is done. In the folder DIR-grades: grades.csv, junit.xml, and NAME.txt,
# the report to hand back.
# Status 2 for an argument that cannot be used; 1 when nothing was examined: there is no submission, or
# this machine forbids the namespaces.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
# shellcheck source=tests/helpers/exit.bash
. tests/helpers/exit.bash
# shellcheck source=tests/helpers/namespaces.bash
. tests/helpers/namespaces.bash

PATH=$PATH:/usr/sbin:/sbin # where some systems have ip

# bad_use FORMAT [ARGUMENT...]
bad_use() {
  tell "$@" >&2
  echo "usage: make grade DIR=submissions STEP=3 [JOBS=2] [LIMIT=300]" >&2
  exit 2
}

directory=${1:-} step=${2:-} jobs=${3:-$(nproc)} seconds_max=${4:-300}
[[ $directory ]] || bad_use "Where are the submissions? DIR= is a folder with a folder for each."
[[ $directory == /* ]] || directory=$here/$directory
[[ -d $directory ]] || bad_use "There is no folder %s." "$directory"
[[ $step == [1-4] ]] || bad_use "Which step? STEP=1, 2, 3 or 4. You said: STEP='%s'" "$step"
[[ $jobs =~ ^[1-9][0-9]?$ ]] || bad_use "How many at a time? JOBS= is 1 to 99. You said: '%s'" "$jobs"
[[ $seconds_max =~ ^[1-9][0-9]{0,4}$ ]] || bad_use "LIMIT= is a number of seconds. You said: '%s'" "$seconds_max"
directory=$(realpath "$directory")
grades=$directory-grades

shopt -s nullglob
[[ $directory$PWD != *:* ]] || bad_use "No folder on the way to the submissions may have a colon in its name."
submissions=("$directory"/*/)
((${#submissions[@]})) || {
  tell "Nothing to grade: %s has no folder in it." "$directory" >&2
  exit 1
}

docs/look/doctor.sh bats nc ss unshare
NAMESPACES=(unshare --net --pid --fork --kill-child --mount --mount-proc --ipc)
((EUID == 0)) || NAMESPACES+=(--map-current-user --keep-caps)
if ! problem=$("${NAMESPACES[@]}" ip link set lo up 2>&1); then
  setting=$(forbidding_setting)
  {
    tell "Submissions cannot be kept apart here (%s): put sudo before the command; a container needs \
--privileged." "${problem##*$'\n'}"
    [[ ! $setting ]] || tell "Or allow it until the next boot: %s" "sudo sysctl $setting"
  } >&2
  exit 1
fi

export STEP=$step HIDDEN="$directory:$grades:$PWD:${HOME:-}:/run:/dev/pts" # what no submission sees
total=$(bats --count --filter-tags "step:$step" ${TEST:+--filter "$TEST"} tests/step?_*.bats)
((total)) || {
  tell "No test of step %s has '%s' in its name." "$step" "$TEST" >&2
  exit 1
}
# The reason why tests are skipped after the first (suite.bash).
unfit_reasons="($(translated "this server cannot be tested: see the first test")|$(
  translated "the first message does not come back right: see the first test"))"
mapfile -t processors < <(taskset -cp $$ | sed 's/.*: //' | tr , '\n' |
  awk -F - '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')
scratch=$(mktemp -d)
workers=()
clean_up() {
  kill "${workers[@]}" 2>/dev/null || true
  wait
  rm -rf "$scratch"
}
at_the_end clean_up
mkdir -p "$grades"

# --- reading a result; all of it is from files that no submission can write

# results REPORT EXPRESSION: how many lines of the suite match.
results() { grep -cE "$2" "$1/suite" 2>/dev/null || true; }

# read_result REPORT: sets compiled, testable, passed, failed, not_asked, asked and reason. The tests
# that are not run because the first one says all there is to say count as asked, and not as passed.
read_result() {
  local report=$1 unfit run='' names
  compiled=- testable=no passed=0 failed=0 not_asked=0 asked=$total reason=''
  if [[ -e $report/compiler ]]; then compiled=yes; fi
  if [[ -e $report/failed ]]; then
    compiled=no
    reason=$(translated "it does not compile: %s" "$(grep -m 1 error "$report/compiler")")
  fi
  if [[ -e $report/suite ]]; then
    unfit=$(results "$report" "^ok .*# skip $unfit_reasons\$")
    failed=$(results "$report" '^not ok ')
    not_asked=$(($(results "$report" '^ok .*# skip') - unfit))
    passed=$(($(results "$report" '^ok ') - unfit - not_asked))
    asked=$((total - not_asked))
    run=$((passed + failed + unfit + not_asked))
    if ((passed || failed && !unfit)); then testable=yes; fi
    mapfile -t names < <(sed -nE 's/^not ok [0-9]+ //p' "$report/suite")
    if ((failed)); then
      reason=$(cat "$report/matter" 2>/dev/null || translated "see the report")
      ((unfit && !passed)) || reason="\"${names[0]}\": $reason"
      ((failed == 1)) || reason=$(translated "%s (and %s more)" "$reason" $((failed - 1)))
    elif ((asked == 0)); then
      reason=$(translated "no test could be run: %s" "$(sed -n 's/^ok.*# skip //p' "$report/suite" | sed 1q)")
    elif [[ ! -e $report/ended && $(cat "$report/status" 2>/dev/null) != 0 ]]; then
      reason=$(translated "the tests were ended from inside")
    fi
  fi
  if [[ -e $report/ended ]]; then
    reason="$(<"$report/ended")${reason:+; $reason}"
  elif [[ ! -e $report/suite && ! -e $report/failed ]]; then
    reason=$(translated "the examination failed: %s" "$(tail -n 1 "$report/../../log")")
  fi
  [[ ! $run ]] || ((run == total)) ||
    reason=$(translated "%s (%s of %s tests were run)" "$reason" "$run" "$total")
}

# --- writing it down

# csv VALUE...: prints a line.
csv() {
  local value line=''
  for value; do line+=",\"${value//\"/\"\"}\""; done
  printf '%s\n' "${line:1}"
}

# student_report NAME WORK: what is handed back.
student_report() {
  tell "%s, step %s: %s of %s tests passed, %s failed, %s not asked." "$1" "$step" "$passed" "$asked" \
    "$failed" "$not_asked"
  [[ ! $reason ]] || echo "$reason"
  if [[ -s $2/report/compiler ]]; then
    echo
    tell "The compiler:"
    cat "$2/report/compiler"
  fi
  if [[ -e $2/report/suite ]]; then
    echo
    tell "The tests:"
    sed "s|$2/start|server|g" "$2/report/suite"
  fi
}

# row VALUE...: prints a line of the table, the last column cut.
row() {
  local widths=(7 20 8 8 -6 -6 -9 -11 -7) i reason=${10}
  for i in "${!widths[@]}"; do padded "${widths[i]}" "${*:i+1:1}"; done
  [[ $reason == "$(wrap 80 <<<"$reason")" ]] || reason="$(wrap 77 <<<"$reason" | sed 1q)..."
  printf ' %s\n' "$reason"
}

# examine_one NUMBER WORKER: all of one submission, its files and its line.
examine_one() {
  local name work=$scratch/$1 user='' start=$SECONDS processor
  name=$(basename "${submissions[$1]}")
  name=${name//[[:cntrl:]]/?} # it is shown on a terminal
  if ((EUID == 0)); then user=$((65000 + $2)); fi # above those that Debian gives out, below nobody
  processor=${processors[$2 % ${#processors[@]}]}
  taskset -c "$processor" "${NAMESPACES[@]}" docs/class/examine.sh "${submissions[$1]}" "$work/work" "$user" \
    "$seconds_max" </dev/null >"$work/log" 2>&1 &
  examination=$!
  wait "$examination" || true
  examination=''
  read_result "$work/work/report"
  student_report "$name" "$work/work" >"$grades/$name.txt"
  csv "$name" "$compiled" "$testable" "$passed" "$failed" "$not_asked" "$asked" $((SECONDS - start)) "$reason" \
    >"$work/row"
  awk -v name="$name" -v step="$step" -v seconds=$((SECONDS - start)) -v reason="$reason" -v total="$total" \
    -v unfit="$unfit_reasons" -f docs/class/junit.awk "$work/work/report/suite" >"$work/junit"
  (
    flock 9
    echo "$name" >>"$scratch/done"
    row "$(wc -l <"$scratch/done")/${#submissions[@]}" "$name" "$compiled" "$testable" "$passed" "$failed" \
      "$not_asked" "$asked" $((SECONDS - start)) "$reason"
  ) 9>"$scratch/lock"
}

# worker NUMBER: examines the next submission that no other worker has claimed, until none is left.
worker() {
  local number examination=''
  trap '[[ ! $examination ]] || kill -s KILL "$examination"; exit' TERM
  trap - EXIT INT HUP
  for number in "${!submissions[@]}"; do
    mkdir "$scratch/$number" 2>/dev/null || continue
    mkdir "$scratch/$number/work"
    examine_one "$number" "$1"
  done
}

row "" "$(translated name)" "$(translated compiled)" "$(translated testable)" "$(translated passed)" \
  "$(translated failed)" "$(translated "not asked")" "$(translated "of how many")" \
  "$(translated seconds)" "$(translated reason)"
for ((i = 0; i < jobs; i++)); do
  worker "$i" &
  workers+=($!)
done
wait
workers=()

csv name compiled testable passed failed "not asked" "of how many" seconds reason >"$grades/grades.csv"
{
  echo '<?xml version="1.0" encoding="UTF-8"?>'
  echo '<testsuites>'
} >"$grades/junit.xml"
for number in "${!submissions[@]}"; do
  cat "$scratch/$number/row" >>"$grades/grades.csv"
  cat "$scratch/$number/junit" >>"$grades/junit.xml"
done
echo '</testsuites>' >>"$grades/junit.xml"
tell "%s graded in %s s: %s has grades.csv, junit.xml and a report for each." \
  "${#submissions[@]}" "$SECONDS" "$grades"
