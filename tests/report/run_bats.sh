#!/usr/bin/env bash
# Runs bats as every target does: in the locale of the tests, and plain where colour is not wanted
# (NO_COLOR) or not understood (TERM=dumb). The names of the tests are Chinese where that is spoken,
# but not in a grading (RESULTS).
# Arguments: those of bats. Environment: TEST, an expression: only the tests whose name, English or
# Chinese, matches it. Ends with the status of bats, or with 1 and a sentence when a tool that
# the tests need is missing, or no test has TEST in its name.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

docs/look/doctor.sh bash bats nc ss prlimit timeout

# english_names EXPRESSION: prints an expression for the tests whose Chinese name matches it.
english_names() {
  local names='' name
  load_chinese docs/language/chinese.po
  while IFS= read -r name; do
    [[ ! ${CHINESE[$name]:-} =~ $1 ]] || names+="|${name//[^A-Za-z0-9 ]/.}"
  done < <(sed -n 's/^@test "\(.*\)" {.*/\1/p' tests/*.bats)
  echo "^(${names#|})$" # none: the name of no test
}

filter=${TEST:-}
if [[ $filter == *[$'\x80'-$'\xff']* ]]; then filter=$(english_names "$filter"); fi
if [[ $filter && $(bats --count --filter "$filter" "$@") == 0 ]]; then
  stop 1 "No test here has '%s' in its name. The names: grep -r @test tests" "$TEST"
fi
plain=()
[[ ${TERM:-dumb} != dumb && ! ${NO_COLOR:-} ]] || plain=(--tap)
[[ $SPOKEN != zh || ${RESULTS:-} ]] || plain=(--formatter "$PWD/tests/report/in_chinese.sh")
exec bats "${plain[@]}" ${filter:+--filter "$filter"} "$@"
