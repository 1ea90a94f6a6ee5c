# What a test of the repository begins with: load make

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/tests/helpers/all.bash"

setup() {
  trace_only_the_test
  SCRATCH=$BATS_TEST_TMPDIR
  trap '' PIPE # writing to a reset connection must not end the test
  cd "$ROOT" || return 1
}

teardown() {
  stop_clients
  stop_server
}

# needs TOOL: skips the test where it is missing.
needs() { command -v "$1" >/dev/null || skip "$1 is not installed on this machine"; }

# needs_strace: also where it may not trace.
needs_strace() {
  strace -o /dev/null true 2>/dev/null || skip "strace is missing here, or may not trace"
}

# in_a_copy: goes to a copy of the repository, which this test may change, without anybody's mine/.
in_a_copy() {
  cp -r "$ROOT" "$BATS_TEST_TMPDIR/copy"
  cd "$BATS_TEST_TMPDIR/copy" || return 1
  rm -rf mine
}

# stands_in TOOL COMMAND: from here on, TOOL is a script that runs it. It is in a folder of its own,
# because one of links to the real tools (hide) would pass on what is written into it.
stands_in() {
  local folder=$BATS_TEST_TMPDIR/stand-ins
  mkdir -p "$folder"
  printf '#!/bin/sh\n%s\n' "$2" >"$folder/$1"
  chmod +x "$folder/$1"
  PATH=$folder:$PATH
}

# outside COMMAND...: runs it as a user would: not as part of the make and the bats that run these
# tests.
outside() {
  local name unset=(-u MAKEFLAGS -u MAKELEVEL -u SERVER -u FROM -u STEP -u TEST)
  for name in "${!BATS_@}"; do unset+=(-u "$name"); done
  env "${unset[@]}" PATH="${PATH//$BATS_LIBEXEC:/}" "$@"
}

make() { outside make --no-print-directory "$@"; }

# fail MESSAGE: ends the test, and says why.
fail() { echo "$1" && return 1; }

# has_in_order WORDS...: the output has all of them, one after another.
has_in_order() {
  local rest=$output words
  for words; do
    [[ $rest == *"$words"* ]] || { echo "not there, or not in this order: $words" && return 1; }
    rest=${rest#*"$words"}
  done
}
