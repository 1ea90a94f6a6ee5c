#!/usr/bin/env bats
# English and Chinese: the table of sentences, and what is told in the language of the reader.
# shellcheck disable=SC2016,SC2030 # for another bash, and formats; each test is a subshell

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/tests/repository/make.bash"

setup() {
  trace_only_the_test
  SCRATCH=$BATS_TEST_TMPDIR
  cd "$ROOT" || return 1
}

teardown() {
  stop_clients
  stop_server
}

needs_gettext() { command -v xgettext >/dev/null || skip "gettext is not installed on this machine"; }

# speaks NAME=VALUE...: with these variables alone, prints the language that is spoken.
speaks() { env -u SPOKEN -u LC_ALL -u LANGUAGE -u LANG "$@" bash -c '. docs/language/locale.bash && echo "$SPOKEN"'; }

# in_chinese COMMAND...: runs it as somebody whose login is Chinese, installed or not.
in_chinese() { env -u SPOKEN -u LC_ALL LANG=zh_CN.UTF-8 "$@"; }

# --- the table

@test "every sentence has its Chinese, and every entry of the table is used" {
  needs_gettext
  run -0 docs/language/sentences.sh --check
}

@test "a sentence without Chinese, an unused entry, other arguments and an overlooked sentence are noticed" {
  needs_gettext
  cp -r "$ROOT" "$SCRATCH/copy"
  cd "$SCRATCH/copy"
  echo 'say "A new sentence."' >>docs/demos/addresses.sh
  printf '\nmsgid "Nobody says this any longer."\nmsgstr "再也没有人这样说。"\n' >>docs/language/chinese.po
  sed -i 's/^msgstr "没有 %s 这个目录。"/msgstr "没有这个目录。"/' docs/language/chinese.po
  echo 'if true; then tell "nobody sees this"; fi' >>docs/look/states.sh
  run -1 docs/language/sentences.sh --check
  [[ $output == *"this message is used but not defined"* && $output == *"this message is not used"* ]]
  [[ $output == *'other arguments: msgid "There is no folder %s."'* ]]
  [[ $output == *"overlooked by xgettext: docs/look/states.sh:"* ]]
}

@test "the language is that of LC_ALL, LC_MESSAGES, LANG or LANGUAGE; the locale need not be installed" {
  [[ $(speaks) == en ]]
  [[ $(speaks LANG=de_DE.UTF-8) == en ]]
  [[ $(speaks LANG=zh_CN.UTF-8) == zh ]]
  [[ $(speaks LANG=en_US.UTF-8 LC_MESSAGES=zh_CN.UTF-8) == zh ]]
  [[ $(speaks LANG=zh_CN.UTF-8 LC_ALL=en_US.UTF-8) == en ]]
  [[ $(speaks LANGUAGE=zh_CN:en) == zh ]]
  [[ $(speaks LANG=en_US.UTF-8 LANGUAGE=zh) == zh ]]
  [[ $(speaks LANG=zh_CN.UTF-8 LANGUAGE=en) == en ]]
  [[ $(speaks LC_ALL=C LANGUAGE=zh) == en ]] # as gettext does
}

@test "a Chinese format takes its arguments in its own order, and what it is given is not a format" {
  printf 'msgid "%%s sends '"'%%s'"', %%s"\nmsgstr "%%2$s 由 %%1$s 发送：%%3$s"\n' >"$SCRATCH/table.po"
  load_chinese "$SCRATCH/table.po"
  SPOKEN=zh
  [[ $(translated "%s sends '%s', %s" anna 50% '%1$s') == "50% 由 anna 发送：%1\$s" ]]
  [[ $(translated "not in the table: %s" x) == "not in the table: x" ]]
  [[ $(translated "50% of all") == "50% of all" ]]
}

@test "lines are broken by columns: a Chinese character takes two, and no comma begins a line" {
  run -0 wrap 12 <<<"服务端（server）停了，客户端还在。one two three"
  [[ $output == $'服务端\n（server）停\n了，客户端还\n在。one two\nthree' ]]
}

