# What the tests of a server share: the choice of the server, setup, teardown, and what a failure
# prints. tests/report/run_suite.sh sets STEP (1 to 4), SERVER (a learner's server, or empty for the
# shipped one), FROM (the folder SERVER is relative to), FIRST (1: skip all after the first failure) and
# REMARKS (the file for remarks that are printed at the end; beside it REMARKS.not_asked, the reasons
# why tests were not asked). MATTER is for make grade: see is_the_matter.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
# shellcheck source=tests/helpers/all.bash
. "$ROOT/tests/helpers/all.bash"
# shellcheck source=tests/helpers/trace.bash
. "$ROOT/tests/helpers/trace.bash"

# When it is not run by make, a file tests the first step that it applies to.
if [[ ! ${STEP:-} ]]; then
  STEP=${BATS_TEST_FILENAME##*/step}
  STEP=${STEP:0:1}
fi

if [[ ${SERVER:-} ]]; then
  choose_server "$SERVER" "${FROM:-$PWD}"
else
  SERVER_COMMAND=("$ROOT"/step"$STEP"_*/server)
fi

setup() {
  trace_only_the_test
  if [[ -e $BATS_RUN_TMPDIR/unfit ]]; then skip "$(<"$BATS_RUN_TMPDIR/unfit")"; fi
  SCRATCH=$BATS_TEST_TMPDIR
  PORT_ALONE=$BATS_RUN_TMPDIR/port_alone
  SLOW_TO_END=$BATS_RUN_TMPDIR/slow_to_end
  HAS_LISTENED=$BATS_RUN_TMPDIR/has_listened
  trap '' PIPE # writing to a reset connection must not end the test
  trap : ABRT BUS FPE ILL SEGV XFSZ # or bash would report, in words of its own, what has ended the server
}

teardown() {
  [[ ${BATS_TEST_SKIPPED:-} || ! ${REMARKS:-} ]] || touch "$REMARKS.run"
  if [[ ! ${BATS_TEST_COMPLETED:-} && ! ${BATS_TEST_SKIPPED:-} ]]; then
    tell_story
    [[ ! -e $SCRATCH/never_listened || -e $HAS_LISTENED ]] ||
      skip_the_rest "this server cannot be tested: see the first test"
    [[ ${FIRST:-} != 1 ]] || skip_the_rest "FIRST=1: a test has failed"
  fi
  stop_clients
  [[ -e $SLOW_TO_END ]] || slow_before=no
  stop_server
  if [[ ${slow_before:-} && -e $SLOW_TO_END ]]; then
    tell "it was still running 2 s after SIGTERM, so it was killed (SIGKILL)" >>"${REMARKS:-/dev/null}"
  fi
}

# skip_the_rest REASON: skips the tests after this one, so that one cause is reported only once.
skip_the_rest() { translated "$@" >"$BATS_RUN_TMPDIR/unfit"; }

# lesson STEP SECTION: where the tests of a file send the reader whose server fails: step3, ... Sets
# LESSON, its folder, and SECTION.
lesson() {
  local folder=("$ROOT/$1"_*)
  LESSON=${folder[0]#"$ROOT/"} SECTION=$2
}

# hint FORMAT [ARGUMENT...]: fails the test, and tells where to look, a sentence in English; a reader of
# Chinese gets both. It writes to a file, because it may run in a subshell.
hint() {
  {
    [[ $SPOKEN != zh ]] || tell "hint: %s" "$(translated "$@")"
    echo "hint: $(SPOKEN=en && translated "$@")"
  } >"$SCRATCH/hint"
  translated "$@" >"$SCRATCH/matter"
  return 1
}

# not_asked REASON: skips a test that cannot judge this server, although the server may be right.
not_asked() {
  local reason
  reason=$(translated "$@")
  [[ ! ${REMARKS:-} ]] || echo "$reason" >>"$REMARKS.not_asked"
  skip "$reason"
}

# A learner's server may ignore its second argument, the address.
skip_if_address_is_ignored() {
  [[ ! ${SERVER:-} || $(server_sockets) =~ ^LISTEN.*\ $1:$PORT\  ]] ||
    not_asked "it does not listen on the address that is its second argument (it need not)"
}

# serve_clients COUNT: runs so many clients one after another; each gets its own bytes back and leaves.
serve_clients() {
  note "%s clients one after another connect, get their bytes back and leave" "$1"
  (serve_clients_in_a_row "$1")
}
serve_clients_in_a_row() {
  local number
  for ((number = 1; number <= $1; number++)); do
    if ! { connect client && exchange client "client $number"; }; then
      tell "client %s of %s was not served" "$number" "$1"
      return 1
    fi
    disconnect client
  done
}
