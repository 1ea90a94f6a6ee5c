# The broken servers of tests/broken: what the head of a patch says.

# header NAME PATCH: prints the text of its line "# NAME: ...".
header() { sed -n "s/^# $1: //p" "$2"; }
