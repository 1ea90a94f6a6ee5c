# What every test of a server shares: which server it is, setup, teardown, and how a failure reads.
# make test-stepN sets STEP (1 to 4), SERVER (a learner's server, or empty for the shipped one) and
# FROM (the folder SERVER is relative to).

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
# shellcheck source=tests/helpers/all.bash
. "$ROOT/tests/helpers/all.bash"

# Without make, a file tests the first step that it applies to.
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
  [[ ! -e $BATS_RUN_TMPDIR/unfit ]] || skip "this server cannot be tested: see the first test"
  SCRATCH=$BATS_TEST_TMPDIR
  trap '' PIPE # writing to a reset connection must not end the test
}

teardown() {
  local status=0
  if [[ ! ${BATS_TEST_COMPLETED:-} && ! ${BATS_TEST_SKIPPED:-} ]]; then tell_story; fi
  stop_clients
  stop_server || status=$?
  # A server that does not start or end in the first test would not in the others: seconds each.
  if ((BATS_SUITE_TEST_NUMBER == 1)) && { ((status)) || [[ -e $SCRATCH/never_listened ]]; }; then
    touch "$BATS_RUN_TMPDIR/unfit"
  fi
  return $status
}

# lesson STEP SECTION: where the tests of a file send the reader whose server fails: step3, ...
lesson() {
  local page=("$ROOT/$1"_*/README.md)
  LESSON="${page[0]#"$ROOT/"}, \"$2\" (README.zh-CN.md)"
}

# hint TEXT: fails the test, and tells where to look.
hint() {
  HINT=$1
  return 1
}

# A learner's server may ignore its second argument, the address.
skip_if_address_is_ignored() {
  [[ ! ${SERVER:-} || $(server_sockets) =~ ^LISTEN.*\ $1:$PORT\  ]] ||
    skip "this server does not listen on the address that is its second argument (it need not)"
}

# serve_clients COUNT: so many clients one after another; each gets its own bytes back and leaves.
serve_clients() {
  note "$1 clients one after another connect, get their bytes back and leave"
  untraced serve_clients_in_a_row "$1"
}
serve_clients_in_a_row() {
  local number
  for ((number = 1; number <= $1; number++)); do
    connect client
    exchange client "client $number" || { echo "client $number was not served" && return 1; }
    disconnect client
  done
}
