#!/usr/bin/env bash
# Checks what somebody thinks is the mistake of mine/puzzle/server. Offers five, reads the number of one
# from standard input, and says whether it is that; then also what one sees, the test that finds it
# and the lesson.
# Environment: HINT, 1 to only tell what one sees.
# Status 1 for a wrong answer or none, 2 when there is no puzzle.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash
# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=tests/helpers/puzzles.bash
. tests/helpers/puzzles.bash

if [[ ! -e $PUZZLE/seed ]]; then
  echo "There is no puzzle to answer. Start one: make puzzle" >&2
  exit 2
fi
read -r seed step <"$PUZZLE/seed"

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
find_puzzles "$temporary/puzzles"

# paragraph LABEL TEXT: prints them, wrapped, the lines after the first indented.
paragraph() { printf '%s %s\n' "$1" "$2" | fmt -t -w 78; }

answer=$(rank "$seed" "$step" | sed 1q)
patch=$PUZZLES/$answer.patch
if [[ ${HINT:-} == 1 ]]; then
  paragraph "What one sees:" "$(header symptom "$patch")"
  exit
fi

# The others are of the same step; by their names the order tells nothing.
others=$(rank "$seed" "$(header step "$patch")" | grep -vx "$answer" | head -n 4 || true)
mapfile -t offered < <(printf '%s\n' "$answer" "$others" | sort)
echo "What is the mistake?"
for i in "${!offered[@]}"; do
  paragraph "$((i + 1))." "$(header mistake "$PUZZLES/${offered[i]}.patch")"
done
if [[ -t 0 ]]; then printf 'Its number: '; fi
choice=''
read -r choice || true
if ! [[ $choice =~ ^[1-9]$ && ${offered[choice - 1]:-} ]]; then
  echo "A number from 1 to ${#offered[@]} was expected, and '$choice' came." >&2
  exit 1
fi

chosen=${offered[choice - 1]}
if [[ $chosen != "$answer" ]]; then
  paragraph "No. With that mistake one sees:" "$(header symptom "$PUZZLES/$chosen.patch")"
  echo "Look again; make answer HINT=1 tells what one sees of this one."
  exit 1
fi
paragraph "Yes:" "$(header mistake "$patch")"
paragraph "What one sees:" "$(header symptom "$patch")"
paragraph "The test:" "$(header test "$patch")"
paragraph "The lesson:" "$(lesson_of "$(header test "$patch")")"
