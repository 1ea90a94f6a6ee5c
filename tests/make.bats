#!/usr/bin/env bats
# The Makefiles keep their word: targets, exit statuses, folders copied away.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)

# make, as a user would call it, not as part of the make that runs these tests.
make() { env -u MAKEFLAGS -u MAKELEVEL -u SERVER -u FROM -u STEP make --no-print-directory "$@"; }

@test "make help names every target that the README's readers may call" {
  run -0 make -C "$ROOT" help
  for target in all demo doctor test test-step1 diff-step2 clean lint; do
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
  PATH=$BATS_TEST_TMPDIR/bin run -1 "$ROOT/tests/doctor.sh"
  [[ $output == *"MISSING  ss"* ]]
  [[ $output == *"apt-get install -y"*"iproute2"* ]]
}

@test "every stage builds in a folder of its own, and says there where the tests are" {
  for stage in "$ROOT"/step?_*; do
    cp -r "$stage" "$BATS_TEST_TMPDIR/copy"
    rm -f "$BATS_TEST_TMPDIR/copy/server"
    run -0 make -C "$BATS_TEST_TMPDIR/copy"
    [[ -x $BATS_TEST_TMPDIR/copy/server ]]
    run -2 make -C "$BATS_TEST_TMPDIR/copy" test
    [[ $output == *"tests/ beside the stages"* ]]
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

@test "make diff-stepN shows what the stage added, and succeeds" {
  run -0 make -C "$ROOT" diff-step2
  [[ $output == *"+static int send_all"* ]]
  run -0 make -C "$ROOT" diff-step3
  [[ $output == *"+    while ((received = recv("* ]]
  run -0 make -C "$ROOT" diff-step4
  [[ $output == *"+static void start_thread"* ]]
}
