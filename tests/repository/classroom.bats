#!/usr/bin/env bats
# The classroom kit: puzzles and their answers, grading a class, the copy for students.

load make

COPY=$BATS_FILE_TMPDIR/copy # of the repository: the tests play in its mine/

setup_file() {
  mkdir "$BATS_FILE_TMPDIR/copy"
  cp -r "$ROOT"/{Makefile,README*.md,LICENSE,.editorconfig,.clang-format,.devcontainer,docs,tests} \
    "$ROOT"/step?_* "$BATS_FILE_TMPDIR/copy"
}

setup() {
  trace_only_the_test
  SCRATCH=$BATS_TEST_TMPDIR
  CLASS=$SCRATCH/class
  cd "$COPY" || return 1
  . docs/class/puzzles.bash
}

# --- puzzles

# seed_of NAME STEP: prints the number that stands for that broken server.
seed_of() { puzzle_names "$2" | grep -nx "$1" | cut -d : -f 1; }

@test "a puzzle is a server without its source, and a user's report; Enter starts it again" {
  needs patch
  run -0 make puzzle STEP=3 SEED="$(seed_of no-close 3)" <<<'' # Enter, and the end of the input
  has_in_order "a server of step 3, with one mistake" "It was started as" "After some days nobody" \
    "make test-step3 SERVER=mine/puzzle/server HINTS=0" "make answer" "It was started as"
  [[ $output != *close\(\)* && $output != *no-close* ]]
  [[ $(cd mine/puzzle && echo *) == "seed server server.log" ]]
  run ! grep -q serve_client mine/puzzle/server # the name of a function
  choose_server mine/puzzle/server "$PWD"
  start_server 127.0.0.1
  connect anna
  exchange anna "hello"
  disconnect anna
  eventually server_is CLOSE-WAIT 1
}

@test "an answer asks for one's own words, then for a number, and counts the tries" {
  mkdir -p mine/puzzle
  echo "$(seed_of no-close 3) 3" >mine/puzzle/seed
  rm -f mine/puzzle/tries
  run -0 make answer HINT=1
  [[ $output == *"adds a CLOSE-WAIT in ss"* ]]
  run -0 make answer <<<''
  has_in_order "in your own words?" "1. " "5. " "A number from 1 to 5 was expected, and '' came."
  right=$(sed -n 's/^\([1-5]\)\. it does not close the descriptor of a client .*/\1/p' <<<"$output")
  run -0 make answer <<<$'perhaps recv?\n'"$((right % 5 + 1))" # is no failure of make
  has_in_order "No. That mistake has another symptom" "That was try 1. Look again"
  run -0 make answer <<<$'close() is missing\n'"$right"
  has_in_order "Yes: it does not close the descriptor of a client that has left" \
    "Your words: close() is missing" "Found at try 2." "adds a CLOSE-WAIT in ss" "The test: after"
  SPOKEN=zh run -0 make answer <<<$'\n'"$right"
  has_in_order "答对了：客户端断开后" "ss 里就多一个 CLOSE-WAIT" "测试：客户端断开后，服务端关闭这条连接"
  rm -r mine/puzzle
  run -2 make answer
  [[ $output == *"There is no puzzle to answer"* ]]
}

@test "the key has a seed for each puzzle; one that is none is an error" {
  run -0 make puzzle-key STEP=3
  has_in_order "make puzzle STEP=3 SEED=1 " "make puzzle STEP=3 SEED=$(seed_of no-close 3) " \
    "no-close" "it does not close the descriptor"
  run -2 make puzzle STEP=5
  [[ $output == *"You said: STEP='5'"* ]]
  run -2 make puzzle SEED=-1
  [[ $output == *"You said: '-1'"* ]]
  for step in 1 2 3 4; do # an answer offers other mistakes each time
    (($(choices $step | wc -l) > 5)) || { echo "step $step" && return 1; }
  done
}

# --- grading

# submit NAME [C]: a submission: our step 3, and what is added to it.
submit() {
  mkdir -p "$CLASS/$1"
  { cat "$ROOT"/step3_*/server.c && echo "${2:-}"; } >"$CLASS/$1/server.c"
}

# submit_run NAME LINE: a file run, beside what is there already.
submit_run() {
  mkdir -p "$CLASS/$1"
  printf '#!/bin/sh\n%s\n' "$2" >"$CLASS/$1/run"
}

