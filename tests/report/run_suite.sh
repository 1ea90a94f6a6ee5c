#!/usr/bin/env bash
# Runs the suite of one step: the files of steps 1 to STEP; for our servers also what only they
# promise, and the flaws of that step.
# Environment: STEP, 1 to 4; SERVER, a learner's server, or nothing for the shipped one; FROM, the
# folder SERVER is relative to; TEST, an expression: only the tests whose name, English or Chinese,
# matches it; HINTS, 0 to hide the hints; FIRST, 1 to skip all after the first failure.
# Status 0 when every test passed; 1 when one failed, none was run, time ran out before the last
# one, or a tool is missing.
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

status=0
if [[ ${HINTS:-1} == 0 ]]; then
  "${run[@]}" | sed '/hint "/d' || status=$? # bats quotes the line that failed
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
if [[ ${SERVER:-} && -e $NOTES/remarks ]]; then
  tell "About your server, and no fault of it:"
  sort -u "$NOTES/remarks" | sed 's/^/  /'
fi
if ((status)) && [[ ${SERVER:-} ]]; then
  tell "Mend the first failure first: others may follow from it. FIRST=1 stops there; without it, \
and with ALL=1 in %s, all tests run." "mine/step$STEP"
  [[ ! -e tests/mistakes/README.md ]] || # a student's copy has none
    tell "Symptoms and their causes: tests/mistakes/README.md"
fi
exit "$status"
