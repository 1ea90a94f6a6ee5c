#!/usr/bin/env bash
# Runs the suite of one step: the files of steps 1 to STEP; for our servers also what only they
# promise, and the flaws of that step.
# Environment: STEP, 1 to 4; SERVER, a learner's server, or nothing for the shipped one; FROM, the
# folder SERVER is relative to; TEST, an expression: only the tests whose name, English or Chinese,
# matches it; HINTS, 0 to hide the hints; FIRST, 1 to skip all after the first failure.
# Status 0 when every test passed; 1 when one failed, none was run, time ran out before the last one,
# or a tool is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

files=(tests/step?_*.bats)
if [[ ${SERVER:-} ]]; then
  tell "Step %s, your server: %s" "$STEP" "$SERVER"
else
  tell "Step %s, the shipped server:" "$STEP"
  files+=(tests/shipped.bats tests/flaws.bats)
fi

run=(tests/report/run_bats.sh --filter-tags "step:$STEP" "${files[@]}")

"${run[@]}" --count >/dev/null # ends this script when TEST is in no test's name

NOTES=$(mktemp -d) # see tests/report/suite.bash
trap 'rm -rf "$NOTES"' EXIT
BEGAN=${BEGAN:-$EPOCHSECONDS}
read -r busy _ </proc/loadavg # how many processes want a core, before the server does
PATIENCE=${PATIENCE:-$((1 + ${busy%.*} / (4 * $(nproc))))}
export NOTES BEGAN PATIENCE

# print_remarks: those of the tests, once each.
print_remarks() {
  local reason
  sort -u "$NOTES/not_asked" | while read -r reason; do
    tell "  not asked of it: %s" "$reason"
  done
  [[ ! -e $NOTES/slow_to_end ]] ||
    tell "  it was still running 2 s after SIGTERM, so it was killed (SIGKILL)"
}

# patiently: copies the output of bats, and says so when nothing has come for long.
patiently() {
  local line begun='' # begun: what came of a line before the time was over
  while :; do
    if IFS= read -r -t 10 line; then
      printf '%s\n' "$begun$line"
      begun=''
    elif (($? > 128)); then # the time is over
      begun+=$line
      tell "# the next test is still running"
    else
      return 0
    fi
  done
}

status=0
if [[ ${HINTS:-1} == 0 ]]; then
  "${run[@]}" | sed '/hint "/d' || status=$? # bats quotes the line that failed
elif [[ ! -t 1 && ! ${RESULTS:-} ]]; then
  "${run[@]}" | patiently || status=$?
else
  "${run[@]}" || status=$?
fi

if [[ ! -e $NOTES/run ]]; then
  tell "No test was run: all of them were skipped." >&2
  status=1
fi
if [[ -e $NOTES/late ]]; then
  tell "The tests took too long, so not all were run."
  status=1
fi
touch "$NOTES/not_asked"
if [[ ${SERVER:-} ]] && [[ -s $NOTES/not_asked || -e $NOTES/slow_to_end ]]; then
  tell "About your server, and no fault of it:"
  print_remarks
fi
if ((status)) && [[ ${SERVER:-} ]]; then
  if [[ ${FIRST:-} == 1 ]]; then
    tell "It stopped at the first failure: others may follow from it. In %s, ALL=1 goes on." \
      "mine/step$STEP"
  else
    tell "Mend the first failure first: others may follow from it (FIRST=1 stops there)."
  fi
  if [[ -e tests/mistakes/README.md ]]; then # a student's copy has none
    tell "Symptoms and their causes: tests/mistakes/README.md"
  fi
fi
exit "$status"
