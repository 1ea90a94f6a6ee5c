#!/usr/bin/env bash
# Runs bats as every target does: in the locale of the tests, and plain where colour is not wanted
# (NO_COLOR) or not understood (TERM=dumb). The names of the tests are Chinese where that is spoken,
# but not in a grading (RESULTS).
# Arguments: those of bats. Ends with the status of bats, or with 1 and a sentence when a tool that
# the tests need is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash

docs/look/doctor.sh bash bats nc ss prlimit timeout
plain=()
[[ ${TERM:-dumb} != dumb && ! ${NO_COLOR:-} ]] || plain=(--tap)
[[ $SPOKEN != zh || ${RESULTS:-} ]] || plain=(--formatter "$PWD/tests/report/in_chinese.sh")
exec bats "${plain[@]}" "$@"
