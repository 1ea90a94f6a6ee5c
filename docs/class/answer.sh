#!/usr/bin/env bash
# Checks what somebody thinks is the mistake of mine/puzzle/server. Offers five, reads the number of one
# from standard input, and says whether it is that; then also what one sees, the test that finds it
# and the lesson.
# Environment: HINT, 1 to only tell what one sees.
# Status 1 for a wrong answer or none, 2 when there is no puzzle.
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

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
find_puzzles "$temporary/puzzles"

# paragraph TEXT: prints it, wrapped, the lines after the first indented.
paragraph() { wrap 75 <<<"$1" | sed '2,$s/^/   /'; }

answer=$(rank "$seed" "$step" | sed 1q)
patch=$PUZZLES/$answer.patch
if [[ ${HINT:-} == 1 ]]; then
  paragraph "$(translated "What one sees: %s" "$(spoken_header symptom "$patch")")"
  exit
fi

# The others are of the same step; by their names the order tells nothing.
others=$(rank "$seed" "$(header step "$patch")" | grep -vx "$answer" | head -n 4 || true)
mapfile -t offered < <(printf '%s\n' "$answer" "$others" | sort)
tell "What is the mistake?"
for i in "${!offered[@]}"; do
  paragraph "$((i + 1)). $(spoken_header mistake "$PUZZLES/${offered[i]}.patch")"
done
if [[ -t 0 ]]; then printf '%s ' "$(translated "Its number:")"; fi
choice=''
read -r choice || true
if ! [[ $choice =~ ^[1-9]$ && ${offered[choice - 1]:-} ]]; then
  tell "A number from 1 to %s was expected, and '%s' came." "${#offered[@]}" "$choice" >&2
  exit 1
fi

chosen=${offered[choice - 1]}
if [[ $chosen != "$answer" ]]; then
  symptom=$(spoken_header symptom "$PUZZLES/$chosen.patch")
  paragraph "$(translated "No. With that mistake one sees: %s" "$symptom")"
  tell "Look again; make answer HINT=1 tells what one sees of this one."
  exit 1
fi
paragraph "$(translated "Yes: %s" "$(spoken_header mistake "$patch")")"
paragraph "$(translated "What one sees: %s" "$(spoken_header symptom "$patch")")"
paragraph "$(translated "The test: %s" "$(header test "$patch")")"
paragraph "$(translated "The lesson: %s" "$(lesson_of "$(header test "$patch")")")"
