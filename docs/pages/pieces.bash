# The pieces of the programs that the lessons walk through; one that is not there is an error.
# Sourced in the root by docs/pages/generate.sh, which has block(), and by .ci/drift.sh.

# functions FILE: prints the names of its functions.
functions() { sed -nE 's/^(static )?[a-z][a-z0-9_ ]* \*?([a-z_]+)\(.*[^;]$/\2/p' "$1"; }

# body FILE NAME: prints the function or the struct of that name, with the comment above it; for the
# NAME loop the endless loop of main. 1 when there is none.
body() {
  awk -v name="$2" '
    !end && /^$|^}|^\/\*/ { text = "" }
    $0 ~ "^[a-z].*[ *]" name "\\(.*[^;]$" || $0 == "struct " name " {" { end = "^}" }
    name == "loop" && /^    for \(;;\)/ { text = ""; end = /{$/ ? "^    }" : ";$" }
    /./ || end { text = text (name == "loop" ? substr($0, 5) : $0) "\n" }
    end && $0 ~ end { exit }
    END { if (!end) exit 1; printf "%s", text }' "$1"
}

# program N, program FILE: prints the path of step N's server.c, or that of the file.
program() { if [[ -e $1 ]]; then echo "$1"; else echo "step$1"_*/server.c; fi; }

# code N|FILE NAME: the function or struct of that name, or the "loop" of main; "top" is what stands
# before the server itself, without the comment at the head of the file.
code() {
  local file piece
  file=$(program "$1")
  if [[ $2 == top ]]; then
    piece=$(sed -n '/^#define/,/^\/\* Returns a listening/p' "$file" | head -n -2)
  else
    piece=$(body "$file" "$2") || return
  fi
  block c "$piece"
}

# change N FUNCTION [WORD]: what step N changed in the function; with WORD the hunk that has it.
change() {
  local context=100 piece
  [[ ! ${3:-} ]] || context=1
  piece=$(diff -U $context <(body "$(program $(($1 - 1)))" "$2") <(body "$(program "$1")" "$2") |
    sed -e '1,2d' -e 's/^@@.*/\f/' | # so that awk reads a hunk at a time
    awk -v RS='\f' -v word="${3:-}" '$0 ~ word { sub(/^\n/, ""); printf "%s", $0 }')
  [[ $piece ]] || return 1
  block diff "$piece"
}
