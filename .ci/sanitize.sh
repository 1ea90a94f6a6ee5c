#!/usr/bin/env bash
# Runs the suites of the steps on servers that were built with sanitizers. Then proves that a report
# would have been noticed: servers with a mistake that only a sanitizer sees must be reported.
# Environment: CC, gcc or clang. Status 1 when a suite fails or a sanitizer reports anything.
set -euo pipefail
cd "$(dirname "$0")/.."
. docs/language/locale.bash
docs/look/doctor.sh cc bats nc ss prlimit timeout

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# suite STEP SANITIZERS EDIT BATS_OPTION...: runs the suite of the step on a server built so, its
# source edited by that expression for sed. Returns 1 when a test fails or none is run. What the
# sanitizers have to say is in $scratch/reports.
suite() {
  rm -rf "${scratch:?}"/*
  mkdir "$scratch/reports"
  cp "step$1"_*/Makefile "$scratch"
  sed "$3" "step$1"_*/server.c >"$scratch/server.c"
  make -s -C "$scratch" CC="${CC:-gcc}" CFLAGS="-O1 -g -fsanitize=$2"
  ASAN_OPTIONS=log_path=$scratch/reports/asan \
    UBSAN_OPTIONS=log_path=$scratch/reports/ubsan:print_stacktrace=1 \
    TSAN_OPTIONS=log_path=$scratch/reports/tsan STEP=$1 SERVER=$scratch/server \
    bats "${@:4}" tests/step?_*.bats tests/shipped.bats tests/flaws.bats >"$scratch/output" 2>&1 &&
    grep -q '^ok' "$scratch/output"
}

# expect quiet|reported STEP SANITIZERS EDIT BATS_OPTION...: the suite passes and no sanitizer says
# anything; or one reports the mistake, which may make a test fail, too.
expect() {
  local result=quiet
  suite "${@:2}" || result=failed
  [[ ! $(ls "$scratch/reports") ]] || result=reported
  printf '%-9s step %s, %s %s: %s tests passed\n' "$result" "${@:2:3}" \
    "$(grep -c '^ok' "$scratch/output")"
  if [[ $result != "$1" ]]; then
    echo "FAILED: this should have been $1"
    grep -A 20 '^not ok' "$scratch/output" || tail "$scratch/output"
    head -n 40 "$scratch/reports/"* 2>/dev/null || true
    failed=1
  fi
}

# Where no descriptor is left, the sanitizer cannot look for leaks at the end.
for step in 1 2 3 4; do
  expect quiet $step "address,undefined -fno-sanitize-recover=all" '' \
    --filter-tags "step:$step,!few-descriptors"
done
# The sanitizer runs a thread of its own.
expect quiet 4 thread '' --filter-tags 'step:4,!counts-threads'
# One byte too many, which no suite can see. In that test more bytes wait than the buffer holds.
one_byte=(--filter 'leave while the server sends')
expect reported 3 address 's/recv(client, buffer, sizeof buffer/& + 1/' "${one_byte[@]}"
expect reported 3 address 's/, 0)) > 0/& \&\& (buffer[received] = 1)/' "${one_byte[@]}"
expect reported 4 thread 's/char buffer.BUFFER_SIZE./static &/' --filter 'accepted in one go'
((failed == 0))
