# What the tests of a server share: the choice of the server, setup, teardown, and what a failure
# prints. tests/report/run_suite.sh sets STEP, SERVER, FROM, FIRST, BEGAN (when it was started, in
# seconds), PATIENCE (1, or more on a busy machine) and NOTES, a folder for what later tests, and
# run_suite.sh at the end, are to know: start (which way of starting the server was a success),
# slow_to_end, altered (it alters bytes), unfit (why the rest is skipped), run (a test was not
# skipped), late, and remarks (lines, no fault of the server). RESULTS, of make grade, is the file
# for note_result.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/tests/helpers/trace.bash"

PATIENCE=${PATIENCE:-1} BEGAN=${BEGAN:-$EPOCHSECONDS}
RESULT='' WATCH='' # of this test, whatever the environment says

# Without make, tests/stepN_*.bats tests step N; the other files need STEP in the environment.
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
  SCRATCH=$BATS_TEST_TMPDIR
  STORYTELLER=$BASHPID
  NOTES=${NOTES:-$BATS_RUN_TMPDIR}
  if [[ -e $NOTES/unfit ]]; then
    RESULT=not_run
    skip "$(<"$NOTES/unfit")"
  fi
  watch_the_time
  trap '' PIPE # writing to a reset connection must not end the test
  trap : ABRT BUS FPE ILL SEGV XFSZ # or bash would report in its words what has ended the server
}

teardown() {
  local word=passed
  if [[ ${BATS_TEST_SKIPPED:-} ]]; then
    word=${RESULT:-skipped}
  else
    touch "$NOTES/run"
    # What a sanitizer has found counts, too, although the client may not have noticed it.
    [[ ${BATS_TEST_COMPLETED:-} && ! $(sanitizer_report) ]] || word=failed
  fi
  [[ $word != failed ]] || tell_story
  stop_early "$word"
  [[ ! ${RESULTS:-} ]] || note_result "$word" >>"$RESULTS"
  stop_clients
  stop_server
  [[ ! ${WATCH:-} ]] || kill -- "-$WATCH" 2>/dev/null || true
  rm -rf "${SCRATCH:?}"/* # bats would keep all that was sent until the last test has run
  [[ $word != failed ]]
}

# watch_the_time: whatever the server does, a test ends after a minute, because the server is killed
# (ours take seconds), and a suite after 150 s; on a busy machine PATIENCE times that.
watch_the_time() {
  local left=$((BEGAN + 150 * PATIENCE - EPOCHSECONDS))
  SECONDS_MAX=${SECONDS_MAX:-$((60 * PATIENCE))}
  ! may_stop_early || ((SECONDS_MAX <= left)) || SECONDS_MAX=$left
  spawn bash -c 'sleep "$1"; touch "$2/late"; kill -s KILL -- "-$(<"$2/server.pid")"' watch \
    "$SECONDS_MAX" "$SCRATCH" </dev/null >/dev/null 2>&1
  WATCH=$!
}
may_stop_early() { [[ ${SERVER:-} && ! ${RESULTS:-} ]]; } # a grading has its own limit

# stop_early WORD: skips the rest when nobody would learn more from it, or the time is over.
stop_early() {
  if [[ $1 == failed && -e $SCRATCH/never_listened && ! -e $NOTES/start ]]; then
    skip_the_rest "this server cannot be tested: see the first test"
  elif [[ $1 == failed && ${FIRST:-} == 1 ]]; then
    skip_the_rest "a test has failed"
  elif may_stop_early && ((EPOCHSECONDS - BEGAN > 120 * PATIENCE)); then
    touch "$NOTES/late"
    skip_the_rest "no time is left"
  fi
}

# note_result WORD: prints a line for the test, its parts separated by tabs: the word, its name, and
# the reason in a few words. The words: passed, failed, not_asked (of this server), not_run (an
# earlier test has said all there is to say), skipped (because of this machine, not of the server).
note_result() {
  local reason=${BATS_TEST_SKIPPED:-}
  if [[ $1 == failed ]]; then
    reason=$(cat "$SCRATCH/cause" 2>/dev/null || cat "$SCRATCH/hint" 2>/dev/null ||
      translated "see the report")
  fi
  printf '%s\t%s\t%s\n' "$1" "$BATS_TEST_DESCRIPTION" "${reason//[$'\t\n']/ }"
}

# skip_the_rest REASON: skips the tests after this one, so that one cause is reported only once.
skip_the_rest() { translated "$@" >"$NOTES/unfit"; }

# lesson PAGE SECTION: where the tests of a file send the reader whose server fails: step3, for its
# README, or docs/beyond. Sets LESSON, the page without its .md, and SECTION.
lesson() {
  LESSON=$1 SECTION=$2
  if [[ $1 == step? ]]; then LESSON=$(cd "$ROOT" && echo "$1"_*)/README; fi
}

# not_asked REASON: skips a test that cannot judge this server, although the server may be right.
not_asked() {
  local reason
  reason=$(translated "$@")
  tell "not asked of it: %s" "$reason" >>"$NOTES/remarks"
  RESULT=not_asked
  skip "$reason"
}

# A learner's server may ignore its second argument, the address.
skip_if_address_is_ignored() {
  [[ ! ${SERVER:-} || $(server_sockets) =~ ^LISTEN.*\ $1:$PORT\  ]] && return
  [[ $(server_sockets) != *" 127.0.0.1:$PORT "* ]] ||
    not_asked "it listens on 127.0.0.1 only, so no other machine reaches it (INADDR_ANY lets them)"
  not_asked "it does not listen on the address that is its second argument (it need not)"
}

# greet NAME: the client connects, and gets 'hello' back.
greet() {
  if ! connect "$1" || ! exchange "$1" "hello"; then
    hint "'hello' does not come back: fix the test of the first message first"
  fi
}

# waits_hint: a client that has connected is not served. Was it accepted?
waits_hint() {
  if server_has_unaccepted; then
    hint "nobody calls accept() for it: does a recv(), send(), wait() or join hold up the server? \
An event loop calls accept() until EAGAIN"
  else
    hint "it is accepted, and waits: does a lock, a send() or a wait() for one client hold up all?"
  fi
}

# is_served_after_silence NAME: it says nothing for three seconds, and gets its bytes back then.
is_served_after_silence() {
  note "%s says nothing for three seconds" "$1"
  DEADLINE=3 eventually client_is CLOSE-WAIT || true # a server may close the connection
  exchange "$1" "still here" ||
    hint "a silent client is not an error: does recv() have a time-out (SO_RCVTIMEO)?"
}

# serve_clients COUNT: so many clients one after another get their own bytes back and leave.
serve_clients() {
  note "%s clients one after another connect, get their bytes back and leave" "$1"
  in_a_row "$1" exchanges_and_leaves
}
exchanges_and_leaves() { exchange client "client $1" && disconnect client; }

# in_a_row COUNT ACTION: so many clients connect one after another, and each does that, in a
# subshell; the action is given its number. Fails, and says which it was, when one cannot do it.
in_a_row() (
  for ((number = 1; number <= $1; number++)); do
    connect client && "$2" "$number" && continue
    tell "client %s of %s was not served" "$number" "$1"
    if [[ ${CLIENT_FD[client]:-} ]]; then
      hint "after close() go back to accept(), however many clients have come"
    else
      hint "a client was refused: keep the listener open, also between two clients"
    fi
    return 1
  done
)
