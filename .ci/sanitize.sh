#!/usr/bin/env bash
# Runs the suites of the steps on servers that were built with sanitizers. Then proves that a report would
# have been noticed: servers with a mistake that only a sanitizer sees must be reported.
# Environment: CC, gcc or clang. Status 1 when a suite fails or a sanitizer reports anything.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
docs/look/doctor.sh cc bats nc ss prlimit timeout patch

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# build STEP NAME FLAGS [PATCH [EDIT]]: a copy of the step in $scratch/NAME, built with the flags; with
# the patch of that name, or edited by the expression for sed.
build() {
  cp -r "step$1"_* "$scratch/$2"
  rm -f "$scratch/$2/server"
  if [[ ${4:-} ]]; then patch -s "$scratch/$2/server.c" "tests/mistakes/$4.patch"; fi
  if [[ ${5:-} ]]; then sed -i "$5" "$scratch/$2/server.c"; fi
  make -s --no-print-directory -C "$scratch/$2" CC="${CC:-gcc}" CFLAGS="-O1 -g $3"
  mkdir "$scratch/$2/reports"
}

# suite STEP NAME COMMAND [BATS_OPTION...]: the suite of the step, with its limits, run on the
# command; 1 when a test fails. What the sanitizers have to say is in $scratch/NAME/reports.
suite() {
  local reports=$scratch/$2/reports
  ASAN_OPTIONS=log_path=$reports/asan \
    UBSAN_OPTIONS=log_path=$reports/ubsan:print_stacktrace=1 \
    TSAN_OPTIONS=log_path=$reports/tsan \
    STEP=$1 SERVER=$3 bats "${@:4}" tests/step?_*.bats tests/shipped.bats tests/flaws.bats >"$scratch/$2/output" 2>&1
}

# quiet STEP NAME COMMAND [BATS_OPTION...]: the suite passes and no sanitizer reports anything.
quiet() {
  if ! suite "$@"; then
    grep -A 20 '^not ok' "$scratch/$2/output" || cat "$scratch/$2/output"
  elif ! grep -q '^ok' "$scratch/$2/output"; then
    echo "no test was run"
  elif compgen -G "$scratch/$2/reports/*" >/dev/null; then
    head -n 40 "$scratch/$2/reports/"*
  else
    echo "quiet     step $1, $2: $(grep -c '^ok' "$scratch/$2/output") tests"
    return
  fi
  echo "FAILED    step $1, $2"
  failed=1
}

# reported STEP NAME COMMAND TEST: the sanitizer reports the mistake while that test runs.
reported() {
  suite "$1" "$2" "$3" --filter "$4" || true # the race may show in the replies too
  if compgen -G "$scratch/$2/reports/*" >/dev/null; then
    echo "reported  step $1, $2, as it must be"
  else
    echo "FAILED    step $1, $2: a mistake that was not reported"
    failed=1
  fi
}

# Where no descriptor is left, the sanitizer cannot look for leaks at the end.
for step in 1 2 3 4; do
  build $step "address-undefined-$step" "-fsanitize=address,undefined -fno-sanitize-recover=all"
  quiet $step "address-undefined-$step" "$scratch/address-undefined-$step/server" --filter-tags "step:$step,!few-descriptors"
done
# Mistakes that no suite can see: one byte too many. In that test more bytes wait than the buffer holds.
build 3 reads-past-the-end "-fsanitize=address -Wno-error" "" 's/recv(client, buffer, sizeof buffer/& + 1/'
reported 3 reads-past-the-end "$scratch/reads-past-the-end/server" 'leave while the server sends'
build 3 writes-past-the-end "-fsanitize=address" "" 's/, 0)) > 0/& \&\& (buffer[received] = 1)/'
reported 3 writes-past-the-end "$scratch/writes-past-the-end/server" 'leave while the server sends'
build 4 thread "-fsanitize=thread"
# The sanitizer runs a thread of its own.
quiet 4 thread "$scratch/thread/server" --filter-tags 'step:4,!counts-threads'
build 4 thread-race "-fsanitize=thread" address-of-a-variable
reported 4 thread-race "$scratch/thread-race/server" 'accepted in one go'

exit $failed
