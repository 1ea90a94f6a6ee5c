# The puzzles: the broken servers of tests/mistakes whose mistake shows from outside. Which one a seed
# stands for is the same on every machine. A student's copy (docs/class/handout.sh) has no patches:
# there an archive has the built programs, and of each patch its head.
# Sourced in the root of the repository, after patches.bash.

PUZZLE_ARCHIVE=tests/puzzles.tar.gz
# shellcheck disable=SC2034 # the one that is played: server, and in the file seed its SEED and STEP
PUZZLE=mine/puzzle

# find_puzzles FOLDER: sets PUZZLES to the folder that has NAME.patch for each; a new one, of that
# name, in a student's copy.
find_puzzles() {
  PUZZLES=tests/mistakes
  [[ -e $PUZZLE_ARCHIVE ]] || return 0
  PUZZLES=$1
  mkdir "$PUZZLES"
  tar -xzf "$PUZZLE_ARCHIVE" -C "$PUZZLES"
}

# puzzle_names [STEP]: prints the names of those that may be drawn, of that step or of all.
puzzle_names() {
  awk -v wanted="${1:-}" '
    /^# step: / { step = $3 }
    /^# report: / && $3 != "none:" && (wanted == "" || step == wanted) {
      gsub(/.*\/|\.patch$/, "", FILENAME)
      print FILENAME
    }' "$PUZZLES"/*.patch
}

# rank SEED [STEP]: prints the names in the order of their hashes with the seed; the first is drawn.
# A new puzzle changes what a seed stands for only where it comes first itself.
rank() {
  local name folder
  folder=$(mktemp -d)
  for name in $(puzzle_names "${2:-}"); do echo "$1 $name" >"$folder/$name"; done
  (cd "$folder" && sha256sum -- *) | sort | sed 's/.* //'
  rm -r "$folder"
}

# build_puzzle NAME FILE: makes the program, stripped, without the warnings that would tell, and leaves
# no source behind; 1 when it cannot.
build_puzzle() {
  local patch=$PUZZLES/$1.patch work step
  if [[ -e $PUZZLES/$1.server ]]; then
    cp "$PUZZLES/$1.server" "$2"
    return
  fi
  docs/look/doctor.sh cc patch || return
  step=$(header step "$patch")
  work=$(mktemp -d)
  cp -r "step$step"_* "$work"
  patch --silent --strip=1 --directory="$work" <"$patch" &&
    env -u MAKEFLAGS make --silent --always-make -C "$work/step$step"_* CFLAGS='-O2 -w' LDFLAGS=-s >&2 &&
    cp "$work/step$step"_*/server "$2" || work+=" failed"
  rm -rf "${work% failed}"
  [[ $work != *" failed" ]]
}

# lesson_of TEST: prints where the lesson is that the test belongs to; as `lesson` in suite.bash does.
lesson_of() {
  local file step section
  file=$(grep -lF "@test \"$1\" {" tests/step?_*.bats)
  read -r step section < <(sed -nE 's/^lesson (step[1-4]) "(.*)"$/\1 \2/p' "$file")
  tell "%s/README.md, \"%s\" (README.zh-CN.md)" "$(echo "$step"_*)" "$(translated "$section")"
}
