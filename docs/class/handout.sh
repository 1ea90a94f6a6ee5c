#!/usr/bin/env bash
# Makes a student's copy: the course without the programs of the steps that are to be written,
# without what shows a line of them, and without what is for teachers and maintainers. Nothing in it
# is built. What needs a program that is left out says so. With a workflow that tests what students
# push.
# Arguments: STEP, the first step to be written, 1 to 4, or empty for 1; TO, the new folder, or
# empty for mine/handout.
# Status 2 for another STEP; 1 when the folder is there already.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

first=${1:-1} to=${2:-mine/handout}
[[ $first == [1-4] ]] ||
  stop 2 "Which is the first step to be written? STEP=1, 2, 3 or 4. You said: STEP='%s'" "$first"
[[ $to == /* || ! ${2:-} ]] || to=$here/$to
[[ ! -e $to ]] ||
  stop 1 "%s is there already, and stays as it is. Move it away, or say where: TO=folder" "$to"

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
copy=$temporary/copy # becomes $to when all of it has been made
load_chinese docs/language/chinese.po # whoever makes it, the copy has pages in both languages

copy_course() (
  mkdir -p "$copy/.github/workflows"
  cp -r Makefile README*.md LICENSE .editorconfig .clang-format .devcontainer step?_* docs tests \
    "$copy"
  cd "$copy"
  sed "s/STEPS/$(seq -s ', ' "$first" 4)/" docs/class/workflow.yml >.github/workflows/tests.yml
  printf '%s\n' '/mine/*/server' /mine/puzzle/ '/step*/server' /docs/timeline/client >.gitignore
  rm -rf tests/{right,repository} docs/{pages,models,player.html} \
    docs/{CONTRIBUTING,instructor,answers,models}*.md docs/class/{workflow.yml,*.py} \
    docs/class/{grade,examine,handout,puzzle_key}.sh step?_*/server docs/timeline/client
  rm step["$first"-4]_*/server.c
  grep -lE "^# step: [$first-4]" tests/mistakes/*.patch | xargs -r rm
  grep -lE "^\+\+\+ b/step[$first-4]" docs/demos/patches/*.patch | xargs -r rm
)

# cut_page PAGE: leaves out what is generated from the code of these steps, what demos change in
# it, and what is for teachers; a link to what is not there becomes text, and a row of a table that
# begins with one goes.
cut_page() {
  local target expressions=()
  awk -v first="$first" -v words="$(translated "(left out: this is yours to write)")" '
    /^<!-- for teachers/, /^<!-- for everybody/ { next }
    /^ *<!-- end/ { cut = patched = 0 }
    /^ *<!-- generated: (code|change|patch) / { cut = $4 !~ /^[1-4]$/ || $4 >= first }
    /^step[1-4]_.*\/patches\// { patched = substr($0, 5, 1) >= first } # of a demo
    cut || patched && /^[-+]/ { if (!told++) print words; next }
    { told = 0 }
    !/^<!-- (generated|end)/' "$1" >"$temporary/page"
  while read -r target; do
    [[ -e $(dirname "$1")/${target%%#*} ]] ||
      expressions+=(-e "\,^\| [^|]*\]\($target\),d" -e "s,\[([^]]*)\]\($target\),\1,g")
  done < <(sed 's/](\([^)# ][^)]*\))/\n](\1\n/g' "$1" | sed -n 's/^](//p' | grep -v ^http | sort -u)
  sed -E -e '' "${expressions[@]}" "$temporary/page" >"$1"
}

# cut_player: the player shows the calls of a server without its source, where that is withheld.
cut_player() {
  awk -v first="$first" '
    /^<pre class="about">/ { withheld = !/>[1-4]\// || substr($0, 20, 1) >= first }
    /^<pre class="file">/ && withheld { cut = 1 }
    !cut
    cut && /<\/pre>$/ { cut = 0 }' docs/player.html >"$copy/docs/player.html"
}

copy_course
cut_player
find "$copy" -name '*.md' | while read -r page; do
  SPOKEN=en
  if [[ $page == *.zh-CN.md ]]; then SPOKEN=zh; fi
  cut_page "$page"
  [[ $page != "$copy"/README* ]] || {
    echo
    tell "This is a copy for students: write the steps from step %s on, each in \`mine/stepN/\` \
(\`make start STEP=%s\`). What needs one of our programs for them says so." "$first" "$first"
  } | sed -i '3r /dev/stdin' "$page" # below the title
done
mkdir -p "$(dirname "$to")"
mv "$copy" "$to"
tell "%s is for students: the steps from step %s on are theirs to write." "$to" "$first"
