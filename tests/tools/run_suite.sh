#!/usr/bin/env bash
# Runs the suite of one step: the files of steps 1 to STEP; for our
# servers also what only they promise, and the flaws of that step.
# Environment: STEP, 1 to 4; SERVER, a learner's server, or nothing for the shipped one; FROM, the
# folder SERVER is relative to; TEST, an expression: only the tests whose name matches it;
# HINTS, 0 to hide the hints.
# Ends with the status of bats: 0 when every test passed; 1 when a tool is missing.
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
if [[ ${HINTS:-1} == 0 ]]; then
  "${run[@]}" | sed '/hint "/d' # bats quotes the line that failed
else
  exec "${run[@]}"
fi
