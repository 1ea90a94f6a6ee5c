# The pieces of the programs that the lessons walk through. Sourced by docs/pages/generate.sh, in the
# root of the repository. A piece that is not there is an error.

# shellcheck source=docs/pages/functions.bash
. docs/pages/functions.bash

# program N, program FILE: prints the path of step N's server.c, or that of the file.
program() { if [[ -e $1 ]]; then echo "$1"; else echo "step$1"_*/server.c; fi; }

# code N|FILE FUNCTION [FIRST LAST]: the function, or struct, or loop of main (code.awk), with its
# comment; or of it the lines from the first that
# contains FIRST to the next that contains LAST (words without spaces). The FUNCTION "top" is what
# stands before the server itself, without the comment at the head of the file.
code() {
  local piece
  if [[ $2 == top ]]; then
    piece=$(sed -n '/^#define/,/^\/\* Returns a listening/p' "$(program "$1")" | sed '$d' | sed '$d')
  else
    piece=$(body "$(program "$1")" "$2")
  fi
  if [[ ${3:-} ]]; then
    piece=$(awk -v first="$3" -v last="$4" '
      !inside && index($0, first) { inside = 1; print; next }
      inside { print; if (index($0, last)) exit }' <<<"$piece")
  fi
  [[ $piece ]] || return 1
  block c "$piece"
}

# change N FUNCTION [WORD]: what step N changed in the function; with WORD only the hunk that has it.
change() {
  local piece
  piece=$(diff -U "$([[ ${3:-} ]] && echo 1 || echo 100)" \
    <(body "$(program $(($1 - 1)))" "$2") <(body "$(program "$1")" "$2") | sed '1,2d' |
    awk -v word="${3:-}" '
      function flush() { if (hunk != "" && (word == "" || index(hunk, word))) printf "%s", hunk; hunk = "" }
      /^@@/ { flush(); next }
      { hunk = hunk $0 "\n" }
      END { flush() }')
  [[ $piece ]] || return 1
  block diff "$piece"
}
