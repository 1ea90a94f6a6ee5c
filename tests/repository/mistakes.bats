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

# begins_with WORDS PATCH: these are the first lines of its header, and it changes its step alone.
begins_with() {
  [[ $(sed -n 's/^# \([a-z]*\): ..*/\1/p' "$2" | xargs) == "$1"* &&
    $(grep '^+++ ' "$2") == "+++ b/step$(header step "$2")_"*/server.c ]]
}

# in_chinese NAME PATCH: below the line "# NAME: ..." stands "# NAME-zh: ...", with a Chinese character:
# its first byte is E4 to E9.
in_chinese() {
  grep -A 1 "^# $1: " "$2" | grep -q "^# $1-zh: " && [[ $(header "$1-zh" "$2") == *[$'\xe4'-$'\xe9']* ]]
}

# is_told PATCH: what a user would report, without a word of C, or why it is no puzzle.
is_told() {
  local english chinese
  english=$(header report "$1")
  chinese=$(header report-zh "$1")
  if [[ $english == none:* ]]; then
    [[ $english == none:\ ?* && $chinese == none:\ ?* ]]
  else
    [[ $english == [A-Z]*. && $chinese == *。 && $english$chinese != *[\`_\(]* ]]
  fi
}

# names_a_test PATCH: it is in the suite of its step; a puzzle's in the part that any server has to pass.
names_a_test() {
  local files=(tests/step?_*.bats)
  files=("${files[@]:0:$(header step "$1")}")
  [[ $(header report "$1") != none:* ]] || files+=(tests/shipped.bats tests/flaws.bats)
  grep -qF "@test \"$(header test "$1")\" {" "${files[@]}"
}

@test "every patch says its mistake, step, test, symptom and report, in both languages" {
  for patch in "${PATCHES[@]}"; do
    begins_with "mistake step test symptom report" "$patch" && in_chinese mistake "$patch" &&
      in_chinese symptom "$patch" && in_chinese report "$patch" && is_told "$patch" && names_a_test "$patch" ||
      { echo "$patch" && return 1; }
  done
}

@test "every right server says in what it differs, and of which step it is" {
  for patch in "${VARIANTS[@]}"; do begins_with "difference step" "$patch" || { echo "$patch" && return 1; }; done
}

@test "every patch applies to the shipped step" {
  needs_patch
  for patch in "${PATCHES[@]}" "${VARIANTS[@]}"; do
    patch --dry-run --strip=1 --fuzz=0 <"$patch" || { echo "$patch" && return 1; }
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
