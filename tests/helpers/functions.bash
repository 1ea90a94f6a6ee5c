# Cutting functions out of the programs: for `make drift` and for the lessons.

# functions FILE: prints the names of its functions.
functions() { sed -nE 's/^(static )?[a-z][a-z0-9_ ]* \*?([a-z_]+)\(.*[^;]$/\2/p' "$1"; }

# body FILE FUNCTION: prints the function with the comment above it, or nothing when there is no such
# function.
body() {
  awk -v name="$2" '
    /^\/\*/ { comment = ""; in_comment = 1 }
    in_comment { comment = comment $0 "\n"; if (/\*\//) in_comment = 0; next }
    $0 ~ "^[a-z].*[ *]" name "\\(" && !/;$/ { inside = 1; printf "%s", comment }
    inside { print }
    inside && /^}/ { exit }
    /^}/ || /^$/ { comment = "" }
  ' "$1"
}
