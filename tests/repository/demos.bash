# Running a demo in a test, and checking what it shows. Has setup and teardown for such tests.
# The test file has set ROOT.
# shellcheck disable=SC2154 # run sets output

setup() {
  trace_only_the_test
  export TMPDIR=$BATS_TEST_TMPDIR/scratch # where the demos make their temporary folder
  mkdir "$TMPDIR"
  export DEMO_MARK=$BATS_TEST_TMPDIR # in the environment of whatever they start
}

teardown() {
  nothing_is_left && no_file_is_left # bats looks at the last status only
}

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

# demo NAME [ARGUMENT...]: runs it, and checks that its output is plain text of at most 80 columns.
demo() {
  run -0 "$ROOT/docs/demos/$1.sh" "${@:2}" </dev/null
  [[ $output != *$'\e'* ]]
  # A Chinese character is three bytes and takes two columns.
  [[ ! $(awk '{ gsub(/[\343-\357][\200-\277][\200-\277]/, "##") } length > 80' <<<"$output") ]]
}

# shows EXPRESSION...: checks that the output has a matching line for each of them, in this order.
shows() {
  local line
  {
    for expression in "$@"; do
      while :; do
        IFS= read -r line || {
          tell "not there, or not in this order: %s" "$expression" && return 1
        }
        [[ ! $line =~ $expression ]] || break
      done
    done
  } <<<"$output"
}
