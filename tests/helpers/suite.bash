# What every test of a server shares: which server it is, setup, teardown, and how a failure reads.
# make test-stepN sets STEP (1 to 4), SERVER (a learner's server, or empty for the shipped one) and
# FROM (the folder SERVER is relative to).

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
. "$ROOT/tests/helpers/server.bash"
. "$ROOT/tests/helpers/sockets.bash"
. "$ROOT/tests/helpers/clients.bash"

# Without make, a file tests the first stage that it applies to.
if [[ ! ${STEP:-} ]]; then
  STEP=${BATS_TEST_FILENAME##*/step}
  STEP=${STEP:0:1}
fi

if [[ ! ${SERVER:-} ]]; then
  SERVER_COMMAND=("$ROOT"/step"$STEP"_*/server)
elif [[ -f ${FROM:-$PWD}/$SERVER && -x ${FROM:-$PWD}/$SERVER ]]; then
  SERVER_COMMAND=("${FROM:-$PWD}/$SERVER")
elif [[ -f $SERVER && -x $SERVER ]]; then
  SERVER_COMMAND=("$SERVER")
else # a shell command; the port and the address become its last words ($0 is the folder to run it in)
  SERVER_COMMAND=(bash -c "cd \"\$0\" && $SERVER \"\$@\"" "${FROM:-$PWD}")
fi

setup() {
  [[ ! -e $BATS_RUN_TMPDIR/unfit ]] || skip "this server cannot be tested: see the first test"
  SCRATCH=$BATS_TEST_TMPDIR
  trap '' PIPE # writing to a reset connection must not end the test
}

teardown() {
  local status=0
  stop_clients
  stop_server || status=$?
  # A server that does not start or end in the first test would not in the others: seconds each.
  if ((BATS_SUITE_TEST_NUMBER == 1)) && { ((status)) || [[ -e $SCRATCH/never_listened ]]; }; then
    touch "$BATS_RUN_TMPDIR/unfit"
  fi
  return $status
}

# lesson STAGE SECTION: where the tests of a file send the reader whose server fails: step3, ...
lesson() {
  local page=("$ROOT/$1"_*/README.md)
  LESSON="${page[0]#"$ROOT/"}, \"$2\" (README.zh-CN.md)"
}

# hint TEXT: fails the test; says where to look, which lesson explains it and what ss shows.
hint() {
  [[ ${HINTS:-1} == 0 ]] || echo "hint: $1" # HINTS=0: for who wants to find it alone
  echo "lesson: $LESSON"
  if [[ ${PORT:-} ]]; then
    echo "ss, the server's end of port $PORT:"
    server_sockets | some_lines
    echo "ss, the client's end:"
    client_sockets | some_lines
  fi
  if [[ ${SERVER_PID:-} ]] && server_has_ended; then
    local status=0
    await_server || status=$?
    echo "the server has ended, with status $status"
  fi
  echo "the server's output:"
  some_lines <"$SERVER_LOG"
  return 1
}

# Indents standard input; of many lines it shows the first ten.
some_lines() { awk 'NR <= 10 { print "  " $0 } END { if (NR > 10) print "  ... and " NR - 10 " more" }'; }

# A learner's server may ignore its second argument, the address.
skip_if_address_is_ignored() {
  [[ ! ${SERVER:-} || $(server_sockets) =~ ^LISTEN.*\ $1:$PORT\  ]] ||
    skip "this server does not listen on the address that is its second argument (it need not)"
}
