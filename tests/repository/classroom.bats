#!/usr/bin/env bats
# The classroom kit: puzzles and their answers, grading a class, the copy for students.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/tests/repository/make.bash"
. "$ROOT/docs/class/puzzles.bash"

COPY=$BATS_FILE_TMPDIR/copy # of the repository: the tests play in its mine/

setup_file() {
  mkdir "$BATS_FILE_TMPDIR/copy"
  cp -r "$ROOT"/{Makefile,README*.md,LICENSE,.editorconfig,.clang-format,.devcontainer,docs,tests} \
    "$ROOT"/step?_* "$BATS_FILE_TMPDIR/copy"
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
needs_sandbox() {
  local as_root=(--unshare-user --uid 0)
  command -v bwrap >/dev/null || skip "bubblewrap is not installed on this machine"
  ((EUID)) || as_root=()
  bwrap "${as_root[@]}" --unshare-net --unshare-pid --ro-bind / / --proc /proc true ||
    skip "this machine forbids a sandbox"
}

# --- puzzles

# seed_of NAME STEP: prints a number that stands for that broken server.
seed_of() {
  local seed=1
  until [[ $(drawn $seed "$2") == "$1" ]]; do seed=$((seed + 1)); done
  echo $seed
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

started_twice() { (($(grep -c 'started as' "$SCRATCH/screen") == 2)); }

@test "a puzzle is a server without its source, and a user's report; Enter starts it again" {
  needs_patch
  play 3 "$(seed_of no-close 3)"
  [[ $(cd mine/puzzle && echo *) == "seed server server.log" ]]
  run ! grep -q serve_client mine/puzzle/server # the name of a function
  output=$(cat "$SCRATCH/screen")
  has_in_order "a server of step 3, with one mistake" "reports:" "After some days nobody gets in any more." \
    "make states PORT=$PORT" "make test-step3 SERVER=mine/puzzle/server HINTS=0" "make answer"
  [[ $output != *close\(\)* && $output != *no-close* ]]
  echo >&"$keyboard"
  eventually started_twice
  connect anna
  exchange anna "hello"
  disconnect anna
  eventually server_is CLOSE-WAIT 1
  stop_puzzle
  eventually server_has_no_connection
}

@test "an answer asks for one's own words, then for a number, and counts the tries" {
  mkdir -p mine/puzzle
  echo "$(seed_of no-close 3) 3" >mine/puzzle/seed
  rm -f mine/puzzle/tries
  run -0 make answer HINT=1
  [[ $output == *"adds a CLOSE-WAIT in ss"* ]]
  run -0 make answer <<<''
  has_in_order "in your own words?" "1. " "5. " "A number from 1 to 5 was expected, and '' came."
  right=$(sed -nE 's/^([1-5])\. it does not close the descriptor of a client that has left$/\1/p' <<<"$output")
  run -0 make answer <<<$'perhaps recv?\n'"$((right % 5 + 1))" # a wrong answer is no failure of make
  has_in_order "No. With that mistake one sees" "That was try 1. Look again"
  run -0 make answer <<<$'close() is missing\n'"$right"
  has_in_order "Yes: it does not close the descriptor of a client that has left" \
    "Your words: close() is missing" "Found at try 2." "adds a CLOSE-WAIT in ss" "The test: after the client has left"
  SPOKEN=zh run -0 make answer <<<$'\n'"$right"
  has_in_order "答对了：客户端断开后，不关闭它的描述符" "ss 里就多一个 CLOSE-WAIT" "测试：客户端断开后，服务端关闭这条连接"
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

@test "the mistakes that an answer offers are drawn from more than five, in every step" {
  for step in 1 2 3 4; do
    (($(choices $step | wc -l) > 5)) || { echo "step $step" && return 1; }
  done
}

# --- grading

# submit NAME [C]: a submission: our step 3, and what is added to it.
submit() {
  mkdir -p "$SCRATCH/class/$1"
  { cat "$ROOT"/step3_*/server.c && echo "${2:-}"; } >"$SCRATCH/class/$1/server.c"
}

# at_start C: what is done before main().
at_start() { echo "__attribute__((constructor)) static void at_start(void) { $1 }"; }

# grade [ARGUMENT...]: with two tests of step 3.
grade() {
  run -0 make grade DIR="$SCRATCH/class" STEP=3 TEST='first message|next client' "$@"
  GRADES=$SCRATCH/class-grades
}

# graded NAME PERCENT REASON: the row in grades.csv; in the reason * stands for anything.
graded() {
  local line
  line=$(grep "^\"$1\"," "$GRADES/grades.csv")
  # shellcheck disable=SC2053 # a pattern
  [[ $line == "\"$1\",\"\",\"$2\","*,\"$3\" ]] || { echo "$line, and not: $2 %, $3" && return 1; }
}

@test "a class is graded: a line for each in 80 columns, a report, and tables that other programs read" {
  needs_sandbox
  submit anna
  mkdir "$SCRATCH/class/in another way"
  cp "$SCRATCH/class/anna/server.c" "$SCRATCH/class/in another way"
  # shellcheck disable=SC2016 # for the other shell to expand
  printf '#!/bin/sh\nexec ./server "$1"\n' >"$SCRATCH/class/in another way/run"
  long=$(printf 'x%.0s' {1..252})
  for name in =1+2 $'M\xfcller' "$long"; do submit "$name"; done # a formula; as Windows writes it
  submit wrong "$(at_start 'exit(0);')"
  grade JOBS=2
  [[ $output == *"6 graded in "* ]]
  run ! grep -E '^.{81}' <<<"${output%%graded*}"
  graded anna 100 ""
  graded "in another way" 100 ""
  graded "'=1+2" 100 ""
  graded Müller 100 ""
  graded "$long" 100 ""
  graded wrong 0 '""the first message of a client comes back"": it ended, with status 0, before it listened'
  output=$(cat "$GRADES/wrong.txt")
  has_in_order "wrong, step 3: 0/2 tests passed, 0%." "it ended, with status 0" "not ok 1" "ok 2"
  command -v python3 >/dev/null || skip "python3 is not here to read the tables"
  run -0 python3 -c 'import csv, sys, xml.etree.ElementTree as xml
rows = list(csv.reader(open(sys.argv[1] + "/grades.csv", encoding="utf-8")))
suites = xml.parse(sys.argv[1] + "/junit.xml").getroot()
print(len(rows), {len(row) for row in rows}, [suite.get("failures") for suite in suites].count("0"))' "$GRADES"
  [[ $output == "7 {9} 5" ]]
}

@test "what cannot be tested says why" {
  needs_sandbox
  submit no-compile 'int'
  mkdir "$SCRATCH/class/empty" "$SCRATCH/class/crlf" "$SCRATCH/class/utf16"
  ln -s no-compile "$SCRATCH/class/link"
  printf '#!/bin/sh\r\nexec ./server\r\n' >"$SCRATCH/class/crlf/run"
  iconv -t UTF-16 "$ROOT"/step3_*/server.c >"$SCRATCH/class/utf16/server.c"
  submit never "$(at_start 'for (;;) sleep(1);')"
  grade
  graded no-compile 0 "it does not compile: server.c:*: error: *"
  graded empty 0 "neither server.c nor run is there*"
  graded link 0 "its folder is a symbolic link*"
  graded crlf 0 "the lines of run end in CR LF*"
  graded utf16 0 "it does not compile: *"
  graded never 0 '""the first message*"": it never listens on the port that is its first argument'
  grep -q "The compiler:" "$GRADES/no-compile.txt"
}

submit_attackers() {
  submit right
  submit kills "$(at_start 'int kill(int, int); kill(-1, 9);')"
  submit leaves-children "$(at_start 'if (fork() == 0) { setsid(); for (;;) sleep(1); }')"
  # Files, other processes, the tests' names, and what the grade is taken from.
  submit spies "$(at_start "
    char path[99];
    for (int process = 2; process < 1000; process++) /* 1 is of its own sandbox */
      for (int fd = 0; process != getpid() && fd < 20; fd++) {
        snprintf(path, sizeof path, \"/proc/%d/fd/%d\", process, fd);
        FILE *file = fopen(path, \"w\");
        if (file) { fputs(\"ok 1 REACHED\\\\n\", file); fclose(file); puts(\"REACHED\"); }
      }
    system(\"exec 2>/dev/null; cat $SCRATCH/secret;\"
           \"ls -d $SCRATCH/class/right $ROOT | grep . && echo REACHED;\"
           \"grep -sal [t]est_the /proc/[0-9]*/cmdline && echo REACHED;\"
           \"echo >$SCRATCH/class-grades/x && echo REACHED; echo LOOKED\");
    exit(7);")" # so that its output is in the report
  echo "REACHED" >"$SCRATCH/secret"
}

no_attack_reached_anything() {
  graded right 100 ""
  graded kills 100 ""
  graded leaves-children 100 ""
  graded spies 0 '*it ended, with status 7, before it listened'
  grep -q LOOKED "$GRADES/spies.txt"
  run ! grep -r REACHED "$GRADES"
  run ! grep -lsaE 'submission/server' /proc/[1-9]*/cmdline # nothing is left
}

@test "a submission sees and reaches nothing but itself" {
  needs_sandbox
  submit_attackers
  grade
  no_attack_reached_anything
}

@test "nor when an ordinary user grades, whose files of mode 600 it might read" {
  needs_sandbox
  ((EUID == 0)) || skip "this user is one: the test above has shown it"
  submit_attackers
  chmod 600 "$SCRATCH/secret"
  chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$SCRATCH" "${SCRATCH%/*}"
  mkdir "$SCRATCH/class-grades"
  chown -R 65534 "$SCRATCH/class" "$SCRATCH/class-grades" "$SCRATCH/secret"
  as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent TMPDIR=/tmp)
  "${as_user[@]}" bwrap --unshare-user --ro-bind / / true || skip "this machine forbids users a sandbox"
  TEST='first message|next client' run -0 "${as_user[@]}" docs/class/grade.sh "$SCRATCH/class" 3 2
  GRADES=$SCRATCH/class-grades
  no_attack_reached_anything
}

@test "what takes too much is ended, and says so" {
  needs_sandbox
  submit right
  submit floods "$(at_start 'for (;;) printf("%9000s\n", "flood");')"
  submit forks "$(at_start 'for (;;) fork();')"
  submit memory "$(at_start 'for (volatile char *byte = malloc(3L << 30);; byte += 4096) *byte = 1;')"
  DEADLINE=60 grade JOBS=2
  graded right 100 ""
  graded floods 0 '""the first message*"": it ended, with status 153 (SIGXFSZ: *), before it listened'
  graded forks 0 "it started processes without end: *"
  graded memory 0 "it took more than 2048 MiB of memory*"
}

@test "what is ended at its limit keeps what it has passed" {
  needs_sandbox
  submit slow "$(at_start 'if (access("again", F_OK) == 0) for (;;) sleep(1); fclose(fopen("again", "w"));')"
  DEADLINE=60 grade LIMIT=30
  graded slow 50 "after 30 s it was ended; 1 of 2 tests were run"
}

@test "a server that keeps a test from being asked does not raise its mark" {
  needs_sandbox
  submit port-alone
  # shellcheck disable=SC2016 # for the other shell to expand
  printf '#!/bin/sh\nexec ./server "$1"\n' >"$SCRATCH/class/port-alone/run"
  submit own-heap "static volatile char heap[20 << 20];
    $(at_start 'for (size_t i = 0; i < sizeof heap; i += 4096) heap[i] = 1;')"
  grade TEST='first message|16 KiB|bound to one'
  graded port-alone 66 '""bound to one*"": it does not listen on the address *'
  graded own-heap 66 '""100 clients of 16 KiB leave no memory behind"": it has a heap of its own*'
}

@test "Ctrl-C keeps the rows; the next call goes on; what has changed, and AGAIN=1, is graded anew" {
  needs_sandbox
  submit anna
  submit ben "$(at_start 'for (;;) sleep(1);')"
  spawn env TEST='first message' DEADLINE=60 docs/class/grade.sh "$SCRATCH/class" 3 2 >"$SCRATCH/screen" 2>&1
  grading=$!
  DEADLINE=60 eventually grep -q anna "$SCRATCH/screen"
  DEADLINE=20 eventually is_ended_by INT "$grading"
  GRADES=$SCRATCH/class-grades
  graded anna 100 ""
  submit ben
  grade TEST='first message'
  [[ $output == *"1 of them were graded before"* ]]
  graded ben 100 ""
  grade TEST='first message' AGAIN=1
  [[ $output != *"graded before"* ]]
}

@test "SOURCE=c looks at server.c alone" {
  needs_sandbox
  submit anna
  printf '#!/bin/sh\nexit 1\n' >"$SCRATCH/class/anna/run"
  mkdir "$SCRATCH/class/ben"
  printf '#!/bin/sh\nexec ./server\n' >"$SCRATCH/class/ben/run"
  grade SOURCE=c
  graded anna 100 ""
  graded ben 0 "neither server.c nor run is there*"
  run -2 make grade DIR="$SCRATCH/class" STEP=3 SOURCE=python
}

@test "the ZIPs of Moodle and Canvas are unpacked, and tables with their numbers go back" {
  needs_sandbox
  command -v zip unzip >/dev/null || skip "zip or unzip is not installed on this machine"
  mkdir -p "$SCRATCH/moodle/Anna B_12_assignsubmission_file_" "$SCRATCH/canvas"
  cp "$ROOT"/step3_*/server.c "$SCRATCH/moodle/Anna B_12_assignsubmission_file_"
  cp "$ROOT"/step3_*/server.c "$SCRATCH/moodle/Cora Ö_34_assignsubmission_file_server.c"
  cp "$ROOT"/step3_*/server.c "$SCRATCH/canvas/bennb_LATE_56_789_server-1.c"
  for class in moodle canvas; do
    (cd "$SCRATCH/$class" && zip -qmr "../$class.zip" . && rmdir "$PWD")
    run -0 make grade DIR="$SCRATCH/$class.zip" STEP=3 TEST='first message'
  done
  [[ $(tail -n 2 "$SCRATCH/moodle-grades/moodle.csv") == '"Participant 12","Anna B","100","",""
"Participant 34","Cora Ö","100","",""' ]]
  [[ $(tail -n 1 "$SCRATCH/canvas-grades/canvas.csv") == '"bennb","56","","100"' ]]
}

@test "a right step 4 gets full marks: its limits can be lowered, whoever it runs as" {
  needs_sandbox
  mkdir -p "$SCRATCH/class/right"
  cp "$ROOT/step4_threads/server.c" "$SCRATCH/class/right"
  run -0 make grade DIR="$SCRATCH/class" STEP=4 TEST='out of'
  GRADES=$SCRATCH/class-grades
  graded right 100 ""
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
  # Where the kernel forbids the sandbox.
  mkdir "$SCRATCH/bin"
  printf '#!/bin/sh\necho "bwrap: Operation not permitted"; exit 1\n' >"$SCRATCH/bin/bwrap"
  chmod +x "$SCRATCH/bin/bwrap"
  PATH=$SCRATCH/bin:$PATH run -2 make grade DIR="$SCRATCH/class" STEP=1
  [[ $output == *"forbidden here (bwrap: Operation not permitted): run the same command with sudo"* ]]
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

@test "the copy for students builds, tests, helps, and says what needs a program that is to be written" {
  needs_patch
  run -2 make handout STEP=5
  run -0 make handout STEP=3 TO="$SCRATCH/students"
  run -2 make handout STEP=3 TO="$SCRATCH/students"
  [[ $output == *"is there already"* ]]
  cd "$SCRATCH/students"
  run -0 make
  run -0 make test TEST='first message'
  run -0 make help
  [[ $output == *"make start"* && $output != *"make grade"* && $output != *"make handout"* ]]
  run -0 make diff-step2
  for target in diff-step3 test-step3 demo-nagle "puzzle STEP=3"; do
    # shellcheck disable=SC2086 # two words
    run -2 make $target
    [[ $output == *"yours to write"* ]]
  done
  run ! grep -r 'instructor\|make grade' README.md README.zh-CN.md
  play 2 1
  make answer HINT=1 | grep -q 'What one sees'
  # The workflow: what it runs fails for what is not written yet, and passes when it is.
  grep -q 'step: \[3, 4\]' .github/workflows/tests.yml
  command=$(sed -n 's/^ *- run: \(make.*\)/\1/p' .github/workflows/tests.yml)
  [[ ${command/\$\{\{ matrix.step \}\}/3} == "make -C mine/step3 test" ]]
  run -2 make -C mine/step3 test
  run -0 make start STEP=3
  DEADLINE=1 run -2 make -C mine/step3 test TEST='next client is served'
  cp "$ROOT/step3_close_detect/server.c" mine/step3
  run -0 make -C mine/step3 test TEST='next client is served'
  run -0 make -C mine/step3 clean
  [[ ! -e mine/step3/server ]]
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
