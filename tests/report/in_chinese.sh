#!/usr/bin/env bash
# A formatter of bats, for --formatter: puts the Chinese names of the tests in place of the English
# ones, and leaves the rest to bats' own: that for terminals when standard output is one, else TAP.
# Arguments: those that bats gives its formatters. Standard input: what bats tells them.
set -euo pipefail
trap '' INT # as they do: the last lines come after Ctrl-C
. "$(dirname "$0")/../../docs/language/locale.bash"

form=tap
[[ ! -t 1 || ${TERM:-dumb} == dumb || ${NO_COLOR:-} ]] || form=pretty
while IFS= read -r line; do
  # begin N NAME, ok N NAME in 5ms, ok N NAME # skip ...: the name is what the table knows
  if [[ $line =~ ^((begin|ok|not\ ok)\ [0-9]+\ )(.*)$ ]]; then
    start=${BASH_REMATCH[1]} name=${BASH_REMATCH[3]} end=''
    while [[ $name == *" "* && ! ${CHINESE[$name]:-} ]]; do
      end=" ${name##* }$end" name=${name% *}
    done
    line=$start${CHINESE[$name]:-$name}$end
  elif [[ $line =~ ^'# (in test file '(.*)', line '([0-9]+)')'$ ]]; then
    file=${BASH_REMATCH[1]}
    line="# $(translated "(%s, line %s)" "$file" "${BASH_REMATCH[2]}")"
  elif [[ $line == "#   \`"*"' failed"* && ${file:-} != tests/repository/* ]]; then
    continue # the line of a step's test that failed: it repeats the hint in English
  fi
  printf '%s\n' "$line"
done | LC_ALL=C.UTF-8 "bats-format-$form" "$@" # a line is cut between characters
