#!/usr/bin/env bats
# The Makefiles keep their word: targets, exit statuses, folders copied away.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/docs/language/locale.bash"

. "$ROOT/tests/repository/make.bash"

setup() { trace_only_the_test; }

@test "make help names every target that the README's readers may call" {
  run -0 make -C "$ROOT" help
  for target in all demo doctor test test-step1 diff-step2 clean; do
    [[ $output == *"$target"* ]]
  done
}

@test "make doctor finds everything here, and names the package of what is missing" {
  run -0 make -C "$ROOT" doctor
  # A PATH with everything but ss.
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in bash sh env uname cc make bats nc prlimit timeout sort head; do
    ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
  done
  PATH=$BATS_TEST_TMPDIR/bin run -1 "$ROOT/docs/look/doctor.sh"
  [[ $output == *"MISSING  ss"* ]]
  [[ $output == *"apt-get install -y"*"iproute2"* ]]
}

@test "every step builds in a folder of its own, and says there where the tests are" {
  for step in "$ROOT"/step?_*; do
    cp -r "$step" "$BATS_TEST_TMPDIR/copy"
    rm -f "$BATS_TEST_TMPDIR/copy/server"
    run -0 make -C "$BATS_TEST_TMPDIR/copy"
    [[ -x $BATS_TEST_TMPDIR/copy/server ]]
    run -2 make -C "$BATS_TEST_TMPDIR/copy" test
    [[ $output == *"tests/ beside the steps"* ]]
    run -0 make -C "$BATS_TEST_TMPDIR/copy" clean
    [[ ! -e $BATS_TEST_TMPDIR/copy/server ]]
    rm -r "$BATS_TEST_TMPDIR/copy"
  done
}

@test "a program that does not compile makes make fail" {
  cp -r "$ROOT/step1_single_shot" "$BATS_TEST_TMPDIR/copy"
  rm -f "$BATS_TEST_TMPDIR/copy/server"
  echo 'int' >>"$BATS_TEST_TMPDIR/copy/server.c"
  run -2 make -C "$BATS_TEST_TMPDIR/copy"
}

@test "make diff-stepN shows what the step added, and succeeds" {
  run -0 make -C "$ROOT" diff-step2
  [[ $output == *"+static int send_all"* ]]
  run -0 make -C "$ROOT" diff-step3
  [[ $output == *"+    while ((received = recv("* ]]
  run -0 make -C "$ROOT" diff-step3 SHORT=1
  [[ $output != *"#include <signal.h>"* && $output == *"+    while ((received = recv("* ]]
  run -0 make -C "$ROOT" diff-step4
  [[ $output == *"+static void start_thread"* ]]
}

@test "make diff-stepN shows the functions that two steps share only where they differ" {
  run -0 make -C "$ROOT" diff-step4
  [[ $output != *"serve_client(int client)"* ]]
}

@test "what neighbouring steps share is the same to the character, and a drift is noticed" {
  run -0 "$ROOT/.ci/drift.sh"
  cp -r "$ROOT" "$BATS_TEST_TMPDIR/copy"
  sed -i 's/usage: server/Usage: server/' "$BATS_TEST_TMPDIR/copy/step3_close_detect/server.c" # in usage()
  run -1 "$BATS_TEST_TMPDIR/copy/.ci/drift.sh"
  [[ $output == *"+3 usage"* ]]
}

@test "make start gives a place to write one's own, and never overwrites it" {
  cp -r "$ROOT" "$BATS_TEST_TMPDIR/copy"
  rm -rf "$BATS_TEST_TMPDIR/copy/mine"
  for step in '' 0 5 one; do
    run -2 make -C "$BATS_TEST_TMPDIR/copy" start STEP="$step"
    [[ $output == *"Which step? make start STEP=1"* ]]
  done
  for step in 4 3 2 1; do # from the last one on, or each would try what one has made of the step before
    run -0 make -C "$BATS_TEST_TMPDIR/copy" start STEP=$step
    run -0 make -C "$BATS_TEST_TMPDIR/copy/mine/step$step" CFLAGS=-Werror
  done
  cmp "$ROOT/step2_loop/server.c" "$BATS_TEST_TMPDIR/copy/mine/step3/server.c"
  run -0 "$BATS_TEST_TMPDIR/copy/mine/step1/server" 4000
  [[ $output == *"Next: socket()"* ]]
  # What one starts from is the step before: graded, it fails the first test of this step only.
  run -2 make -C "$BATS_TEST_TMPDIR/copy/mine/step2" test TEST='first message|every later message'
  [[ $output == *"ok 1 the first message"*"not ok 2 every later message"* ]]
  echo 'my work' >"$BATS_TEST_TMPDIR/copy/mine/step2/server.c"
  run -2 make -C "$BATS_TEST_TMPDIR/copy" start STEP=2
  [[ $output == *"is there already, and stays as it is"* ]]
  [[ $(cat "$BATS_TEST_TMPDIR/copy/mine/step2/server.c") == 'my work' ]]
}

@test "make start goes on from one's own step before when that passes its suite" {
  cp -r "$ROOT" "$BATS_TEST_TMPDIR/copy"
  rm -rf "$BATS_TEST_TMPDIR/copy/mine"
  cd "$BATS_TEST_TMPDIR/copy"
  run -0 make start STEP=1 # a skeleton, which listens nowhere
  DEADLINE=1 run -0 make start STEP=2
  [[ $output == *"It does not"*"mine/step2/server.c is yours; it starts as step1_single_shot/server.c."* ]]
  (echo "/* mine */" && cat step1_single_shot/server.c) >mine/step1/server.c
  rm -r mine/step2
  run -0 make start STEP=2
  [[ $output == *"mine/step2/server.c is yours; it starts as mine/step1/server.c."* ]]
  cmp mine/step1/server.c mine/step2/server.c
}

@test "make lesson folds the pieces, and opens them by number and by name" {
  run -0 make -C "$ROOT" lesson STEP=2
  [[ $output == *"[3] Send all of it: The piece"* && $output != *"static int send_all"* && $output != *'```'* ]]
  run -0 make -C "$ROOT" lesson STEP=2 OPEN="send all"
  [[ $output == *"[3] "*"static int send_all"* && $output != *"## Goal"* ]]
  run -2 make -C "$ROOT" lesson STEP=2 OPEN=99
  run -2 make -C "$ROOT" lesson STEP=5
}
