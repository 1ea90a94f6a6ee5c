# The broken servers of tests/broken: reading the header of a patch.

# header NAME PATCH: prints the text of its line "# NAME: ...".
header() { sed -n "s/^# $1: //p" "$2"; }