# at_start C: what is done before main().
at_start() { echo "__attribute__((constructor)) static void at_start(void) { $1 }"; }

# submit_attacks: on files, other processes, the tests' names and numbers, and what the grade is
# taken from. What one has reached would be in its report.
submit_attacks() {
  submit right
  submit kills "$(at_start 'int kill(int, int); kill(-1, 9);')"
  submit leaves-children "$(at_start 'if (fork() == 0) { setsid(); for (;;) sleep(1); }')"
  submit spies "$(sed "s,CLASS,$CLASS,g; s,ROOT,$ROOT,g" "$ROOT/tests/repository/spies.c")"
  echo "REACHED" >"$CLASS.secret"
}

submit_odd_ones() {
  submit $'=M\xfcller' # a formula, with an umlaut as Windows writes it
  submit "$LONG"
  submit no-compile 'int'
  submit ends "$(at_start 'exit(0);')"
  mkdir "$CLASS/empty" "$CLASS/utf16"
  iconv -t UTF-16 "$CLASS/ends/server.c" >"$CLASS/utf16/server.c"
  ln -s ends "$CLASS/link"
  submit_run crlf $'\r'
  sed -i 's/sh$/sh\r/' "$CLASS/crlf/run"
  submit port-alone
  submit_run port-alone 'exec ./server "$1"'
  submit own-heap "static volatile char heap[20 << 20];
    $(at_start 'for (size_t i = 0; i < sizeof heap; i += 4096) heap[i] = 1;')"
  submit floods "$(at_start 'for (;;) printf("%9000s\n", "flood");')"
  submit forks "$(at_start 'for (;;) fork();')"
  submit memory "$(at_start 'for (volatile char *b = malloc(3L << 30);; b += 4096) *b = 1;')"
  submit slow "$(at_start 'if (!access("again", F_OK)) pause(); fclose(fopen("again", "w"));')"
}
LONG=$(printf 'x%.0s' {1..252})

needs_sandbox() {
  needs python3
  bwrap --unshare-net --ro-bind / / true || skip "there is no sandbox on this machine"
}

# grade [ARGUMENT...]: the class, as make grade is told.
grade() {
  needs_sandbox
  mkdir -p "$CLASS-tmp"
  TMPDIR=$CLASS-tmp run -0 make grade DIR="$CLASS" STEP=3 "$@"
}

# grade_all: a large class, with four tests. It takes a minute, so it is graded for the first test
# that asks, and the others look at it again.
grade_all() {
  needs_sandbox
  CLASS=$BATS_FILE_TMPDIR/class
  [[ ! -e $CLASS-grades ]] || return 0
  submit_attacks
  submit_odd_ones
  DEADLINE=60 grade LIMIT=60 JOBS=2 TEST='first message|next client|16 KiB|bound to one'
  echo "$output" >"$CLASS.screen"
}

