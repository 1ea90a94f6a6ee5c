#!/usr/bin/env bash
# Prints what make can do here: the headings of the Makefile, and under each the targets with a ## comment.
# Argument: what stands there for $(DEMOS), the names of the demos.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash

sed -nE -e 's/^# --- (.*)/|\1/p' -e 's/^(# )?([A-Za-z0-9_ -]*):.*## (.*)/\2|\3/p' Makefile |
  while IFS='|' read -r targets text; do
    text=$(translated "$text")
    if [[ ! $targets ]]; then
      printf '\n== %s ==\n' "$text"
    else
      echo "make $targets"
      # shellcheck disable=SC2016 # as it stands in the Makefile
      wrap 76 <<<"${text/'$(DEMOS)'/$1}" | sed 's/^/    /'
    fi
  done
