# Running a demo in a test, and checking what it shows. Has setup and teardown for such tests.
# The test file has set ROOT.
# shellcheck disable=SC2154 # run sets output

setup() {
  trace_only_the_test
  export TMPDIR=$BATS_TEST_TMPDIR/scratch # where the demos make their temporary folder
  mkdir "$TMPDIR"
  export MAKEFLAGS="-j2 --jobserver-auth=98,99" # as under make -j
  export DEMO_MARK=$BATS_TEST_TMPDIR # in the environment of whatever they start
}

teardown() {
  nothing_is_left && no_file_is_left # bats looks at the last status only
}

needs_patch() { command -v patch >/dev/null || skip "patch is not installed on this machine"; }

no_file_is_left() {
  [[ ! $(ls "$TMPDIR") ]] || {
    tell "left behind: %s" "$(ls -d "$TMPDIR"/*)" && return 1
  }
}

# Checks that no process is left that a demo of this test has started.
nothing_is_left() {
  local left process command
  # bats itself does not have the mark in its environment, only what the demos started has it.
  left=$(grep -ls "DEMO_MARK=$DEMO_MARK" /proc/[0-9]*/environ | grep -v /self/) || true
  for process in $left; do
    command=$(tr '\0' ' ' <"${process%environ}cmdline") || true # empty: it has ended
    [[ ! $command ]] || {
      tell "left behind: %s" "$command" && return 1
    }
  done 2>/dev/null
}

# demo NAME [ARGUMENT...]: runs it, and checks that it keeps its promise, that its output is plain
# text of at most 80 columns (but for lines of code), and that it leaves nothing behind.
demo() {
  run -0 "$ROOT/docs/demos/$1.sh" "${@:2}" </dev/null
  [[ $output == *Remember* && $output != *$'\e'* ]]
  # A Chinese character is three bytes and takes two columns.
  [[ ! $(awk '{ gsub(/[\343-\357][\200-\277][\200-\277]/, "##") } length > 80 && !/^[-+]/' <<<"$output") ]]
  nothing_is_left
}

# demos: runs those of standard input, one a line: NAME [PART...].
demos() {
  local words
  while read -r -a words; do
    echo "make demo-${words[0]}" # seen when it fails
    demo "${words[@]}" # not in a condition: there no command of it would end the test
  done
}
