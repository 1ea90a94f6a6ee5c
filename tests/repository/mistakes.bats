#!/usr/bin/env bats
# The broken servers are in order. That their tests fail is shown by `make -C .ci mistakes`, which takes minutes.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/docs/language/locale.bash"

. "$ROOT/tests/helpers/patches.bash"

setup() {
  trace_only_the_test
  cd "$ROOT" || return 1
  PATCHES=(tests/mistakes/*.patch)
  VARIANTS=(tests/right/*.patch)
}

needs_patch() { command -v patch >/dev/null || skip "patch is not installed on this machine"; }

@test "every patch says its mistake, step, test and symptom, and changes that step alone" {
  for patch in "${PATCHES[@]}"; do
    [[ $(sed -n '1,6s/^# \([a-z]*\): ..*/\1/p' "$patch" | xargs) == "mistake step test symptom" &&
      $(grep '^+++ ' "$patch") == "+++ b/step$(header step "$patch")_"*/server.c ]] ||
      { echo "$patch" && return 1; }
  done
}

@test "every patch says what a user would report, without a word of C, or why it is no puzzle" {
  for patch in "${PATCHES[@]}"; do
    report=$(header report "$patch")
    [[ $report == none:\ ?* || ($report == [A-Z]*. && $report != *[\`_\(]*) ]] || { echo "$patch" && return 1; }
  done
}

# in_chinese NAME PATCH: below the line "# NAME: ..." stands "# NAME-zh: ...", with a Chinese character:
# its first byte is E4 to E9.
in_chinese() {
  grep -A 1 "^# $1: " "$2" | grep -q "^# $1-zh: " && [[ $(header "$1-zh" "$2") == *[$'\xe4'-$'\xe9']* ]]
}

@test "what a patch tells the reader it tells in Chinese too, right below" {
  for patch in "${PATCHES[@]}"; do
    for name in mistake symptom report; do
      [[ ! $(header $name "$patch") ]] || in_chinese $name "$patch" ||
        { echo "$patch: $name-zh" && return 1; }
    done
    report=$(header report-zh "$patch")
    if [[ $(header report "$patch") == none:* ]]; then
      [[ $report == none:\ ?* ]]
    else
      [[ $report == *。 && $report != *[\`_\(]* ]]
    fi || { echo "$patch: report-zh" && return 1; }
  done
}

@test "a puzzle shows from outside: the suite, which knows nothing but the port, catches it" {
  for patch in "${PATCHES[@]}"; do
    [[ $(header report "$patch") != none:* ]] || continue
    [[ ! $(header server "$patch") ]] && grep -qF "@test \"$(header test "$patch")\" {" tests/step?_*.bats ||
      { echo "$patch" && return 1; }
  done
}

@test "every variant says in what it differs, and of which step it is" {
  for patch in "${VARIANTS[@]}"; do
    [[ $(sed -n '1,2s/^# \([a-z]*\): ..*/\1/p' "$patch" | xargs) == "difference step" &&
      $(grep '^+++ ' "$patch") == "+++ b/step$(header step "$patch")_"*/server.c ]] ||
      { echo "$patch" && return 1; }
  done
}

@test "every patch applies to the shipped step" {
  needs_patch
  for patch in "${PATCHES[@]}" "${VARIANTS[@]}"; do
    patch --dry-run --strip=1 --fuzz=0 <"$patch" || { echo "$patch" && return 1; }
  done
}

@test "the test that a patch names is in the suite of its step" {
  for patch in "${PATCHES[@]}"; do
    files=(tests/step?_*.bats)
    files=("${files[@]:0:$(header step "$patch")}" tests/shipped.bats tests/flaws.bats)
    grep -qF "@test \"$(header test "$patch")\" {" "${files[@]}" || { echo "$patch" && return 1; }
  done
}

@test "make -C .ci mistakes tells what is judged right, what is not, and a patch that does not apply" {
  needs_patch
  run -0 .ci/mistakes.sh sizeof-a-pointer
  [[ $output == *"caught by: 16384 bytes"* ]]
  sed 's/^# test: .*/# test: a single byte comes back/' tests/mistakes/sizeof-a-pointer.patch \
    >"$BATS_TEST_TMPDIR/too-kind.patch"
  run -1 .ci/mistakes.sh "$BATS_TEST_TMPDIR/too-kind.patch"
  [[ $output == "too-kind "*"is not caught by: a single byte comes back"* ]]
  sed 's/char buffer/char message/' tests/mistakes/sizeof-a-pointer.patch >"$BATS_TEST_TMPDIR/old.patch"
  run -1 .ci/mistakes.sh "$BATS_TEST_TMPDIR/old.patch"
  [[ $output == "old "*"does not apply"* ]]
}
