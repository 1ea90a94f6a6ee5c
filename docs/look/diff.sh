#!/usr/bin/env bash
# Prints what a step changed, as a diff from the step before; coloured on a terminal.
# Arguments: the step, 2 to 4; and 1 to leave out what is around the server: the head of the
# file. Environment: NO_COLOR. Status 0 though they differ.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

before=$(echo "step$(($1 - 1))"_*/server.c)
after=$(echo "step$1"_*/server.c)
part=1
[[ ${2:-} != 1 ]] || part='/^\/\* Helpers, at/'
diff -u --color="$([[ ${NO_COLOR:-} ]] && echo never || echo auto)" --label "$before" \
  --label "$after" <(sed -n "$part,\$p" "$before") <(sed -n "$part,\$p" "$after") || (($? == 1))
