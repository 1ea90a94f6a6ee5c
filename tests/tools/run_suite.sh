#!/usr/bin/env bash
# Runs the suite of one step: the files of steps 1 to STEP; for our servers also what only they
# promise, and the flaws of that step.
# Environment: STEP, 1 to 4; SERVER, a learner's server, or nothing for the shipped one; FROM, the
# folder SERVER is relative to; TEST, an expression: only the tests whose name matches it; HINTS, 0
# to hide the hints; FIRST, 1 to skip all after the first failure.
# Status 0 when every test passed, 1 when one failed, none was run or a tool is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash

files=(tests/step?_*.bats)
if [[ ${SERVER:-} ]]; then
  echo "Step $STEP, your server: $SERVER"
else
  echo "Step $STEP, the shipped server:"
  files+=(tests/shipped.bats tests/flaws.bats)
fi
run=(tests/tools/run_bats.sh --filter-tags "step:$STEP" ${TEST:+--filter "$TEST"} "${files[@]}")

if [[ ${TEST:-} && $("${run[@]}" --count) == 0 ]]; then
  echo "No test of step $STEP has '$TEST' in its name. Their names: grep @test tests/step*.bats" >&2
  exit 1
fi

REMARKS=$(mktemp)
trap 'rm -f "$REMARKS" "$REMARKS.run"' EXIT # .run: a test was run, not only skipped
export REMARKS

status=0
if [[ ${HINTS:-1} == 0 ]]; then
  "${run[@]}" | sed '/hint "/d' || status=$? # bats quotes the line that failed
else
  "${run[@]}" || status=$?
fi

if [[ ! -e $REMARKS.run ]]; then
  echo "No test was run: all of them were skipped." >&2
  status=1
fi
if [[ ${SERVER:-} && -s $REMARKS ]]; then
  echo "About your server, and no fault of it:"
  sort "$REMARKS" | uniq -c | sed -E -e 's/^ *1 /  /' -e 's/^ *([0-9]+) a test was/  \1 tests were/'
fi
if ((status)) && [[ ${SERVER:-} && ${FIRST:-} != 1 ]]; then
  echo "Mend the first failure first: others may follow from it (FIRST=1 stops there). Symptoms and their causes: tests/broken/README.md"
fi
exit "$status"
