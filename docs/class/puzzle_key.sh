#!/usr/bin/env bash
# For the teacher: prints commands that start puzzles, to give out, each with its key.
# Arguments: STEP, 1 to 4, or empty for any; SEEDS, numbers with spaces between them, or empty for up to
# ten random ones, each with another mistake. Status 2 for another STEP or SEED.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=docs/class/puzzles.bash
. docs/class/puzzles.bash

# distinct_seeds STEP: prints ten random seeds, or as many as there are mistakes, each for another.
distinct_seeds() {
  local seed name wanted
  local -A seen=()
  wanted=$(puzzle_names "$1" | head -n 10 | wc -l)
  while ((${#seen[@]} < wanted)); do
    seed=$(random_seed)
    name=$(drawn "$seed" "$1")
    [[ ${seen[$name]:-} ]] || echo "$seed"
    seen[$name]=$seed
  done
}

step=${1:-}
require_step "$step"
read -r -a seeds <<<"${2:-}"
for seed in "${seeds[@]}"; do require_seed "$seed"; done
((${#seeds[@]})) || mapfile -t seeds < <(distinct_seeds "$step")
for seed in "${seeds[@]}"; do
  name=$(drawn "$seed" "$step")
  printf '%-30s %s\n' "make puzzle ${step:+STEP=$step }SEED=$seed" "$name"
  spoken_header mistake "$MISTAKES/$name.patch" | wrap 90 | sed 's/^/    /'
done
