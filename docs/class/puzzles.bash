# The puzzles: the broken servers of tests/mistakes whose mistake shows from outside. A student's
# copy has those of the steps whose programs it has. Sourced in the root of the repository.
. tests/helpers/patches.bash

PUZZLE=mine/puzzle # the one that is played: server; in seed its SEED and STEP; in tries the answers
MISTAKES=tests/mistakes

# mistakes FIRST LAST EXCLUDED: prints the names of those of these steps whose report does not
# match, by steps, so that a copy without the last ones numbers the others alike.
mistakes() (
  shopt -s nullglob # a copy may have none
  awk -v first="$1" -v last="$2" -v excluded="$3" '
    /^# step: / { step = $3 }
    /^# report: / && $0 !~ excluded && first <= step && step <= last {
      gsub(/.*\/|\.patch$/, "", FILENAME)
      print step, FILENAME
    }' /dev/null "$MISTAKES"/*.patch | sort | cut -d ' ' -f 2
)

# puzzle_names STEP: prints the names of those that may be drawn, of that step or, if it is empty,
# of all. The seed of each is its line; so a seed stands for the same one on every machine.
puzzle_names() { mistakes "${1:-1}" "${1:-4}" '^# report: none:'; }

# choices STEP: prints the names of the mistakes that one may think of with a server of that step.
choices() { mistakes $(($1 - 1)) "$1" '^# report: none: it looks like'; }

# drawn SEED STEP: prints the name of the puzzle that the seed stands for.
drawn() { puzzle_names "$2" | sed -n "$1p"; }

# require_puzzles STEP: ends the script with status 2 when there are none of that step.
require_puzzles() {
  [[ $1 =~ ^[1-4]?$ ]] ||
    stop 2 "Which step? STEP=1, 2, 3 or 4, or none for any. You said: STEP='%s'" "$1"
  [[ $(puzzle_names "$1") ]] ||
    stop 2 "The puzzles of step %s are with your teacher: they are made of programs that are yours \
to write." "${1:-1}"
}
