#!/usr/bin/env bash
# For the teacher: prints a command for each puzzle, to give out, and its key.
# Argument: STEP, 1 to 4, or empty for those of all. Status 2 for another one.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
. docs/class/puzzles.bash

step=${1:-} seed=0
require_puzzles "$step"
while read -r name; do
  printf '%-30s %s\n' "make puzzle ${step:+STEP=$step }SEED=$((++seed))" "$name"
  spoken_header mistake "$MISTAKES/$name.patch" | wrap 90 | sed 's/^/    /'
done < <(puzzle_names "$step")
