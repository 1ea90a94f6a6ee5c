#!/usr/bin/env bats
# The suites judge a learner's server: how it is started, what a failure says, what is no fault of
# it. That they catch each broken server, and pass each right one, is shown by make -C .ci mistakes.

load make
. "$ROOT/tests/helpers/patches.bash"

# suite STEP TEST SERVER [VARIABLE...]: those tests of the suite of that step, run on the server.
suite() { make "test-step$1" TEST="$2" SERVER="$3" "${@:4}"; }

# grade SERVER: runs the first test of step 1 on it.
grade() { suite 1 'first message' "$1"; }

# broken NAME: builds that broken server, and prints its path.
broken() {
  needs patch
  build_patches "$BATS_TEST_TMPDIR/$1" "$ROOT/tests/mistakes/$1.patch"
}

# impatient: for a test that waits for what does not come.
impatient() { export DEADLINE=1; }

@test "of a connection that rests, two looks show the same" {
  SERVER_COMMAND=(step4_threads/server)
  start_server
  connect anna
  exchange anna "hello"
  [[ $(bytes_on_the_way) == "$(bytes_on_the_way)" ]]
}

# --- how it is started

@test "a learner's server is a path from where make was called, or a shell command" {
  run -0 grade step4_threads/server
  run -0 grade "$ROOT/step4_threads/server"
  run -0 make -C step1_single_shot test TEST='first message' SERVER=../step4_threads/server
  run -0 make -C step1_single_shot test TEST='first message' SERVER=./server
  # $1 reaches the shell as it was typed.
  run -0 grade "serve() { step4_threads/server \"\$1\"; }; serve"
}

@test "one that refuses a second argument is started again with the port alone" {
  run -0 suite 1 'first message|bound to one' \
    "strict() { ((\$# == 1)) && exec step4_threads/server \$1; }; strict"
  has_in_order "ok 1" "ok 2" "# skip it does not listen on the address" \
    "no fault of it:" "not asked of it: it does not listen on the address"
  run -0 suite 1 'first message|bound to 0.0.0.0' "$(broken loopback-only)"
  has_in_order "ok 2" "no fault of it:" "it listens on 127.0.0.1 only, so no other machine"
}

