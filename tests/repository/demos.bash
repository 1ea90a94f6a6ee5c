# What a test of a demo, or of make timeline, begins with: load demos. Has setup and teardown of its
# own.

load make

setup() {
  trace_only_the_test
  export TMPDIR=$BATS_TEST_TMPDIR/scratch # where the demos make their temporary folder
  mkdir "$TMPDIR"
  export MAKEFLAGS="-j2 --jobserver-auth=98,99" # as under make -j
  export DEMO_MARK=$BATS_TEST_TMPDIR # in the environment of whatever they start, but not of bats
}

teardown() {
  nothing_is_left && ls "$TMPDIR" && rmdir "$TMPDIR" # which fails when a file is left
}

# Checks that no process is left that a demo of this test has started.
nothing_is_left() {
  local environments environment left=''
  environments=$(grep -ls "DEMO_MARK=$DEMO_MARK" /proc/[0-9]*/environ) || true
  for environment in $environments; do
    left+=$(tr '\0' ' ' <"${environment%environ}cmdline") || true # it has ended
  done 2>/dev/null
  [[ ! $left ]] || { echo "left behind: $left" && return 1; }
}

# demo NAME [PART...]: runs it, and checks that it keeps its promise, that its output is plain text
# of at most 80 columns (but for lines of code), and that it leaves nothing behind.
demo() {
  run -0 "$ROOT/docs/demos/$1.sh" "${@:2}" </dev/null
  [[ $output == *Remember* && $output != *$'\e'* ]]
  [[ ! $(awk 'length > 80 && !/^[-+]/' <<<"$output") ]]
  nothing_is_left
}

# demos 'NAME [PART...]'...: runs them.
demos() {
  local words
  for words; do
    echo "make demo-$words" # seen when it fails
    # shellcheck disable=SC2086 # words
    demo $words # not in a condition: there no command of it would end the test
  done
}

# start_paused TEXT COMMAND...: starts a demo, which has printed TEXT when it waits for Enter; its
# pid is $demo.
start_paused() {
  local output=$BATS_TEST_TMPDIR/output
  rm -f "$BATS_TEST_TMPDIR/keyboard"
  mkfifo "$BATS_TEST_TMPDIR/keyboard"
  PAUSE=1 setsid "${@:2}" <>"$BATS_TEST_TMPDIR/keyboard" >"$output" 2>&1 3>&- 4>&- &
  demo=$!
  eventually grep -q "$1" "$output"
  if nothing_is_left; then return 1; fi # it can see what is left
}

# ends_with STATUS COMMAND...: the demo does, when the command has come true.
ends_with() {
  local status=0
  eventually "${@:2}" || kill -s KILL -- "-$demo"
  wait "$demo" || status=$?
  ((status == $1))
}
