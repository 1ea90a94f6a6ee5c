#!/usr/bin/env bash
# Proves that the suites judge right. Each broken server of tests/mistakes is built, and the one test
# that its patch names is run on it: that test must fail. Each server of tests/right, which is right
# but does something in its own way, must pass the whole suite of its step.
# Arguments: names (no-close) or paths of patches; none stands for all of them.
# Prints a line for each; status 1 when a patch no longer applies or builds, or is not judged right.
# Where root runs it, a patch with the line "# user: ordinary" is tested as the user nobody.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash

# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
docs/look/doctor.sh cc bats nc ss prlimit timeout patch

SCRATCH=$(mktemp -d)
COPY=$SCRATCH/copy # of the tests and the steps; one of them is broken there
LOG=$SCRATCH/log
trap 'rm -rf "$SCRATCH"' EXIT
chmod 755 "$SCRATCH"

# escaped TEXT: prints a regular expression that matches the text and nothing else.
escaped() { printf '%s' "$1" | sed 's/[][\.*^$+?(){}|]/\\&/g'; }

apply() {
  rm -rf "$COPY"
  mkdir "$COPY"
  cp -r --parents tests step?_* docs/language docs/look "$COPY"
  patch --directory="$COPY" --strip=1 --fuzz=0 <"$1"
}

build() { make --always-make --directory="$(echo "$COPY/step$1"_*)" CFLAGS=-O2 server; }

# run_suite STEP SERVER TEST [USER]: the suite; of a learner's server, or the shipped one if empty;
# of it the one test, or all if empty.
run_suite() {
  local as=() test=${3:+"^$(escaped "$3")\$"}
  if [[ ${4:-} == ordinary* ]] && ((EUID == 0)); then
    as=(setpriv --reuid=nobody --regid=nogroup --clear-groups env TMPDIR=/tmp)
  fi
  # PORT: no server may learn its port from there.
  PORT=1 SPOKEN=en SERVER=$2 FROM=$COPY STEP=$1 TEST=$test "${as[@]}" "$COPY/tests/report/run_suite.sh"
}

# is_caught PATCH STEP: the test that the patch names fails; run as on a learner's server if every
# server has to pass that test, and as on the shipped one if only ours have to ("# server: shipped").
is_caught() {
  local test server='' status=0
  test=$(header test "$1")
  if [[ ! $(header server "$1") ]] && grep -qF "@test \"$test\" {" tests/step?_*.bats; then server=$(cd "$COPY" && echo "step$2"_*)/server; fi
  run_suite "$2" "$server" "$test" "$(header user "$1")" >"$LOG" 2>&1 || status=$?
  if ((status != 1)) || ! grep -qxF "1..1" "$LOG" || ! grep -qxF "not ok 1 $test" "$LOG"; then
    complain "$1" "is not caught by: $test"
  fi
}

# passes PATCH STEP: no test of the whole suite fails.
passes() {
  run_suite "$2" "$(cd "$COPY" && echo "step$2"_*)/server" '' >"$LOG" 2>&1 ||
    complain "$1" "is right, and fails"
}

# check PATCH: 1, and says what is wrong, when the suite would judge this server wrong.
check() {
  local name step
  name=$(basename "$1" .patch)
  step=$(header step "$1")
  apply "$1" >"$LOG" 2>&1 || complain "$1" "does not apply" || return 1
  build "$step" >"$LOG" 2>&1 || complain "$1" "does not build" || return 1
  if [[ $(header difference "$1") ]]; then
    passes "$1" "$step" || return 1
    printf '%-28s step %s  passes: %s\n' "$name" "$step" "$(header difference "$1")"
  else
    is_caught "$1" "$step" || return 1
    printf '%-28s step %s  caught by: %s\n' "$name" "$step" "$(header test "$1")"
  fi
}

# complain PATCH PROBLEM: prints the line of a patch that is not in order, and the log; 1.
complain() {
  printf '%-28s %s\n' "$(basename "$1" .patch)" "$2"
  sed 's/^/  /' "$LOG"
  return 1
}

if (($# == 0)); then set -- tests/mistakes/*.patch tests/right/*.patch; fi
wrong=()
for patch; do
  [[ -e $patch ]] || patch=$(echo tests/*/"$patch.patch")
  check "$patch" || wrong+=("$(basename "$patch" .patch)")
done
if ((${#wrong[@]})); then
  echo "${#wrong[@]} of $# servers are not judged right, see above: ${wrong[*]}"
  exit 1
fi
echo "All $# servers are judged right."
