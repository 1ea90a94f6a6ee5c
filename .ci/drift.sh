#!/usr/bin/env bash
# Shows where the common parts of neighbouring steps differ: every function that two of them share
# by name and that is not the same to the character. Status 1 when one differs that is not meant to,
# or one that is meant to no longer does.
set -euo pipefail
cd "$(dirname "$0")/.."
. docs/language/locale.bash
. docs/pages/pieces.bash

# the later one of the two steps, function
meant="2 open_listener
2 serve_client
3 main
3 serve_client
4 accept_client
4 main"

differing() {
  local steps=(step?_*/server.c) later one two name
  for later in 2 3 4; do
    one=${steps[later - 2]} two=${steps[later - 1]}
    for name in $(comm -12 <(functions "$one" | sort) <(functions "$two" | sort)); do
      [[ $(body "$one" "$name") == "$(body "$two" "$name")" ]] || echo "$later $name"
    done
  done
}

echo "Functions that differ between neighbouring steps (-: meant to, and do not; +: not meant to):"
diff -U 9 --label meant --label differing <(echo "$meant") <(differing) && echo "$meant"