# --- what is told

@test "a demo in Chinese: what it says, what a state means, what to remember" {
  run -0 in_chinese docs/demos/tour.sh 2 </dev/null
  [[ $output == *"== 第 2 步"* && $output == *$'\n记住：'* && $output != *Remember* ]]
  [[ $output == *"服务端一侧"* && $output == *CLOSE-WAIT* ]]
  while IFS= read -r line; do
    (($(printf %s "$line" | LC_ALL=C.UTF-8 sed 's/[^ -~]/xx/g' | wc -c) <= 80)) || { echo "$line" && return 1; }
  done <<<"$output"
}

@test "a failing test in Chinese: its name, by which it is chosen, its story, and its hint" {
  run -1 in_chinese env STEP=1 SERVER="bash -c 'exec nc -l -p \$0 >/dev/null || exec nc -l \$0 >/dev/null'" FROM="$ROOT" \
    TEST="第一条消息" tests/report/run_suite.sh
  [[ $output == *"not ok 1 客户端的第一条消息返回了"* && $output != *"not ok 2"* ]]
  [[ $output == *"提示："* && $output != *"hint: "* && $output == *"讲解：step1_single_shot/README.zh-CN.md，"* ]]
  [[ $output == *"2. anna 用 nc 连接服务端"* ]]
}

@test "states, watch, doctor, help, timeline and errors in Chinese" {
  SERVER_COMMAND=(step3_close_detect/server)
  start_server 127.0.0.1
  connect anna
  run -0 in_chinese docs/look/states.sh "$PORT"
  [[ $output == *"LISTEN"*"等待客户端"* ]]
  run -0 in_chinese make help
  [[ $output == *$'make demo-NAME\n    '* && $output == *"time-wait"* && $output != *" the "* ]]
  run -0 in_chinese docs/look/doctor.sh cc
  run in_chinese docs/look/doctor.sh
  [[ $output == *"C 编译器"* && $output != *" the "* ]]
  run -2 in_chinese env STEP=9 docs/timeline/timeline.sh
  [[ $output == "哪一步？"* ]]
  run -2 in_chinese docs/class/start.sh 9
  [[ $output == "哪一步？"* ]]
}

@test "the skeleton of step 1 is one program in both languages" {
  for language in "" .zh-CN; do
    gcc -fpreprocessed -dD -E -P "docs/class/skeleton$language.c" |
      sed 's/printf(".*"/printf(SAID/' >"$SCRATCH/skeleton$language"
  done
  cmp "$SCRATCH/skeleton" "$SCRATCH/skeleton.zh-CN"
  grep -q '第 1 步' docs/class/skeleton.zh-CN.c
}

@test "make start gives a reader of Chinese our program to the character, with its comments in Chinese" {
  . docs/language/comments.bash
  mkdir "$SCRATCH/copy"
  cp -r Makefile docs tests step?_* "$SCRATCH/copy"
  for step in 1 2 3; do
    (cd "$SCRATCH/copy" && rm -rf mine && in_chinese docs/class/start.sh $((step + 1)))
    started=$SCRATCH/copy/mine/step$((step + 1))/server.c
    cmp <(gcc -fpreprocessed -dD -E -P step${step}_*/server.c) <(gcc -fpreprocessed -dD -E -P "$started")
    run comments <"$started"
    ! grep -v '[^ -~]' <<<"$output"
  done
}

@test "in Chinese a failing test of a step is named by file and line, and its English line is left out" {
  run -0 in_chinese tests/report/in_chinese.sh <<'END'
1..1
not ok 1 a single byte comes back
# (in test file tests/step1_single_shot.bats, line 18)
#   `hint "send it"' failed
END
  [[ $output == *"not ok 1 一个字节也能返回"*"# （tests/step1_single_shot.bats 第 18 行）"* ]]
  [[ $output != *"send it"* ]]
}
