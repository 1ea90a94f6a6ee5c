#!/usr/bin/env bats
# The pages tell the truth: what they show is what the programs print, what they name exists, and
# the two languages say the same.

load make

mapfile -t PAGES < <(cd "$ROOT" && find README*.md step?_* docs tests -name '*.md')
mapfile -t ENGLISH < <(printf '%s\n' "${PAGES[@]}" | grep -v 'zh-CN')

TICK=$'\x60' # around what is code in a sentence

# prose PAGE...: without code blocks. code PAGE: the code blocks alone; of what is generated in the
# page's language, only what it is, and of a drawing not its labels.
prose() { awk '/^ *```/ { inside = !inside; next } !inside' "$@"; }
code() {
  awk '
    /^<!-- generated: .* (en|zh)( .*)? -->$/ { sub(/ (en|zh)/, ""); print; spoken = 1 }
    /^<!-- end -->$/ { spoken = 0 }
    spoken { next }
    /^ *```/ { inside = !inside; drawing = /mermaid/; print; next }
    inside && drawing { sub(/ : .*/, "") } # the label of an arrow
    inside
  ' "$1"
}

headings() { prose "$1" | grep -oE '^#+ ' | tr -d ' '; }

links() { prose "$1" | grep -oE '\]\([^)]*\)' | sed -e 's/^](//' -e 's/)$//'; }
targets() { links "$1" | sed -e 's/#.*//' -e 's/\.zh-CN\././'; }

# anchors PAGE: what its headings can be linked as.
anchors() {
  prose "$1" | grep -E '^#+ ' | LC_ALL=C.UTF-8 sed -E -e 's/^#+ +//' \
    -e 's/\[([^]]*)\]\([^)]*\)/\1/g' -e 's/[^[:alnum:] _-]//g' -e 's/ /-/g' -e 's/.*/\L&/'
}

@test "every generated part is what the programs print now" {
  run -0 docs/pages/generate.sh --check docs/player.html "${ENGLISH[@]}"
}

# bats test_tags=workshop
@test "every generated part of the Chinese pages is what the programs print now" {
  run -0 docs/pages/generate.sh --check "${ENGLISH[@]/%.md/.zh-CN.md}"
}

@test "a stale page is noticed" {
  in_a_copy
  sed -i 's/| yes, one after another |/| yes, two by two |/' README.md
  run -1 docs/pages/generate.sh --check README.md
  [[ $output == *"stale: README.md"* ]]
}

@test "every page has a Chinese twin with the same headings, code blocks and links" {
  ((${#PAGES[@]} == 2 * ${#ENGLISH[@]}))
  for page in "${ENGLISH[@]}"; do
    twin=${page%.md}.zh-CN.md
    diff <(echo "[中文]($(basename "$twin"))") <(head -n 1 "$page")
    diff <(echo "[English]($(basename "$page"))") <(head -n 1 "$twin")
    for part in headings code targets; do
      diff <($part "$page") <($part "$twin") || fail "$page: $part"
    done
  done
}

@test "no link is dead, and no anchor" {
  for page in "${PAGES[@]}"; do
    while read -r link; do
      target=$(dirname "$page")/${link%%#*}
      if [[ $link == "#"* ]]; then target=$page; fi
      [[ $link == http* || -e $target ]] || fail "$page: dead link $link"
      [[ $link != *#* || $link == http* ]] || anchors "$target" | grep -qxF -- "${link#*#}" ||
        fail "$page: dead anchor $link"
    done < <(links "$page")
  done
}

@test "every file, test and make target that a page names exists" {
  while read -r name; do
    compgen -G "$name" >/dev/null || fail "a page names $name, which is not there"
  done < <(prose "${PAGES[@]}" |
    grep -oE "$TICK(tests|docs|step[1-4]_[a-z_]+|\.ci)/[^$TICK ]*$TICK" | tr -d "$TICK" |
    grep -vE '[*?…]|NAME' | sort -u)
  make -pRrq : 2>/dev/null | sed -nE 's/^([a-z][a-z0-9-]*):.*/\1/p' >"$SCRATCH/targets"
  while read -r target; do
    grep -qxE "${target/%N/[1-4]}" "$SCRATCH/targets" ||
      fail "a page names 'make $target', which is not there"
  done < <(grep -ohE "($TICK|^|&& )make [a-z][a-zA-Z0-9-]*" "${PAGES[@]}" | sed 's/.*make //' |
    grep -v '^demo-NAME$' | sort -u)
  # A test is named as: tests/FILE.bats, "NAME OF THE TEST", in English or Chinese
  while IFS=: read -r file name; do
    english=$(pairs docs/language/chinese.po | grep -xF -B 1 -- "$name" | head -n 1)
    grep -qF -e "@test \"$name\"" -e "@test \"$english\"" "$file" ||
      fail "a page names a test that is not in $file: $name"
  done < <(cat "${PAGES[@]}" | tr -s '\n ' ' ' |
    grep -oE "${TICK}tests/[a-z0-9_/]+\.bats${TICK}[^$TICK\"]{1,3}\"[^\"]*\"" |
    sed -E "s/^$TICK(.*)$TICK.*\"(.*)\"$/\1:\2/" | sort -u)
}

@test "each cell of the staircase names a test that is there, for that step" {
  while IFS=$'\t' read -r row step _ name; do
    [[ $name != - ]] || continue
    file=$(grep -lF -- "@test \"$name\"" tests/step?_*.bats tests/flaws.bats) ||
      fail "$row, step $step: no test is called '$name'"
    # The tags that hold for a test are those of the last file_tags line above it.
    sed -n "1,/^@test \"$name\"/p" "$file" | grep '^# bats file_tags=' | tail -n 1 |
      grep -q "step:$step" || fail "$row: '$name' is not run for step $step"
  done < <(grep -v '^#' docs/pages/staircase.tsv)
}

@test "the sections that the hints of the tests send to are in the lessons" {
  while read -r page section; do
    [[ $page != step? ]] || page=$(echo "$page"_*)/README
    grep -qxF "## $section" "$page.md" || fail "$page.md: $section"
  done < <(
    for step in step1 step2 step3 step4; do # two files name the lesson of the step that is tested
      sed -nE "s/^lesson \"?([^\" ]*)\"? \"(.*)\"$/\1 \2/p" tests/*.bats | sed "s,^step.STEP,$step,"
    done
  )
}

# bats test_tags=workshop
@test "the answers to the exercises of beyond.md pass their tests; step 4 fails, and is told why" {
  . "$ROOT/tests/helpers/patches.bash"
  while read -r exercise patches; do
    cd docs/demos/patches
    # shellcheck disable=SC2086 # words
    server=$(build_patches "$BATS_TEST_TMPDIR/$exercise" $patches)
    cd "$ROOT"
    run -0 make "test-$exercise" SERVER="$server"
    run -2 make "test-$exercise" SERVER=step4_threads/server
    [[ $output == *"# hint: "*"# lesson: docs/beyond.md"* ]]
    run -2 make "test-$exercise"
    [[ $output == "Which server?"* ]]
  done <<END
framing lines.patch count.patch
clean-stop signalfd.patch time-limit.patch
END
}

# changed N: prints the lines of step N that step N - 1 has not; of step 1 all of them. Not the
# comment at the head, the includes, the default port and what is empty.
changed() {
  local before=/dev/null
  (($1 == 1)) || before=$(echo "step$(($1 - 1))"_*/server.c)
  diff "$before" "step$1"_*/server.c | sed -n 's/^> //p' |
    grep -vE '^($| ?\*|/\*$|/\* -----|#include|static const char default_port)'
}

@test "every line of the programs stands in the lesson that adds it" {
  for step in 1 2 3 4; do
    while IFS= read -r line; do
      grep -qxF -e "$line" -e "+$line" <(code step${step}_*/README.md) ||
        fail "step $step, not in its lesson: $line"
    done < <(changed $step)
  done
}

@test "the article's page counts its verdicts right" {
  for page in docs/article.md docs/article.zh-CN.md; do
    claims=$(grep -c '^### [0-9]*\.' "$page")
    holds=$(grep -cE '\*\*(Verdict: holds\.|结论：成立。)\*\*' "$page")
    fails=$(grep -cE '\*\*(Verdict: does not hold\.|结论：不成立。)\*\*' "$page")
    counts="${claims}[^0-9]*${holds}[^0-9]*$((claims - holds - fails))[^0-9]*$fails"
    [[ $(tr '\n' ' ' <"$page") =~ (Of\ |。)$counts ]] ||
      fail "$page: $claims claims, $holds hold, $fails do not"
  done
}
