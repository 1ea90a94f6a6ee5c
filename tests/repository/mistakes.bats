#!/usr/bin/env bats
# The broken servers are in order. That their tests fail, and that each patch applies, is shown by
# make -C .ci mistakes, which takes minutes.

load make
. "$ROOT/tests/helpers/patches.bash"

# has_header NAMES PATCH: these are the lines of its header, in this order, and it changes its step
# alone.
has_header() {
  [[ $(sed -n 's/^# \([a-z-]*\): ..*/\1/p' "$2" | xargs) == "$1"* &&
    $(grep '^+++ ' "$2") == "+++ b/step$(header step "$2")_"*/server.c ]]
}

# is_told PATCH: what a user would report, without a word of C, or why it is no puzzle.
is_told() {
  local told
  told="$(header report "$1")|$(header report-zh "$1")"
  [[ $told == none:\ ?*\|none:\ ?* || ($told == [A-Z]*.\|*。 && $told != *[\`_\(]*) ]]
}

# names_a_test PATCH: it is in the suite of its step; a puzzle's in what any server has to pass.
names_a_test() {
  local files=(tests/step?_*.bats)
  files=("${files[@]:0:$(header step "$1")}")
  [[ $(header report "$1") != none:* ]] || files+=(tests/shipped.bats tests/flaws.bats)
  grep -qF "@test \"$(header test "$1")\" {" "${files[@]}"
}

@test "every patch says its mistake, step, test, symptom and report, or in what it is different" {
  for patch in tests/mistakes/*.patch; do
    has_header "mistake mistake-zh step test symptom symptom-zh report report-zh" "$patch" &&
      is_told "$patch" && names_a_test "$patch" || fail "$patch"
  done
  run -1 grep -E '^# [a-z]+-zh: [ -~]*$' tests/mistakes/*.patch # without a Chinese character
  for patch in tests/right/*.patch; do
    has_header "difference step" "$patch" || fail "$patch"
  done
}

@test "make -C .ci mistakes tells what is judged right, what not, and a patch that does not apply" {
  needs patch
  local patch=tests/mistakes/sizeof-a-pointer.patch
  run -0 .ci/mistakes.sh "$patch"
  [[ $output == *"caught by: 16384 bytes"* ]]
  sed 's/^# test: .*/# test: started with the port alone, it is reached/' "$patch" \
    >"$BATS_TEST_TMPDIR/too-kind.patch"
  run -1 .ci/mistakes.sh "$BATS_TEST_TMPDIR/too-kind.patch"
  [[ $output == "too-kind "*"is not caught by: started with the port alone, it is reached"* ]]
  sed 's/char buffer/char message/' "$patch" >"$BATS_TEST_TMPDIR/old.patch"
  run -1 .ci/mistakes.sh "$BATS_TEST_TMPDIR/old.patch"
  [[ $output == "old "*"does not apply"* ]]
}
