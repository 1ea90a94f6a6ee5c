#!/usr/bin/env bash
# For the teacher: prints commands that start puzzles, to give out, each with its key.
# Arguments: STEP, 1 to 4, or empty for any; SEEDS, numbers with spaces between them, or empty for
# random ones, up to ten, each with another mistake. Status 2 for another STEP or SEED.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=docs/class/puzzles.bash
. docs/class/puzzles.bash

step=${1:-}
require_step "$step"
read -r -a seeds <<<"${2:-}"
for seed in "${seeds[@]}"; do require_seed "$seed"; done

# print_key SEED: what to give out, and what it is.
print_key() {
  local name
  name=$(drawn "$1" "$step")
  printf '%-30s %s\n' "make puzzle ${step:+STEP=$step }SEED=$1" "$name"
  spoken_header mistake "$MISTAKES/$name.patch" | wrap 90 | sed 's/^/    /'
}

for seed in "${seeds[@]}"; do print_key "$seed"; done
((!${#seeds[@]})) || exit 0

declare -A given=() # the mistakes that have been printed
wanted=$(puzzle_names "$step" | sed -n 1,10p | wc -l)
while ((${#given[@]} < wanted)); do
  seed=$(random_seed)
  name=$(drawn "$seed" "$step")
  [[ ${given[$name]:-} ]] || print_key "$seed"
  given[$name]=yes
done
