#!/usr/bin/env bats
# English and Chinese: the table of sentences, and what is told in the language of the reader.

load make

# in_login NAME=VALUE... COMMAND...: runs it as somebody who has set of these variables only that.
in_login() { env -u SPOKEN -u LC_ALL -u LANGUAGE -u LANG "$@"; }

# speaks NAME=VALUE...: prints the language that is spoken there.
speaks() { in_login "$@" bash -c '. docs/language/locale.bash && echo "$SPOKEN"'; }

# in_chinese COMMAND...: runs it as somebody whose login is Chinese, installed or not.
in_chinese() { in_login LANG=zh_CN.UTF-8 "$@"; }

# --- the table

@test "each sentence has its Chinese, each entry is used; what is not so is noticed" {
  needs xgettext
  run -0 docs/language/sentences.sh --check
  in_a_copy
  echo 'say "A new sentence."' >>docs/demos/addresses.sh
  printf '\nmsgid "Nobody says this any longer."\nmsgstr "再也没有人\\n"\n"这样说。"\n' \
    >>docs/language/chinese.po
  sed -i 's/^msgstr "没有 %s 这个目录。"/msgstr "没有这个目录。"/' docs/language/chinese.po
  echo 'if true; then tell "nobody sees this"; fi' >>docs/look/states.sh
  run -1 docs/language/sentences.sh --check
  [[ $output == *"this message is used but not defined"* ]]
  [[ $output == *"this message is not used"* ]]
  [[ $output == *"format specifications in 'msgid' and 'msgstr' does not match"* ]]
  [[ $output == *"overlooked by xgettext: docs/look/states.sh:"* ]]
  [[ $output == *'not on one line: "这样说。"' ]]
}

@test "LC_ALL, LC_MESSAGES, LANG or LANGUAGE choose the language, installed or not" {
  [[ $(speaks) == en ]]
  [[ $(speaks LANG=de_DE.UTF-8) == en ]]
  [[ $(speaks LANG=zh_CN.UTF-8) == zh ]]
  [[ $(speaks LANG=en_US.UTF-8 LC_MESSAGES=zh_CN.UTF-8) == zh ]]
  [[ $(speaks LANG=zh_CN.UTF-8 LC_ALL=en_US.UTF-8) == en ]]
  [[ $(speaks LANG=en_US.UTF-8 LANGUAGE=zh_CN:en) == zh ]]
  [[ $(speaks LANG=zh_CN.UTF-8 LANGUAGE=en) == en ]]
  [[ $(speaks LC_ALL=C LANGUAGE=zh) == en ]] # as gettext does
}

@test "a Chinese format takes its arguments in its own order, and what it is given is no format" {
  SPOKEN=zh
  CHINESE["%s sends '%s', %s"]='%2$s 由 %1$s 发送：%3$s'
  [[ $(translated "%s sends '%s', %s" anna 50% '%1$s') == "50% 由 anna 发送：%1\$s" ]]
  [[ $(translated "not in the table: %s" x) == "not in the table: x" ]]
  [[ $(translated "50% of all") == "50% of all" ]]
}

@test "lines are broken by columns: a Chinese character takes two, and no comma begins a line" {
  run -0 wrap 12 <<<"一二三四五六，七八（九）one two three"
  [[ $output == $'一二三四五\n六，七八\n（九）one\ntwo three' ]]
}

# --- what is told. The pages show more, and are compared.

@test "a failing test in Chinese: its name, by which it is chosen, its place, story and hint" {
  deaf="bash -c 'exec nc -l -p \$0 >/dev/null || exec nc -l \$0 >/dev/null'"
  run -1 in_chinese STEP=1 SERVER="$deaf" FROM="$ROOT" TEST="第一条消息" tests/report/run_suite.sh
  [[ $output != *"not ok 2"* && $output != *"hint"* ]]
  has_in_order "not ok 1 客户端的第一条消息返回了" "# （tests/step1_single_shot.bats 第 " "提示：" \
    "讲解：step1_single_shot/README.zh-CN.md，" "2. anna 用 nc 连接服务端"
}

@test "help and doctor leave nothing in English" {
  for command in "docs/look/help.sh NAMES" "docs/look/doctor.sh | grep -v '： '"; do # a list
    run -0 in_chinese bash -c "$command"
    [[ $output == *"编译"* && ! $output =~ [a-z]{3,}" "[a-z]{2,}" "[a-z]{2,} ]]
  done
}

@test "the skeleton of step 1 is one program in both languages" {
  for language in "" .zh-CN; do
    gcc -fpreprocessed -dD -E -P "docs/class/skeleton$language.c" |
      sed 's/printf(".*"/printf(SAID/' >"$SCRATCH/skeleton$language"
  done
  cmp "$SCRATCH/skeleton" "$SCRATCH/skeleton.zh-CN"
  grep -q '第 1 步' docs/class/skeleton.zh-CN.c
}

@test "make start gives a reader of Chinese our program, with its comments in Chinese" {
  . docs/language/comments.bash
  in_a_copy
  for step in 4 3 2; do # or each would try what one has made of the step before
    in_chinese docs/class/start.sh $step
    cmp <(gcc -fpreprocessed -dD -E -P step$((step - 1))_*/server.c) \
      <(gcc -fpreprocessed -dD -E -P mine/step$step/server.c)
    run -1 grep -v '[^ -~]' <(comments <mine/step$step/server.c) # without a Chinese character
  done
}
