#!/usr/bin/env bash
# Runs the suites of the steps on servers that were built with sanitizers. Then proves that a report
# would have been noticed: servers with a mistake that only a sanitizer sees must be reported.
# Environment: CC, gcc or clang. Status 1 when a suite fails or a sanitizer reports anything.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
docs/look/doctor.sh cc bats nc ss prlimit timeout

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# suite STEP SANITIZERS EDIT BATS_OPTION...: runs the suite of the step on a server built so, its
# source edited by that expression for sed. Returns 1 when a test fails. What the sanitizers have to
# say is in $scratch/reports.
suite() {
  rm -rf "${scratch:?}"/*
  mkdir "$scratch/reports"
  cp "step$1"_*/Makefile "$scratch"
  sed "$3" "step$1"_*/server.c >"$scratch/server.c"
  make -s -C "$scratch" CC="${CC:-gcc}" CFLAGS="-O1 -g -fsanitize=$2"
  ASAN_OPTIONS=log_path=$scratch/reports/asan \
    UBSAN_OPTIONS=log_path=$scratch/reports/ubsan:print_stacktrace=1 \
    TSAN_OPTIONS=log_path=$scratch/reports/tsan STEP=$1 SERVER=$scratch/server \
    bats "${@:4}" tests/step?_*.bats tests/shipped.bats tests/flaws.bats >"$scratch/output" 2>&1
}

has_reports() { [[ $(ls "$scratch/reports") ]]; }

# quiet STEP SANITIZERS TAGS: the tests with these tags pass, and no sanitizer reports anything.
quiet() {
  if suite "$1" "$2" '' --filter-tags "$3" && grep -q '^ok' "$scratch/output" && ! has_reports; then
    echo "quiet     step $1, $2: $(grep -c '^ok' "$scratch/output") tests"
  else
    echo "FAILED    step $1, $2"
    grep -A 20 '^not ok' "$scratch/output" || tail "$scratch/output"
    head -n 40 "$scratch/reports/"* 2>/dev/null || true
    failed=1
  fi
}

# reported STEP SANITIZERS EDIT TEST: the sanitizer reports the mistake while that test runs.
reported() {
  suite "$1" "$2" "$3" --filter "$4" || true # the race may show in the replies too
  if has_reports; then
    echo "reported  step $1, $2, as it must be: $3"
  else
    echo "FAILED    step $1, $2: a mistake that was not reported: $3"
    failed=1
  fi
}

# Where no descriptor is left, the sanitizer cannot look for leaks at the end.
for step in 1 2 3 4; do
  quiet $step "address,undefined -fno-sanitize-recover=all" "step:$step,!few-descriptors"
done
quiet 4 thread 'step:4,!counts-threads' # the sanitizer runs a thread of its own
# One byte too many, which no suite can see. In that test more bytes wait than the buffer holds.
reported 3 address 's/recv(client, buffer, sizeof buffer/& + 1/' 'leave while the server sends'
reported 3 address 's/, 0)) > 0/& \&\& (buffer[received] = 1)/' 'leave while the server sends'
reported 4 thread 's/char buffer.BUFFER_SIZE./static &/' 'accepted in one go'
((failed == 0))
