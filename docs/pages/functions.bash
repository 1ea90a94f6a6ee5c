# Cutting functions out of the programs: for `make -C .ci drift` and for the lessons. Used in the root of the
# repository.

# functions FILE: prints the names of its functions.
functions() { sed -nE 's/^(static )?[a-z][a-z0-9_ ]* \*?([a-z_]+)\(.*[^;]$/\2/p' "$1"; }

# body FILE FUNCTION: prints it, with the comment above it; 1 when the file has none of that name.
body() { awk -f docs/pages/code.awk -v what="$2" "$1"; }
