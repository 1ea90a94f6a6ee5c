# The broken servers of tests/mistakes: reading the header of a patch.

# header NAME PATCH: prints the text of its line "# NAME: ...".
header() { sed -n "s/^# $1: //p" "$2"; }

# spoken_header NAME PATCH: the same in the language SPOKEN; the Chinese is in "# NAME-zh: ...".
spoken_header() {
  if [[ $SPOKEN == zh ]]; then header "$1-zh" "$2"; else header "$1" "$2"; fi
}
