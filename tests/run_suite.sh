#!/usr/bin/env bash
# Runs the suite of one stage: the files of the stages 1 to STEP, and the limits of that stage.
# Environment: STEP, 1 to 4; SERVER, a learner's server, or nothing for the shipped one; FROM, the
# folder SERVER is relative to; TEST, an expression: only the tests whose name matches it;
# HINTS, 0 to hide the hints.
# Ends with the status of bats: 0 when every test passed.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v bats >/dev/null || {
  echo "bats is missing. 'make doctor' tells the command that installs it." >&2
  exit 1
}

files=(tests/step?_*.bats)
if [[ ${SERVER:-} ]]; then
  echo "Stage $STEP, your server: $SERVER"
else
  echo "Stage $STEP, the shipped server:"
  files+=(tests/limits.bats)
fi
run=(bats --filter-tags "stage:$STEP" ${TEST:+--filter "$TEST"} "${files[@]}")
if [[ ${HINTS:-1} == 0 ]]; then
  "${run[@]}" | sed '/hint "/d' # bats quotes the line that failed
else
  exec "${run[@]}"
fi
