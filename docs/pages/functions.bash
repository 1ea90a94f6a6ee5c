# Cutting functions out of the programs, for the lessons and for `make -C .ci drift`.

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
