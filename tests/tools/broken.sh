#!/usr/bin/env bash
# Proves that the suites catch the classic mistakes: builds each broken server of tests/broken and
# runs the one test that its patch names against it. That test must fail.
# Arguments: names of patches (no-close) or paths; none stands for all of them.
# Prints a line for each; status 1 when one no longer applies, does not build or is not caught.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash

# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
tests/tools/doctor.sh cc bats nc ss prlimit timeout patch

SCRATCH=$(mktemp -d)
COPY=$SCRATCH/copy # of the tests and the steps; one of them is broken there
LOG=$SCRATCH/log
trap 'rm -rf "$SCRATCH"' EXIT

# escaped TEXT: prints a regular expression that matches the text and nothing else.
escaped() { printf '%s' "$1" | sed 's/[][\.*^$+?(){}|]/\\&/g'; }

apply() {
  rm -rf "$COPY"
  mkdir "$COPY"
  cp -r tests step?_* "$COPY"
  patch --directory="$COPY" --strip=1 --fuzz=0 <"$1"
}

build() { make --always-make --directory="$(echo "$COPY/step$1"_*)" CFLAGS=-O2 server; }

# run_test STEP TEST: the suite as for a shipped server, but this one test of it.
run_test() { SERVER='' STEP=$1 TEST="^$(escaped "$2")\$" "$COPY/tests/tools/run_suite.sh"; }

# failed TEST: the log is that of a run of this one test, and the test failed.
failed() { grep -qxF "1..1" "$LOG" && grep -qxF "not ok 1 $1" "$LOG"; }

# check PATCH: 1, and says what is wrong, when the suite would let this server pass.
check() {
  local name step test status=0
  name=$(basename "$1" .patch)
  step=$(header step "$1")
  test=$(header test "$1")
  apply "$1" >"$LOG" 2>&1 || complain "$name" "does not apply" || return 1
  build "$step" >"$LOG" 2>&1 || complain "$name" "does not build" || return 1
  run_test "$step" "$test" >"$LOG" 2>&1 || status=$?
  if ((status != 1)) || ! failed "$test"; then
    complain "$name" "is not caught by: $test"
    return 1
  fi
  printf '%-28s step %s  caught by: %s\n' "$name" "$step" "$test"
}

# complain NAME PROBLEM: prints the line of a patch that is not in order, and the log; 1.
complain() {
  printf '%-28s %s\n' "$1" "$2"
  sed 's/^/  /' "$LOG"
  return 1
}

if (($# == 0)); then set -- tests/broken/*.patch; fi
not_caught=0
for patch; do
  [[ -e $patch ]] || patch=tests/broken/$patch.patch
  check "$patch" || not_caught=$((not_caught + 1))
done
if ((not_caught)); then
  echo "$not_caught of $# broken servers: see above."
  exit 1
fi
echo "All $# broken servers are caught."
