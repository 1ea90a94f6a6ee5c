# The puzzles: the broken servers of tests/mistakes whose mistake shows from outside. Which one a
# seed stands for is the same on every machine. A student's copy has those of the steps whose
# programs it has. Sourced in the root of the repository, after patches.bash.

# shellcheck disable=SC2034
PUZZLE=mine/puzzle # the one that is played: server; in seed its SEED and STEP; in tries the answers
MISTAKES=tests/mistakes

# mistakes FIRST LAST EXCLUDED: prints the names of those of these steps whose report does not
# match.
mistakes() {
  compgen -G "$MISTAKES/*.patch" >/dev/null || return 0
  awk -v first="$1" -v last="$2" -v excluded="$3" '
    /^# step: / { step = $3 }
    /^# report: / && $0 !~ excluded && first <= step && step <= last {
      gsub(/.*\/|\.patch$/, "", FILENAME)
      print FILENAME
    }' "$MISTAKES"/*.patch
}

# puzzle_names [STEP]: prints the names of those that may be drawn, of that step or of all.
puzzle_names() { mistakes "${1:-1}" "${1:-4}" '^# report: none:'; }

# choices STEP: prints the names of the mistakes that one may think of with a server of that step.
choices() { mistakes $(($1 - 1)) "$1" '^# report: none: it looks like'; }

# rank SEED: prints the names on its input in the order of their hashes with the seed; the first is
# drawn. A new puzzle changes what a seed stands for only where it comes first itself.
rank() {
  local name
  while read -r name; do printf '%s %s\n' "$(sha256sum <<<"$1 $name")" "$name"; done |
    sort | sed 's/.* //'
}

# drawn SEED [STEP]: prints the name of the puzzle that the seed stands for.
drawn() { puzzle_names "${2:-}" | rank "$1" | sed -n 1p; }

# require_step STEP, require_seed SEED: end the script with status 2 when it is none.
require_step() {
  [[ $1 =~ ^[1-4]?$ ]] || {
    tell "Which step? STEP=1, 2, 3 or 4, or none for any. You said: STEP='%s'" "$1" >&2
    exit 2
  }
  [[ $(puzzle_names "$1") ]] || {
    tell "The puzzles of step %s are with your teacher: they are made of programs that are yours to \
write." "${1:-1}" >&2
    exit 2
  }
}
require_seed() {
  [[ $1 =~ ^[0-9]{1,9}$ ]] || {
    tell "A seed is a number of at most nine digits. You said: '%s'" "$1" >&2
    exit 2
  }
}

random_seed() { echo $((1 + (RANDOM * 32768 + RANDOM) % 9999)); }

# build_puzzle NAME FILE: makes the program, stripped, without the warnings that would tell, and
# leaves no source behind; 1 when it cannot.
build_puzzle() {
  local patch=$MISTAKES/$1.patch work step status=0
  docs/look/doctor.sh cc patch || return
  step=$(header step "$patch")
  work=$(mktemp -d)
  cp -r "step$step"_* "$work"
  patch --silent --strip=1 --directory="$work" <"$patch" &&
    env -u MAKEFLAGS make --silent --always-make -C "$work/step$step"_* CFLAGS='-O2 -w' LDFLAGS=-s >&2 &&
    cp "$work/step$step"_*/server "$2" || status=1
  rm -r "$work"
  return "$status"
}
