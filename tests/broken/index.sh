#!/usr/bin/env bash
# Writes the table at the end of README.md anew, from the headers of the patches.
# With --check it only says what is stale there, with status 1.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C # the order of the patches

# field NAME PATCH: prints what the header of the patch says in its line "# NAME: ...".
field() { sed -n "s/^# $1: //p" "$2"; }

table() {
  local patch
  echo "| stage | broken server | the mistake | what you see | the test that fails |"
  echo "| --- | --- | --- | --- | --- |"
  for patch in *.patch; do
    printf '| %s | [%s](%s) | %s | %s | %s |\n' "$(field stage "$patch")" \
      "${patch%.patch}" "$patch" "$(field mistake "$patch")" \
      "$(field symptom "$patch")" "$(field test "$patch")"
  done | sort --stable --field-separator='|' --key=2,2n
}

page=$(sed '/^|/,$d' README.md && table)
if [[ ${1:-} == --check ]]; then
  diff README.md - <<<"$page"
else
  printf '%s\n' "$page" >README.md
fi
