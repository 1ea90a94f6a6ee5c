#!/usr/bin/env bash
# Prints what make can do here: the headings of the Makefile, and under each the targets with a ##
# comment. Those whose script is not here are left out: a student's copy has none for teachers.
# Argument: what stands there for $(DEMOS), the names of the demos.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

# is_here TARGETS: the script that the first of them runs, if it runs one, is here.
is_here() {
  local script
  script=$(sed -n "/^${1%% *}:/,/^\$/s|.*\(docs/[a-z_/]*\.[a-z]*\).*|\1|p" Makefile | sed -n 1p)
  [[ ! $script || -e $script ]]
}

heading=''
sed -nE -e 's/^# --- (.*)/|\1/p' -e 's/^(# )?([A-Za-z0-9_ -]*):.*## (.*)/\2|\3/p' Makefile |
  while IFS='|' read -r targets text; do
    text=$(translated "$text")
    if [[ ! $targets ]]; then
      heading=$text
    elif is_here "$targets"; then
      [[ ! $heading ]] || printf '\n== %s ==\n' "$heading"
      heading=''
      echo "make $targets"
      wrap 76 <<<"${text/'$(DEMOS)'/$1}" | sed 's/^/    /'
    fi
  done
