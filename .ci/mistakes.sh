#!/usr/bin/env bash
# Proves that the suites judge right. Each broken server of tests/mistakes is built, and the one
# test that its patch names is run on it: that test must fail. Each server of tests/right, which is
# right but does something in its own way, must pass the whole suite of its step.
# Arguments: names (no-close) or paths of patches; none stands for all of them. Prints a line for
# each; status 1 when a patch no longer applies or builds, or is not judged right.
set -euo pipefail
cd "$(dirname "$0")/.."
. docs/language/locale.bash
. tests/helpers/patches.bash
docs/look/doctor.sh cc bats nc ss prlimit timeout patch

SCRATCH=$(mktemp -d)
COPY=$SCRATCH/copy # of the tests and the steps; one of them is broken there
LOG=$SCRATCH/log
trap 'rm -rf "$SCRATCH"' EXIT
chmod 755 "$SCRATCH"
mkdir "$COPY"
cp -r --parents tests docs/language docs/look "$COPY"

# judge PATCH SERVER [TEST]: runs the suite of its step on the server, on the shipped one if empty;
# of the suite only that test, if there is one. Where root runs it, a patch with the line "# user:
# ordinary" is tested as the user nobody.
judge() {
  local as=()
  if ((EUID == 0)) && [[ $(header user "$1") == ordinary* ]]; then
    as=(setpriv --reuid=nobody --regid=nogroup --clear-groups env TMPDIR=/tmp)
  fi
  # PORT: no server may learn its port from there. Each . matches what may be special in a name.
  PORT=1 SPOKEN=en FROM=$COPY STEP=$(header step "$1") SERVER=$2 \
    TEST=${3:+"^${3//[^A-Za-z0-9 ]/.}\$"} \
    "${as[@]}" "$COPY/tests/report/run_suite.sh" >"$LOG" 2>&1
}

# verdict PATCH: prints how its server is judged; 1 when that is wrong. The test that must fail is
# run as one of a learner's server if every server has to pass it, and as one of the shipped one if
# only ours have to ("# server: shipped").
verdict() {
  local server test step status=0
  test=$(header test "$1") step=$(header step "$1")
  rm -rf "$COPY"/step?_*
  cp -r step?_* "$COPY"
  server=$(build_patches "$COPY" "$1" 2>"$LOG") ||
    { echo "does not apply, or does not build" && return 1; }
  if [[ ! $test ]]; then
    judge "$1" "$server" || { echo "is right, and fails" && return 1; }
    echo "step $step  passes: $(header difference "$1")"
    return
  fi
  [[ ! $(header server "$1") ]] && grep -qF "@test \"$test\" {" tests/step?_*.bats || server=''
  judge "$1" "$server" "$test" || status=$?
  if ((status == 1)) && grep -qxF "1..1" "$LOG" && grep -qxF "not ok 1 $test" "$LOG"; then
    echo "step $step  caught by: $test"
  else
    echo "is not caught by: $test"
    return 1
  fi
}

if (($# == 0)); then set -- tests/mistakes/*.patch tests/right/*.patch; fi
wrong=()
for patch; do
  [[ -e $patch ]] || patch=$(echo tests/*/"$patch.patch")
  name=$(basename "$patch" .patch)
  printf '%-28s ' "$name"
  if ! verdict "$patch"; then
    sed 's/^/  /' "$LOG"
    wrong+=("$name")
  fi
done
((!${#wrong[@]})) ||
  { echo "${#wrong[@]} of $# servers are not judged right, see above: ${wrong[*]}" && exit 1; }
echo "All $# servers are judged right."