@test "one that cannot be tested is told so in a sentence, and the other tests are skipped" {
  impatient
  while IFS='|' read -r server sentence more; do
    run -2 grade "$server" </dev/null
    has_in_order "The server cannot be used: $sentence" "$more"
    [[ $output != *"Address already in use"* ]] # it was not started again
  done <<'END'
sleep 60; true|it does not listen on port
no-such-command|it ended, with status 127 (there is no such program|command not found
bash -c 'exec step4_threads/server $(($1 - 1))' _|it listens elsewhere than on|ss shows: LISTEN
bash -c 'exec step4_threads/server $(($1 / 256 + $1 % 256 * 256))' _|it listens|swapped: htons()?
bash -c '(sleep 0.3 && exec setsid step4_threads/server "$@") &' _|it went to the background
END
  run -2 grade 'echo no thanks; false'
  has_in_order "it ended, with status 1, before it listened" \
    "hint: it ended without waiting" "2. the server is started" "(none)" "no thanks"
  [[ $output != *"the server has ended"* ]]
  run -2 suite 1 '' false
  has_in_order "ok 2 " "# skip this server cannot be tested: see the first test"
}

@test "one that does not end on SIGTERM is killed, which is said and is no failure" {
  run -0 grade 'stubborn() { trap "" TERM; exec step4_threads/server "$@"; }; stubborn'
  has_in_order "ok 1" "no fault of it:" "it was still running 2 s after SIGTERM"
}

@test "where ss shows nothing, the tests are skipped, say why, and nothing has passed" {
  stands_in ss true
  DEADLINE=1 run -2 grade step4_threads/server
  has_in_order "# skip ss does not show" "No test was run: all of them were skipped."
}

# --- what a failure says

@test "a failing test tells its story, in order and in a screen" {
  impatient
  run -2 suite 1 '' "$(broken whole-buffer-sent)"
  has_in_order "not ok 1 the first message" "expected: hello (5 bytes)" \
    "came:     hello\\0\\0" "(16384 bytes)" "first difference: byte 6" \
    "hint: send() as many bytes as recv() returned: not the whole buffer" \
    'lesson: step1_single_shot/README.md, "The code, piece by piece"' \
    "what was done:" "1. the server is started" "2. anna connects with nc" "3. anna sends 'hello'" \
    "ss, the server's end of port" "the server's output:" "listening on" \
    "ok 2 " "# skip the first message does not come back right" "tests/mistakes/README.md"
  ((${#lines[@]} <= 50))
  [[ $output != *"not ok 2"* ]]
}

@test "the hint is about what is seen of the server, when that explains more than the test" {
  impatient
  while IFS=$'\t' read -r step test server seen hint; do
    echo "step $step: $server" # which one it was, should it fail
    if [[ -e tests/mistakes/$server.patch ]]; then server=$(broken "$server"); fi
    server=${server//STEP1/step1_single_shot/server}
    server=${server//STEP3/step3_close_detect/server}
    run -2 suite "$step" "$test" "$server" </dev/null
    has_in_order "not ok 1" "${seen#-}" "hint: $hint"
    [[ $output != *"Segmentation fault"* ]] # as bash would report it
  done < <(grep -v '^#' tests/repository/hints.tsv)
  has_in_order "it says in the server's output: WARNING: ThreadSanitizer: a race"
}

@test "altered bytes are reported as such, and no loop or buffer is blamed for them later" {
  run -2 suite 2 'every value|larger than any' "$(broken seven-bits)"
  has_in_order "not ok 1" "hint: it alters bytes" "not ok 2" "hint: it alters bytes"
}

@test "a test ends after a minute, and a suite after two and a half, whatever the server does" {
  SECONDS_MAX=1 run -2 suite 3 'three seconds' step3_close_detect/server
  has_in_order "not ok 1" "hint: after 1 s of this test"
  export PATIENCE=1 BEGAN=$((EPOCHSECONDS - 147))
  run -2 suite 3 'three seconds' step3_close_detect/server
  has_in_order "not ok 1" "hint: after " " s of this test the server was killed"
  BEGAN=$((EPOCHSECONDS - 121))
  run -2 suite 3 'next client|every later' step3_close_detect/server
  has_in_order "ok 1" "ok 2" "# skip no time is left" "took too long, so not all were run"
}

@test "what the server prints is bounded, and shown without control characters" {
  impatient
  run -2 suite 3 'its connection is closed' "$(broken prints-without-end)"
  has_in_order "not ok" "0 bytes received" "lines left out" "0 bytes received"
  ((${#lines[@]} <= 40))
  DEADLINE=30 run -2 grade 'exec yes'
  has_in_order "status 153 (SIGXFSZ: it has printed 256 MiB" "lines left out"
  run -2 grade 'colours() { printf "\e[31m%500s\a\n" no; false; }; colours'
  [[ $output == *'^[[31m'* && $output != *$'\e'* ]]
  [[ ! $(awk 'length > 200' <<<"$output") ]]
}

@test "HINTS=0 hides the hints, FIRST=1 stops at the first failure; TEST= must match a test" {
  impatient
  run -2 suite 2 'every later message|a thousand' step1_single_shot/server
  has_in_order "not ok 1" "hint: put recv() and send() into a loop" "not ok 2" "FIRST=1"
  run -2 suite 2 'every later message|a thousand' step1_single_shot/server HINTS=0 FIRST=1
  has_in_order "not ok 1" "ok 2" "# skip a test has failed"
  [[ $output != *"into a loop"* ]]
  run -2 suite 1 'no such test' ''
  has_in_order "No test here has 'no such test' in its name"
}

@test "make practice stops at the first failure, and tests again at each save, until Ctrl-C" {
  in_a_copy
  run -2 make practice STEP=7
  run -0 make start STEP=1
  DEADLINE=1 spawn bash -c '. "$0" && outside docs/class/practice.sh 1 "every value|the port"' \
    "$ROOT/tests/repository/make.bash" </dev/null >screen 2>&1
  practice=$!
  DEADLINE=30 eventually has_tested 1
  has_in_order "not ok 1 bytes of every value" "ok 2" "# skip" "ALL=1 in"
  cp step1_single_shot/server.c mine/step1
  DEADLINE=30 eventually has_tested 2
  has_in_order "ALL=1 in" "ok 1 bytes of every value" "ok 2"
  eventually is_ended_by INT "$practice"
}

has_tested() {
  output=$(<screen)
  (($(grep -c "Ctrl-C ends this" screen) == $1))
}
