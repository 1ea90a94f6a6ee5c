#!/usr/bin/env bash
# Makes a student's copy of the repository: without the programs of the steps that are to be written,
# what the lessons show of them, the broken servers, and what is for teachers and maintainers. The
# demos still show every step: where server.c is missing, the built server is there; and make puzzle
# has its servers built. With a workflow that tests what students push.
# Arguments: STEP, the first step to be written, 1 to 4, or empty for 1; TO, the new folder, or empty
# for mine/handout.
# Status 2 for another STEP; 1 when the folder is there already, or a program cannot be built.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=docs/class/puzzles.bash
. docs/class/puzzles.bash

first=${1:-1} to=${2:-mine/handout}
[[ $first == [1-4] ]] || {
  tell "Which is the first step to be written? make handout STEP=3, or 1, 2, 4. You said: STEP='%s'" "$first" >&2
  exit 2
}
[[ $to == /* || ! ${2:-} ]] || to=$here/$to
if [[ -e $to ]]; then
  tell "%s is there already, and stays as it is. Move it away, or say where: TO=folder" "$to" >&2
  exit 1
fi
if [[ -e $PUZZLE_ARCHIVE ]]; then
  tell "This is a student's copy already." >&2
  exit 1
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
copy=$temporary/copy # becomes $to when all of it has been made

# copy_files: what stays.
copy_files() {
  mkdir -p "$copy/tests" "$copy/.github/workflows"
  cp -r Makefile README*.md LICENSE .editorconfig .clang-format step?_* docs "$copy"
  cp -r tests/step?_*.bats tests/shipped.bats tests/flaws.bats tests/helpers tests/report "$copy/tests"
  rm -r "$copy"/docs/{CONTRIBUTING,instructor,answers}*.md "$copy"/docs/pages "$copy"/docs/models
  rm "$copy"/docs/class/{grade,examine,confined,handout}.sh "$copy"/docs/class/{junit.awk,workflow.yml}
  printf '%s\n' '/mine/*/server' /mine/puzzle/ /mine/try/ /docs/timeline/client >"$copy/.gitignore"
}

# withhold_step STEP: in place of server.c there is the built server, which its Makefile leaves alone.
withhold_step() {
  local folder
  folder=$(echo "$copy/step$1"_*)
  make --silent --always-make -C "$folder" CFLAGS=-O2 LDFLAGS=-s
  rm "$folder/server.c"
  sed -i -E -e 's/^server:.*/server: # server.c is yours to write/' -e 's/^\trm -f server$/\t@true/' "$folder/Makefile"
}

# cut_makefile: the rules go whose tools are not there.
cut_makefile() {
  awk '
    /^# --- measure it/ { cut = 1 }
    /^(puzzle-key|grade|handout|\$\(REPOSITORY_SUITES.*): / { cut = "until the next rule" }
    /^clean:/ || (cut == "until the next rule" && /^[a-z#]/ && !/^(puzzle-key|grade|handout):/) { cut = 0 }
    !cut
  ' Makefile | sed -E -e 's/^REPOSITORY_SUITES = .*/REPOSITORY_SUITES =/' \
    -e '/^\.PHONY: [a-z]/,/[^\\]$/s/ (puzzle-key|grade|handout|broken|docs|lint|bench|plot|drift|sanitize|storm|matrix|bench-programs)\b//g' \
    -e '/^clean:/,$s/ tests\/[a-z]+//g' >"$copy/Makefile"
}

# cut_demos: those that change a step which is to be written, and their patches.
cut_demos() {
  local demo patch
  for demo in "$copy"/docs/demos/*.sh; do
    grep -qE "run_patched [$first-4] " "$demo" || continue
    rm "$demo"
    demo=$(basename "$demo" .sh)
    sed -i -E "/^DEMOS = /,/[^\\\\]\$/ s/ $demo( |\$)/\1/" "$copy/Makefile"
  done
  for patch in "$copy"/docs/demos/patches/*.patch; do
    if grep -qE "^\+\+\+ b/step[$first-4]_" "$patch"; then rm "$patch"; fi
  done
}

# cut_programs PAGE: generated parts that show a program are left out. What is said of a copy of a step
# that is to be written is said of one's own.
cut_programs() {
  local step words="(left out: this is yours to write)"
  if [[ $1 == *.zh-CN.md ]]; then words="（略去：留给你自己写）"; fi
  awk -v words="$words" '
    /^<!-- generated: / { part = $0; next }
    part != "" && /^```(c|diff)$/ { cut = 1; print words }
    part != "" && !cut { print part }
    { part = "" }
    !cut
    /^<!-- end -->$/ { cut = 0 }
  ' "$1" >"$temporary/page"
  cp "$temporary/page" "$1"
  for ((step = first; step <= 4; step++)); do
    sed -i "s|cp -r step${step}_[a-z_]* mine/|cp -r mine/step$step mine/|" "$1"
  done
}

# keep_patches PAGE: the broken servers that its commands apply, which are no puzzles.
keep_patches() {
  local patch
  while read -r patch; do
    mkdir -p "$copy/tests/mistakes"
    cp "$patch" "$copy/tests/mistakes"
  done < <(sed -nE 's/^ *patch .* (tests\/broken\/[a-z-]*\.patch)$/\1/p' "$1")
}

# cut_links PAGE: a link to what is not there becomes text.
cut_links() {
  local target expressions=(-e '')
  while read -r target; do
    [[ -e $(dirname "$1")/${target%%#*} ]] || expressions+=(-e "s|\[([^]]*)\]\($target\)|\1|g")
  done < <(grep -oE '\]\([^)# ][^)]*\)' "$1" | sed -e 's/^](//' -e 's/)$//' | grep -v '^http' | sort -u)
  sed -i -E "${expressions[@]}" "$1"
}

cut_pages() {
  local page step
  for page in "$copy"/README*.md "$copy"/docs/*.md "$copy"/step?_*/README*.md; do
    step=${page#"$copy/step"}
    if [[ $step == [1-4]_* ]] && ((${step:0:1} < first)); then keep_patches "$page"; else cut_programs "$page"; fi
  done
  for page in "$copy"/README*.md "$copy"/docs/*.md "$copy"/step?_*/README*.md; do cut_links "$page"; done
  sed -i "1,/^# /s|^# .*|&\n\nThis is a student's copy: write the steps from step $first on, each in \`mine/stepN/\` (\`make start STEP=$first\`). The demos that change one of them are left out.|" \
    "$copy/README.md"
  sed -i "1,/^# /s|^# .*|&\n\n这是学生用的副本：从第 $first 步起由你自己编写，每一步写在 \`mine/stepN/\` 里（\`make start STEP=$first\`）。要改动这些步骤的演示不在其中。|" \
    "$copy/README.zh-CN.md"
}

# cut_player: the player shows the calls of a server without its source, where that is withheld.
cut_player() {
  awk -v first="$first" '
    /^<pre class="about">/ { withheld = !/>[1-4]\// || substr($0, 20, 1) >= first }
    /^<pre class="file">/ && withheld { cut = 1 }
    !cut
    cut && /<\/pre>$/ { cut = 0 }' docs/player.html >"$copy/docs/player.html"
}

# pack_puzzles: of each that may be drawn the built server, and the head of its patch.
pack_puzzles() {
  local name built=0 work=$temporary/puzzles
  find_puzzles ''
  mkdir "$work"
  for name in $(puzzle_names); do
    build_puzzle "$name" "$work/$name.server" &
    sed '/^$/,$d' "$PUZZLES/$name.patch" >"$work/$name.patch"
    ((++built % $(nproc))) || wait
  done
  wait
  for name in $(puzzle_names); do [[ -x $work/$name.server ]] || return 1; done
  tar -czf "$copy/$PUZZLE_ARCHIVE" -C "$work" .
}

# write_workflow: one for each step that is to be written.
write_workflow() {
  local steps
  steps=$(seq -s ', ' "$first" 4)
  sed "s/STEPS/$steps/" docs/class/workflow.yml >"$copy/.github/workflows/tests.yml"
}

copy_files
for ((step = first; step <= 4; step++)); do withhold_step "$step"; done
cut_makefile
cut_demos
cut_pages
cut_player
pack_puzzles
write_workflow
make --silent -C "$copy" clean
mkdir -p "$(dirname "$to")"
mv "$copy" "$to"
tell "%s is for students: the steps from step %s on are theirs to write." "$to" "$first"