# graded NAME PERCENT [REASON]: the row in grades.csv; in the reason * stands for anything.
graded() {
  local line
  line=$(grep "^\"$1\"," "$CLASS-grades/grades.csv")
  # shellcheck disable=SC2053 # a pattern
  [[ $line == "\"$1\",\"\",$2,"*,\"${3:-}\" ]] || fail "$line, and not: $2 %, ${3:-}"
}

@test "a class is graded: lines of 80 columns, reports, and tables that other programs read" {
  grade_all
  graded "'=Müller" 100
  graded "$LONG" 100
  output=$(cat "$CLASS.screen")
  [[ $output == *" 100%   4/4 "*" =Müller"*"18 graded in "* ]]
  run ! grep -E '^.{81}' <<<"${output%%graded*}"
  output=$(cat "$CLASS-grades/ends.txt")
  has_in_order "ends, step 3: 0/4 tests passed, 0%." "it ended, with status 0" "not ok 1" "ok 4"
  (($(grep -o 'classname="right"[^>]* /><' "$CLASS-grades/junit.xml" | wc -l) == 4))
  grep -q 'classname="ends" name="step 3: the first[^>]*><failure message="it ended' \
    "$CLASS-grades/junit.xml"
}

@test "what cannot be tested, takes too much, or keeps a test from being asked says why" {
  grade_all
  graded no-compile 0 "it does not compile: server.c:*: error: *"
  graded empty 0 "neither server.c nor run is there*"
  graded link 0 "its folder is a symbolic link*"
  graded crlf 0 "the lines of run end in CR LF*"
  graded utf16 0 "it does not compile: *"
  graded ends 0 '""the first message*"": it ended, with status 0, before it listened'
  graded floods 0 '""the first message*"": it ended, with status 153 (SIGXFSZ: *'
  graded forks 0 "it started processes without end: *"
  graded memory 0 "it took more than 2048 MiB of memory*"
  graded slow 25 "after 60 s it was ended; 1 of 4 tests were run"
  graded port-alone 75 '""bound to one*"": it does not listen on the address *'
  graded own-heap 75 '""100 clients of 16 KiB leave no memory behind"": it has a heap of its own*'
  grep -q "server.c:.*error:" "$CLASS-grades/no-compile.txt"
}

no_attack_reached_anything() {
  graded right 100
  graded kills 100
  graded leaves-children 100
  graded spies 0 '*it ended, with status 7, before it listened'
  grep -q LOOKED "$CLASS-grades/spies.txt"
  run ! grep -r REACHED "$CLASS-grades"
  run ! grep -ls "$CLASS-tmp" /proc/[1-9]*/mountinfo # nothing is left
}

@test "a submission sees and reaches nothing but itself" {
  grade_all
  no_attack_reached_anything
}

@test "nor when an ordinary user grades, whose files of mode 600 it might read" {
  ((EUID == 0)) || skip "this user is one: the test above has shown it"
  as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/ TMPDIR="$CLASS-tmp")
  "${as_user[@]}" bwrap --ro-bind / / true || skip "this machine forbids users a sandbox"
  submit_attacks
  mkdir "$CLASS-grades" "$CLASS-tmp"
  chown -R 65534 "$CLASS"{,-grades,-tmp,.secret}
  chmod 600 "$CLASS.secret"
  chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$SCRATCH" "${SCRATCH%/*}"
  TEST='first message|next client' run -0 "${as_user[@]}" docs/class/grade.sh "$CLASS" 3 2
  no_attack_reached_anything
}

@test "Ctrl-C keeps the rows, and the next call goes on, unless AGAIN=1" {
  submit anna
  submit ben "$(at_start 'for (;;) sleep(1);')"
  spawn env TEST='first message' DEADLINE=60 docs/class/grade.sh "$CLASS" 3 2 >"$SCRATCH/screen"
  grading=$!
  DEADLINE=60 eventually grep -q anna "$SCRATCH/screen"
  DEADLINE=20 eventually is_ended_by INT "$grading"
  graded anna 100
  submit ben # another one
  grade TEST='first message'
  [[ $output == *"1 of them were graded before"* ]]
  graded ben 100
  grade TEST='first message' AGAIN=1
  [[ $output != *"graded before"* ]]
}

@test "SOURCE=c looks at server.c alone" {
  submit anna
  submit_run anna 'exit 1'
  submit_run ben 'exec ./server'
  grade SOURCE=c TEST='客户端的第一条消息' # the name in either language
  graded anna 100
  graded ben 0 "neither server.c nor run is there*"
}

@test "the ZIPs of Moodle and Canvas are unpacked, and tables with their numbers go back" {
  needs zip
  submit "moodle/Anna B_12_assignsubmission_file_"
  submit "canvas"
  cp "$CLASS/canvas/server.c" "$CLASS/moodle/Cora Ö_34_assignsubmission_file_server.c"
  mv "$CLASS/canvas/server.c" "$CLASS/canvas/bennb_LATE_56_789_server-1.c"
  python3 -c 'import sys, zipfile # and one would like to be in the folder of another
zipfile.ZipFile(sys.argv[1], "w").writestr("Dan_5_assignsubmission_file_/../Anna B_12/server.c", "")
' "$CLASS/moodle.zip"
  for class in moodle canvas; do
    (cd "$CLASS/$class" && zip -qmr "../$class.zip" . && rmdir "$PWD")
    grade DIR="$CLASS/$class.zip" TEST='first message'
  done
  [[ $(tail -n 2 "$CLASS/moodle-grades/moodle.csv") == '"Participant 12","Anna B",100,"",""
"Participant 34","Cora Ö",100,"",""' ]]
  [[ $(tail -n 1 "$CLASS/canvas-grades/canvas.csv") == '"bennb",56,"",100' ]]
}

@test "a right step 4 gets full marks: its limits can be lowered, whoever it runs as" {
  mkdir -p "$CLASS/right"
  cp "$ROOT/step4_threads/server.c" "$CLASS/right"
  grade STEP=4 TEST='out of'
  graded right 100
}

@test "nothing graded is no success" {
  mkdir "$CLASS"
  run -2 make grade DIR="$CLASS" STEP=3
  [[ $output == *"Nothing to grade"* ]]
  mkdir "$CLASS/anna"
  for wrong in DIR= DIR="$CLASS/nowhere" STEP=5 JOBS=0 LIMIT=a SOURCE=python TEST=xyz; do
    run -2 make grade DIR="$CLASS" STEP=3 "$wrong"
  done
  # Where the kernel forbids the sandbox.
  stands_in bwrap 'echo "bwrap: Operation not permitted"; exit 1'
  run -2 make grade DIR="$CLASS" STEP=3
  [[ $output == *"forbidden here (bwrap: Operation not permitted): run the same command"* ]]
}

# --- the copy for students

# lines_of_ours FIRST: prints the lines of the programs from that step on that only they have.
lines_of_ours() {
  local others=("$ROOT"/docs/class/skeleton*.c "$ROOT/docs/timeline/client.c")
  (($1 == 1)) || others+=("$ROOT"/step[1-$(($1 - 1))]_*/server.c)
  sed -E 's/^\s+//' "$ROOT"/step["$1"-4]_*/server.c | grep -E '^[^#].{12}' |
    grep -vxFf <(sed -E 's/^\s+//' "${others[@]}")
}

@test "no line of a program that is to be written stands anywhere in the copy for students" {
  for first in 1 2 3 4; do
    run -0 make handout STEP=$first TO="$SCRATCH/from$first"
    lines_of_ours $first >"$SCRATCH/secrets"
    (($(wc -l <"$SCRATCH/secrets") > 10))
    run -1 grep -rnFf "$SCRATCH/secrets" "$SCRATCH/from$first"
    [[ ! $(find "$SCRATCH/from$first" -name '*answers*' -o -name 'grade.sh' -o -name server) ]]
  done
}

@test "the copy for students builds, helps, says what needs ours, and tests what is pushed" {
  needs patch
  run -0 make handout STEP=3 TO="$SCRATCH/students"
  run -2 make handout STEP=3 TO="$SCRATCH/students"
  [[ $output == *"is there already"* ]]
  cd "$SCRATCH/students"
  run -0 make
  run -0 make test TEST='first message'
  run -0 make help
  [[ $output == *"make start"* && $output != *"make grade"* && $output != *"make handout"* ]]
  run ! grep -r 'instructor\|make grade' README.md README.zh-CN.md
  for target in diff-step3 test-step3 demo-nagle "puzzle STEP=3"; do
    # shellcheck disable=SC2086 # two words
    run -2 make $target
    [[ $output == *"yours to write"* ]]
  done
  run -0 make puzzle STEP=2 SEED=1 </dev/null
  # The workflow fails for what is not written yet, and passes when it is.
  grep -q 'step: \[3, 4\]' .github/workflows/tests.yml
  grep -q "run: make -C mine/step\${{ matrix.step }} test" .github/workflows/tests.yml
  run -2 make -C mine/step3 test
  run -0 make start STEP=3
  DEADLINE=1 run -2 make -C mine/step3 test TEST='next client is served'
  cp "$ROOT/step3_close_detect/server.c" mine/step3
  run -0 make -C mine/step3 test TEST='next client is served'
}

# --- the key

@test "the pauses that the key quotes are in the demos, and it has an answer to each question" {
  # What the demos say, without the marks of continued lines; in Chinese the table has it.
  cat docs/demos/*.sh docs/language/chinese.po | tr '\\\n' ' ' | tr -s ' ' >"$SCRATCH/said"
  for page in docs/answers.md docs/answers.zh-CN.md; do
    while read -r words; do
      grep -qF -- "$words" "$SCRATCH/said" || { echo "$page: no demo says: $words" && return 1; }
    done < <(grep -oE 'make demo-[^ ，]+(，“|, ")[^"”]*' "$page" | sed -E 's/.*(“|")//')
    questions=$(grep -cE '^[0-9]+\. ' "docs/instructor${page#docs/answers}")
    (($(grep -cE '^\| [0-9]+ \|' "$page") == questions))
  done
}
