#!/usr/bin/env bats
# The classroom kit: puzzles and their answers, grading a class, the copy for students.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/tests/repository/make.bash"

COPY=$BATS_FILE_TMPDIR/copy # of the repository: the tests play in its mine/

setup_file() {
  mkdir "$BATS_FILE_TMPDIR/copy"
  cp -r "$ROOT"/{Makefile,README*.md,LICENSE,.editorconfig,.clang-format,docs,tests} "$ROOT"/step?_* \
    "$BATS_FILE_TMPDIR/copy"
}

setup() {
  trace_only_the_test
  SCRATCH=$BATS_TEST_TMPDIR
  cd "$COPY" || return 1
}

teardown() {
  stop_clients
  stop_puzzle
}

needs_patch() { command -v patch >/dev/null || skip "patch is not installed on this machine"; }
needs_namespaces() {
  local options=(--net --pid --fork --mount --mount-proc --ipc)
  ((EUID == 0)) || options+=(--map-current-user --keep-caps)
  unshare "${options[@]}" true || skip "this machine forbids this user namespaces"
}

# has_in_order WORDS...: the output has all of them, one after another.
has_in_order() {
  local rest=$output words
  for words; do
    [[ $rest == *"$words"* ]] || { echo "not there, or not in this order: $words" && return 1; }
    rest=${rest#*"$words"}
  done
}

# --- puzzles

# seed_of NAME STEP: prints a number that stands for that broken server.
seed_of() {
  local first seed
  for ((first = 1; first < 400; first += 20)); do
    seed=$(make puzzle-key STEP="$2" SEEDS="$(seq -s ' ' $first $((first + 19)))" |
      sed -nE "s/.* SEED=([0-9]+) +$1\$/\1/p" | sed 1q)
    if [[ $seed ]]; then echo "$seed" && return; fi
  done
  return 1
}

# play STEP SEED: starts the puzzle, as at a terminal; sets PORT. Enter is: echo >&"$keyboard".
play() {
  mkfifo "$SCRATCH/keyboard"
  exec {keyboard}<>"$SCRATCH/keyboard"
  # shellcheck disable=SC2016 # for the other bash to expand
  spawn bash -c '. "$0" && make "$@"' "$ROOT/tests/repository/make.bash" puzzle STEP="$1" SEED="$2" \
    <"$SCRATCH/keyboard" >"$SCRATCH/screen" 2>&1
  puzzle=$!
  DEADLINE=20 eventually grep -q 'Enter ends it' "$SCRATCH/screen"
  PORT=$(sed -nE 's/.*started as: server ([0-9]+) .*/\1/p' "$SCRATCH/screen")
}

stop_puzzle() {
  [[ ${puzzle:-} ]] || return 0
  kill -s TERM -- "-$puzzle" 2>/dev/null || true
  wait "$puzzle" || true
  puzzle=''
}

somebody_listens() { ! nobody_listens; }
nobody_listens() { [[ ! $(ss -Hltn "sport = :$PORT") ]]; }

@test "a puzzle is a stripped server without its source; a user's report is all that is said of it" {
  needs_patch
  play 3 "$(seed_of exit-on-reset 3)"
  [[ $(cd mine/puzzle && echo *) == "seed server server.log" ]]
  [[ $(cat mine/puzzle/seed) == *" 3" ]]
  run ! grep -q serve_client mine/puzzle/server # the name of a function
  output=$(cat "$SCRATCH/screen")
  has_in_order "a server of step 3, with one mistake" "reports:" "It worked all morning." \
    "make states PORT=$PORT" "make test-step3 SERVER=mine/puzzle/server HINTS=0" "make answer"
  [[ $output != *ECONNRESET* && $output != *exit-on-reset* ]]
  connect anna
  exchange anna "hello"
  disconnect anna
  # Enter starts it again, on the same port; at the end nothing is left.
  first=$(sed -nE 's/.*\(process ([0-9]+)\).*/\1/p' "$SCRATCH/screen")
  echo >&"$keyboard"
  eventually process_has_ended "$first"
  eventually somebody_listens
  connect ben
  exchange ben "hello"
  disconnect ben
  stop_puzzle
  eventually nobody_listens
}

@test "a puzzle solved as a student would, from its port alone" {
  needs_patch
  play 3 "$(seed_of no-close 3)"
  for client in anna ben; do
    connect $client
    exchange $client "hello"
    disconnect $client
  done
  # Both are in CLOSE-WAIT, the end of file was read, and the server sleeps: nobody calls close().
  eventually server_is CLOSE-WAIT 2
  run -0 make states PORT="$PORT"
  [[ $output == *"this program has not called close()"* ]]
  server=$(ss -Hltnp "sport = :$PORT" | sed -E 's/.*pid=([0-9]+).*/\1/')
  SERVER_PID=$server eventually server_sleeps
  # The suite says the same, and hides its hints.
  run -2 make test-step3 SERVER=mine/puzzle/server HINTS=0 TEST='its connection is closed'
  [[ $output == *"not ok 1 after the client has left"* && $output != *"hint: "* ]]
  run -0 make answer HINT=1
  [[ $output == *"adds a CLOSE-WAIT in ss"* ]]
  run -2 make answer <<<''
  [[ $output == *"A number from 1 to 5 was expected, and '' came."* ]]
  right=$(sed -nE 's/^([1-5])\. it does not close the descriptor of a client that has left$/\1/p' <<<"$output")
  [[ $right ]]
  run -2 make answer <<<"$((right % 5 + 1))"
  has_in_order "No. With that mistake one sees" "Look again"
  run -0 make answer <<<"$right"
  has_in_order "Yes: it does not close the descriptor of a client that has left" "adds a CLOSE-WAIT in ss" \
    "The test: after the client has left" "The lesson: step3_close_detect/README.md"
  SPOKEN=zh run -0 make answer <<<"$right"
  has_in_order "答对了：客户端断开后，不关闭它的描述符" "ss 里就多一个 CLOSE-WAIT" \
    "测试：after the client has left" "讲解：step3_close_detect/README.zh-CN.md"
}

@test "a seed stands for the same mistake every time; one that is none, and an answer to nothing, are errors" {
  run -0 make puzzle-key STEP=2 SEEDS="5 6 7"
  before=$output
  run -0 make puzzle-key STEP=2 SEEDS="5 6 7"
  [[ $output == "$before" && $(grep -c '^make puzzle STEP=2 SEED=' <<<"$output") == 3 ]]
  run -0 make puzzle-key STEP=3
  [[ $(sed -n 's/^make puzzle.* //p' <<<"$output" | sort -u | wc -l) == 10 ]]
  run -2 make puzzle-key SEEDS="5 six"
  [[ $output == *"You said: 'six'"* ]]
  run -2 make puzzle STEP=5
  [[ $output == *"You said: STEP='5'"* ]]
  run -2 make puzzle SEED=-1
  rm -rf mine/puzzle
  run -2 make answer
  [[ $output == *"There is no puzzle to answer"* ]]
}

# --- grading

# submit NAME [C]: a submission: our step 1, and what is added to it.
submit() {
  mkdir -p "$SCRATCH/class/$1"
  { cat "$ROOT"/step1_*/server.c && echo "${2:-}"; } >"$SCRATCH/class/$1/server.c"
}

# at_start C: what is done before main().
at_start() { echo "__attribute__((constructor)) static void at_start(void) { $1 }"; }

# grade [ARGUMENT...]: with the first two tests of step 1.
grade() {
  run -0 make grade DIR="$SCRATCH/class" STEP=1 TEST='first message|single byte' "$@"
  GRADES=$SCRATCH/class-grades
}

# graded NAME COMPILED TESTABLE PASSED FAILED NOT_ASKED OF REASON: the line in grades.csv; in the reason
# * stands for anything.
graded() {
  local line fields
  line=$(grep "^\"$1\"," "$GRADES/grades.csv")
  fields="\"$1\",\"$2\",\"$3\",\"$4\",\"$5\",\"$6\",\"$7\","
  # shellcheck disable=SC2053 # a pattern
  [[ $line == "$fields"\"[0-9]*\",\"$8\" ]] || { echo "$1: $line, and not $fields...,\"$8\"" && return 1; }
}

# without_seconds: what must be the same every time.
without_seconds() { sed -E 's/^(("[^"]*",){7})"[0-9]+"/\1/' "$GRADES/grades.csv"; }

submit_a_class() {
  submit right
  mkdir "$SCRATCH/class/in another way"
  cp "$SCRATCH/class/right/server.c" "$SCRATCH/class/in another way"
  # shellcheck disable=SC2016 # for the other shell to expand
  printf '#!/bin/sh\nexec ./server "$1"\n' >"$SCRATCH/class/in another way/run"
  submit no-compile 'int'
  mkdir "$SCRATCH/class/empty"
  submit never "$(at_start 'for (;;) sleep(1);')"
  submit ignores-term "$(at_start 'int *signal(int, void *); signal(15, (void *)1);')"
  submit floods "$(at_start 'for (;;) printf("%9000s\n", "flood");')"
  submit forks "$(at_start 'for (;;) fork();')"
  submit leaves-children "$(at_start 'if (fork() == 0) { setsid(); for (;;) sleep(1); }')"
  submit false-report "$(at_start "
    printf(\"1..2\\\\nok 1 the first message of a client comes back\\\\n\");
    FILE *file = fopen(\"$SCRATCH/class-grades/grades.csv\", \"a\");
    if (file) puts(\"REACHED\"); else perror(\"grades\");
    exit(0);")"
}

@test "a class is graded: each costs a bounded time, says why, and leaves nothing behind" {
  needs_namespaces
  submit_a_class
  grade JOBS=2
  [[ $output == *"10 graded in "* ]]
  graded right yes yes 2 0 0 2 ""
  graded "in another way" yes yes 2 0 0 2 ""
  graded no-compile no no 0 0 0 2 "it does not compile: server.c:*: error: *"
  graded empty - no 0 0 0 2 "neither server.c nor run is there"
  graded never yes no 0 1 0 2 "it never listens on the port that is its first argument"
  graded ignores-term yes yes 2 0 0 2 ""
  graded floods yes no 0 1 0 2 "it ended, with status 153 (SIGXFSZ: *), before it listened"
  graded forks yes no 0 0 0 2 "it started processes without end: *"
  graded leaves-children yes yes 2 0 0 2 ""
  graded false-report yes no 0 1 0 2 "it ended, with status 0, before it listened"
  # The report of each, and JUnit.
  has_in_order "false-report" "it ended, with status 0"
  output=$(cat "$GRADES/false-report.txt")
  has_in_order "false-report, step 1: 0 of 2 tests passed, 1 failed" "not ok 1" "grades: " "ok 2"
  [[ $output != *REACHED* ]]
  output=$(cat "$GRADES/no-compile.txt")
  has_in_order "The compiler:" "error:"
  (($(grep -c '<testsuite ' "$GRADES/junit.xml") == 10))
  grep -q '<testsuite name="right" tests="2" failures="0" skipped="0"' "$GRADES/junit.xml"
  grep -q '<testsuite name="never" tests="2" failures="2" skipped="0"' "$GRADES/junit.xml"
  run ! grep -lsaE 'submission/server|confined.sh' /proc/[1-9]*/cmdline
}

@test "the answer is the same at any JOBS, and full marks the same for a server that ignores the address" {
  needs_namespaces
  submit right
  mkdir "$SCRATCH/class/port-alone"
  # shellcheck disable=SC2016 # for the other shell to expand
  printf '#!/bin/sh\nexec ./server "$1"\n' >"$SCRATCH/class/port-alone/run"
  cp "$SCRATCH/class/right/server.c" "$SCRATCH/class/port-alone"
  grade JOBS=1 TEST='first message|bound to one'
  graded right yes yes 2 0 0 2 ""
  graded port-alone yes yes 1 0 1 1 ""
  before=$(without_seconds)
  grade JOBS=2 TEST='first message|bound to one'
  [[ $(without_seconds) == "$before" ]]
}

@test "a right step 4 gets full marks: its limits can be lowered, whoever it runs as" {
  needs_namespaces
  mkdir -p "$SCRATCH/class/right"
  cp "$ROOT/step4_threads/server.c" "$SCRATCH/class/right"
  run -0 make grade DIR="$SCRATCH/class" STEP=4 TEST='out of'
  GRADES=$SCRATCH/class-grades
  graded right yes yes 2 0 0 2 ""
}

@test "what runs longer than its limit is ended, and says so" {
  needs_namespaces
  submit slow "$(at_start 'for (;;) sleep(1);')"
  DEADLINE=60 grade LIMIT=10 # time enough to compile it, on a busy machine too
  graded slow yes no 0 0 0 2 "after 10 s it was ended (0 of 2 tests were run)"
}

@test "an ordinary user grades too, and a submission reaches neither the tests nor the grades" {
  needs_namespaces
  ((EUID == 0)) || skip "this user is one: the tests above have shown it"
  submit right
  submit kills "$(at_start 'int kill(int, int); kill(-1, 9);')"
  submit writes "$(at_start '
    char path[99];
    for (int process = 1; process < 1000; process++)
      for (int fd = 0; process != getpid() && fd < 20; fd++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", process, fd);
        FILE *file = fopen(path, "w");
        if (file) { fputs("ok 1 REACHED\n", file); fclose(file); puts("OPENED"); }
      }')"
  chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$SCRATCH" "${SCRATCH%/*}"
  chown -R 65534 "$SCRATCH/class"
  mkdir -m 777 "$SCRATCH/class-grades"
  as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent TMPDIR=/tmp)
  "${as_user[@]}" unshare --map-current-user --net true || skip "this machine forbids users namespaces"
  TEST='first message|single byte' run -0 "${as_user[@]}" docs/class/grade.sh "$SCRATCH/class" 1 2
  GRADES=$SCRATCH/class-grades
  graded right yes yes 2 0 0 2 ""
  graded kills yes no 0 0 0 2 "the tests were ended from inside (0 of 2 tests were run)"
  graded writes yes yes 2 0 0 2 ""
  run ! grep -E 'REACHED|OPENED' "$GRADES"/*
}

@test "nothing graded is no success" {
  mkdir "$SCRATCH/class"
  run -2 make grade DIR="$SCRATCH/class" STEP=1
  [[ $output == *"Nothing to grade"* ]]
  run -2 make grade STEP=1
  [[ $output == *"Where are the submissions?"* ]]
  run -2 make grade DIR="$SCRATCH/nowhere" STEP=1
  mkdir "$SCRATCH/class/anna"
  run -2 make grade DIR="$SCRATCH/class" STEP=5
  run -2 make grade DIR="$SCRATCH/class" STEP=1 JOBS=0
  # Where the kernel forbids the namespaces.
  mkdir "$SCRATCH/bin"
  printf '#!/bin/sh\necho "unshare failed: Operation not permitted"; exit 1\n' >"$SCRATCH/bin/unshare"
  chmod +x "$SCRATCH/bin/unshare"
  PATH=$SCRATCH/bin:$PATH run -2 make grade DIR="$SCRATCH/class" STEP=1
  [[ $output == *"cannot be kept apart here (unshare failed"*"put sudo before"* ]]
}

# --- the copy for students

@test "the copy for students: no solutions, no answers; it builds, tests, and has its puzzles" {
  needs_patch
  run -2 make handout STEP=5
  run -0 make handout STEP=3 TO="$SCRATCH/students"
  run -2 make handout STEP=3 TO="$SCRATCH/students"
  [[ $output == *"is there already"* ]]
  cd "$SCRATCH/students"
  [[ -e step2_loop/server.c && ! -e step3_close_detect/server.c && ! -e step4_threads/server.c ]]
  # Neither a program of ours nor a mistake can be read in it.
  run ! grep -rlE 'pthread_create\(&|serve_client\(accept_client' . --include='*.md' --include='*.c' --include='*.patch' \
    --exclude-dir=step1_single_shot --exclude-dir=step2_loop
  run ! grep -rl '^# mistake: it does not close the descriptor' .
  run ! grep -q 'pthread_create(  run ! grep -rl '^# mistake: it does not close the descriptor' .' docs/player.html
  [[ ! -e docs/instructor.md && ! -e docs/answers.md && ! -e docs/class/grade.sh ]]
  run -0 make
  run -0 make test-step3 TEST='next client is served'
  for target in grade puzzle-key broken; do run -2 make $target; done
  # The workflow: what it runs fails for what is not written yet, and passes when it is.
  command=$(sed -n 's/^ *- run: \(make.*\)/\1/p' .github/workflows/tests.yml)
  grep -q 'step: \[3, 4\]' .github/workflows/tests.yml
  command=${command/\$\{\{ matrix.step \}\}/3}
  [[ $command == "make -C mine/step3 test" ]]
  run -2 make -C mine/step3 test
  run -0 make start STEP=3
  DEADLINE=1 run -2 make -C mine/step3 test TEST='next client is served'
  cp "$ROOT/step3_close_detect/server.c" mine/step3
  run -0 make -C mine/step3 test TEST='next client is served'
  run -0 make clean
  run -0 make -C mine/step3 clean
  [[ -x step3_close_detect/server && ! -e mine/step3/server ]]
  play 4 1
  make answer HINT=1 | grep -q 'What one sees'
}


# --- the key

# in_language PAGE DEMO: prints what the demo says, in a line; in Chinese, all that the demos say.
in_language() {
  # shellcheck disable=SC1003 # a backslash
  case $1 in
    *.zh-CN.md) sed -n 's/^msgstr //p' docs/language/chinese.po ;;
    *) tr -d '\\' <"docs/demos/$2.sh" | tr -s '\n ' ' ' ;; # without the marks of continued lines
  esac
}

@test "the pauses that the key quotes are in the demos, and it has an answer to each question" {
  cd "$ROOT"
  for page in docs/answers.md docs/answers.zh-CN.md; do
    while IFS=: read -r demo words; do
      in_language "$page" "$demo" | grep -qF -- "$words" ||
        { echo "$page: make demo-$demo does not say: $words" && return 1; }
    done < <(grep -oE 'make demo-[a-z0-9-]+.(，“|, ")[^"”]*' "$page" | sed -E 's/make demo-([a-z0-9-]+).(，“|, ")/\1:/')
    questions=$(grep -cE '^[0-9]+\. ' "docs/instructor${page#docs/answers}")
    (($(grep -cE '^\| [0-9]+ \|' "$page") == questions))
  done
}
