#!/usr/bin/env bash
# Asks what is the mistake of mine/puzzle/server: first in one's own words, a line, then as the
# number of one of five. Says whether it is that; if it is, also the symptom, and the test that
# finds it.
# Environment: HINT, 1 to describe the symptom and ask nothing.
# Status 0 for a wrong answer, too; 2 when there is no puzzle.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
. docs/class/puzzles.bash

[[ -e $PUZZLE/seed ]] || stop 2 "There is no puzzle to answer. Start one: make puzzle"
read -r seed step <"$PUZZLE/seed"
answer=$(drawn "$seed" "$step")

# indented: copies its input, wrapped, the lines after the first indented.
indented() { wrap 75 | sed '2,$s/^/   /'; }

# told HEADER NAME: prints what the header of a mistake says.
told() { spoken_header "$1" "$MISTAKES/$2.patch"; }

if [[ ${HINT:-} == 1 ]]; then
  tell "The symptom: %s" "$(told symptom "$answer")" | indented
  exit
fi

tell "What is the mistake, in your own words?"
read -r words || true
others=$(choices "$(header step "$MISTAKES/$answer.patch")" | grep -vx "$answer" |
  shuf -n 4 --random-source=<(yes "$seed"))
mapfile -t offered < <(printf '%s\n' "$answer" "$others" | sort) # so the order tells nothing
tell "Which of these did you mean?"
for i in "${!offered[@]}"; do
  echo "$((i + 1)). $(told mistake "${offered[i]}")" | indented
done
tell "Its number:"
read -r choice || true
if ! [[ $choice =~ ^[1-9]$ && ${offered[choice - 1]:-} ]]; then
  tell "A number from 1 to %s was expected, and '%s' came." "${#offered[@]}" "$choice"
  exit
fi

echo "$choice" >>"$PUZZLE/tries"
tries=$(wc -l <"$PUZZLE/tries")
chosen=${offered[choice - 1]}
if [[ $chosen != "$answer" ]]; then
  tell "No. That mistake has another symptom: %s" "$(told symptom "$chosen")" | indented
  tell "That was try %s. Look again; make answer HINT=1 describes the symptom of this one." "$tries"
  exit
fi
tell "Yes: %s" "$(told mistake "$answer")" | indented
[[ ! $words ]] || tell "Your words: %s" "$words" | indented
tell "Found at try %s." "$tries"
tell "The symptom: %s" "$(told symptom "$answer")" | indented
tell "The test: %s" "$(translated "$(header test "$MISTAKES/$answer.patch")")" | indented
