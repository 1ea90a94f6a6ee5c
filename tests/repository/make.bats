#!/usr/bin/env bats
# The Makefiles keep their word: targets, exit statuses, folders copied away.

load make

setup() {
  trace_only_the_test
  in_a_copy
}

@test "make help names the targets that the README's readers may call" {
  run -0 make help
  has_in_order "make all" "make start" "make lesson" "make practice" "make test-step1" \
    "make diff-step2" "make puzzle" "make demo" "make demo-NAME" "make timeline" "make play" \
    "make states" "make watch" "make handout" "make grade" "make test" "make doctor" "make clean"
}

@test "every step builds in a folder of its own, and says there where the tests are" {
  mkdir away
  mv step?_* away
  for step in away/*; do
    rm -f "$step/server"
    run -0 make -C "$step"
    [[ -x $step/server ]]
    run -2 make -C "$step" test
    [[ $output == *"tests/ beside the steps"* ]]
    run -0 make -C "$step" clean
    [[ ! -e $step/server ]]
    echo int >>"$step/server.c" # what does not compile makes make fail
    run -2 make -C "$step"
  done
}

@test "make diff-stepN shows what the step changed, and nothing else" {
  run -0 make diff-step3
  has_in_order "+#include <signal.h>" "+    while ((received = recv("
  run -0 make diff-step3 SHORT=1
  [[ $output != *"#include <signal.h>"* && $output == *"+    while ((received = recv("* ]]
  run -0 make diff-step4
  [[ $output == *"+static void start_thread"* && $output != *"serve_client(int client)"* ]]
}

@test "what neighbouring steps share is the same to the character, and a drift is noticed" {
  run -0 .ci/drift.sh
  sed -i 's/usage: server/Usage: server/' step3_close_detect/server.c # in usage()
  run -1 .ci/drift.sh
  [[ $output == *"+3 usage"* ]]
}

@test "make start gives a place to write one's own, and never overwrites it" {
  for step in '' 0 5 one; do
    run -2 make start STEP="$step"
    [[ $output == *"Which step? make start STEP=1"* ]]
  done
  for step in 4 3 2 1; do # or each would try what one has made of the step before
    run -0 make start STEP=$step
    run -0 make -C mine/step$step CFLAGS=-Werror
  done
  cmp step2_loop/server.c mine/step3/server.c
  run -0 mine/step1/server 4000
  [[ $output == *"Next: socket()"* ]]
  # What one starts from is the step before: it fails the first test of this step only.
  run -2 make -C mine/step2 test TEST='first message|every later message'
  has_in_order "ok 1 the first message" "not ok 2 every later message"
  echo 'my work' >mine/step2/server.c
  run -2 make start STEP=2
  [[ $output == *"is there already, and stays as it is"* ]]
  [[ $(cat mine/step2/server.c) == 'my work' ]]
}

@test "make start goes on from one's own step before when that passes its suite" {
  run -0 make start STEP=1 # a skeleton, which listens nowhere
  DEADLINE=1 run -0 make start STEP=2
  has_in_order "It does not" \
    "mine/step2/server.c is yours; it starts as step1_single_shot/server.c."
  (echo "/* mine */" && cat step1_single_shot/server.c) >mine/step1/server.c
  rm -r mine/step2
  run -0 make start STEP=2
  [[ $output == *"mine/step2/server.c is yours; it starts as mine/step1/server.c."* ]]
  cmp mine/step1/server.c mine/step2/server.c
}

@test "make lesson folds the pieces, and opens them by number and by name" {
  run -0 make lesson STEP=2
  has_in_order "## Goal" "[3] Send all of it: The piece"
  [[ $output != *"static int send_all"* && $output != *'```'* ]]
  run -0 make lesson STEP=2 OPEN="send all"
  has_in_order "[3] Send all of it: The piece" "static int send_all"
  [[ $output != *"## Goal"* ]]
  run -0 make lesson STEP=1 OPEN=1
  [[ $output == *"[1] Try it: What it prints"* && $output != *"[11]"* ]]
  run -2 make lesson STEP=2 OPEN=99
  run -2 make lesson STEP=5
}
