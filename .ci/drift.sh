#!/usr/bin/env bash
# Shows where the common parts of neighbouring steps differ: every function that two of them share by
# name and that is not the same to the character. Meant to differ are those listed below.
# Status 1 when another one does, or when one of these no longer differs.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash

# shellcheck source=docs/pages/functions.bash
. docs/pages/functions.bash

# step of the two that is the later one, function
meant="2 open_listener
2 serve_client
3 serve_client
3 main
4 accept_client
4 main"

steps=(step?_*/server.c)
differing=''
for later in 2 3 4; do
  one=${steps[later - 2]} two=${steps[later - 1]}
  for name in $(functions "$one"); do
    functions "$two" | grep -qx "$name" || continue
    [[ $(body "$one" "$name") == "$(body "$two" "$name")" ]] || differing+="$later $name"$'\n'
  done
done
differing=${differing%$'\n'}

if [[ $differing == "$meant" ]]; then
  echo "Between neighbouring steps only the functions differ that are meant to:"
  while read -r step name; do echo "  step $step: $name"; done <<<"$differing"
else
  echo "Functions that neighbouring steps share by name (-: meant to differ, +: do differ):" >&2
  diff -u0 <(echo "$meant") <(echo "$differing") | grep '^[-+][0-9]' >&2
  exit 1
fi
