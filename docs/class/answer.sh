#!/usr/bin/env bash
# Checks what somebody thinks is the mistake of mine/puzzle/server. Asks for their own words, then
# offers five and asks for the number of one, reads each as a line of standard input, and says
# whether it is that; if it is, also what one sees, and the test that finds it, whose story names
# the lesson.
# Environment: HINT, 1 to only tell what one sees.
# Status 0 for a wrong answer, too; 2 when there is no puzzle.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=docs/class/puzzles.bash
. docs/class/puzzles.bash

if [[ ! -e $PUZZLE/seed ]]; then
  tell "There is no puzzle to answer. Start one: make puzzle" >&2
  exit 2
fi
read -r seed step <"$PUZZLE/seed"

# paragraph TEXT: prints it, wrapped, the lines after the first indented.
paragraph() { wrap 75 <<<"$1" | sed '2,$s/^/   /'; }

# ask_for QUESTION: prints it, and then the answer.
ask_for() {
  local line=''
  printf '%s ' "$1" >&2
  read -r line || true
  [[ -t 0 ]] || echo >&2
  printf '%s' "$line"
}

answer=$(drawn "$seed" "$step")
patch=$MISTAKES/$answer.patch
if [[ ${HINT:-} == 1 ]]; then
  paragraph "$(translated "What one sees: %s" "$(spoken_header symptom "$patch")")"
  exit
fi

words=$(ask_for "$(translated "What is the mistake, in your own words?")")
others=$(choices "$(header step "$patch")" | grep -vx "$answer" | rank "$seed" | sed -n 1,4p)
mapfile -t offered < <(printf '%s\n' "$answer" "$others" | sort) # so the order tells nothing
tell "Which of these did you mean?"
for i in "${!offered[@]}"; do
  paragraph "$((i + 1)). $(spoken_header mistake "$MISTAKES/${offered[i]}.patch")"
done
choice=$(ask_for "$(translated "Its number:")")
if ! [[ $choice =~ ^[1-9]$ && ${offered[choice - 1]:-} ]]; then
  tell "A number from 1 to %s was expected, and '%s' came." "${#offered[@]}" "$choice"
  exit
fi

echo "$choice" >>"$PUZZLE/tries"
tries=$(wc -l <"$PUZZLE/tries")
chosen=${offered[choice - 1]}
if [[ $chosen != "$answer" ]]; then
  symptom=$(spoken_header symptom "$MISTAKES/$chosen.patch")
  paragraph "$(translated "No. With that mistake one sees: %s" "$symptom")"
  tell "That was try %s. Look again; make answer HINT=1 tells what one sees of this one." "$tries"
  exit
fi
paragraph "$(translated "Yes: %s" "$(spoken_header mistake "$patch")")"
[[ ! $words ]] || paragraph "$(translated "Your words: %s" "$words")"
tell "Found at try %s." "$tries"
paragraph "$(translated "What one sees: %s" "$(spoken_header symptom "$patch")")"
paragraph "$(translated "The test: %s" "$(translated "$(header test "$patch")")")"
