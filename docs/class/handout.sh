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
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash

first=${1:-1} to=${2:-mine/handout}
[[ $first == [1-4] ]] || {
  tell "Which is the first step to be written? make handout STEP=3, or 1, 2, 4. You said: STEP='%s'" \
    "$first" >&2
  exit 2
}
[[ $to == /* || ! ${2:-} ]] || to=$here/$to
if [[ -e $to ]]; then
  tell "%s is there already, and stays as it is. Move it away, or say where: TO=folder" "$to" >&2
  exit 1
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
copy=$temporary/copy # becomes $to when all of it has been made

copy_course() {
  mkdir -p "$copy/.github/workflows"
  cp -r Makefile README*.md LICENSE .editorconfig .clang-format .devcontainer step?_* docs tests "$copy"
  (
    cd "$copy"
    rm -rf tests/{right,repository} docs/{pages,models,player.html} \
      docs/{CONTRIBUTING,instructor,answers}*.md docs/class/{rows.bash,rows.awk,workflow.yml} \
      docs/class/{grade,examine,unpack,handout,puzzle_key}.sh step?_*/server docs/timeline/client
    rm step["$first"-4]_*/server.c
    grep -lE "^# step: [$first-4]" tests/mistakes/*.patch | xargs -r rm
  )
  printf '%s\n' '/mine/*/server' /mine/puzzle/ '/step*/server' /docs/timeline/client >"$copy/.gitignore"
  sed "s/STEPS/$(seq -s ', ' "$first" 4)/" docs/class/workflow.yml >"$copy/.github/workflows/tests.yml"
}

# secret_lines: prints the lines of the programs left out which no other program of the copy has;
# those of a few characters tell nothing.
secret_lines() {
  awk -v first="$first" '
    { line = $0 }
    { gsub(/^[ \t]+|[ \t]+$/, "", line) }
    FILENAME !~ /^step/ || substr(FILENAME, 5, 1) < first { known[line]; next }
    length(line) > 12 && line !~ /^#/ && !(line in known) { known[line]; print line }
  ' docs/class/skeleton*.c docs/timeline/client.c step?_*/server.c
}

# cut_blocks PAGE: a block of code that has a secret line is left out.
cut_blocks() {
  local words="(left out: this is yours to write)"
  if [[ $1 == *.zh-CN.md ]]; then words="（略去：留给你自己写）"; fi
  awk -v words="$words" '
    NR == FNR { secrets[$0]; next }
    /^ *```/ && !inside { inside = 1; block = $0; secret = 0; next }
    inside {
      block = block "\n" $0
      for (line in secrets) if (index($0, line)) secret = 1
      if ($0 ~ /^ *```$/) {
        print secret ? words : block
        inside = 0
      }
      next
    }
    !/^<!-- (generated|end)/
  ' "$temporary/secrets" "$1" >"$temporary/page"
  cp "$temporary/page" "$1"
}

# cut_teaching PAGE: the section of the README that is for teachers goes.
cut_teaching() {
  awk '
    /^## / { heading = $0; if (NR != FNR) skip = heading == teaching }
    NR == FNR && /docs\/instructor/ && !teaching { teaching = heading }
    NR != FNR && !skip
  ' "$1" "$1" >"$temporary/page"
  cp "$temporary/page" "$1"
}

# cut_links PAGE: a link to what is not there becomes text; a row of a table that begins with one
# goes.
cut_links() {
  local target expressions=(-e '')
  while read -r target; do
    [[ -e $(dirname "$1")/${target%%#*} ]] ||
      expressions+=(-e "\,^\| [^|]*\]\($target\),d" -e "s,\[([^]]*)\]\($target\),\1,g")
  done < <(grep -oE '\]\([^)# ][^)]*\)' "$1" | sed -e 's/^](//' -e 's/)$//' | grep -v '^http' | sort -u)
  sed -i -E "${expressions[@]}" "$1"
}

# introduce PAGE FORMAT: puts a paragraph below its title.
introduce() {
  # shellcheck disable=SC2059 # a sentence
  printf "$2" "$first" "$first" | sed -i '1,/^# /{/^# /r /dev/stdin
    }' "$1"
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
secret_lines >"$temporary/secrets"
cut_teaching "$copy/README.md"
cut_teaching "$copy/README.zh-CN.md"
mapfile -t pages < <(find "$copy" -name '*.md')
for page in "${pages[@]}"; do
  cut_blocks "$page"
  cut_links "$page"
done
cut_player
grep -rlFf "$temporary/secrets" --exclude='*.md' "$copy" | xargs -r rm
# shellcheck disable=SC2016 # Markdown
introduce "$copy/README.md" '
This is a copy for students: write the steps from step %s on, each in `mine/stepN/` (`make start STEP=%s`). What
needs one of our programs for them says so.
'
# shellcheck disable=SC2016
introduce "$copy/README.zh-CN.md" '
这是学生用的副本：从第 %s 步起由你自己编写，每一步写在 `mine/stepN/` 里（`make start STEP=%s`）。需要用到我们这几步程序的命令会说明这一点。
'
mkdir -p "$(dirname "$to")"
mv "$copy" "$to"
tell "%s is for students: the steps from step %s on are theirs to write." "$to" "$first"
