# Patches of our steps: those of tests/mistakes and tests/right, which have a header, and those of
# the demos.

# header NAME PATCH: prints the text of its line "# NAME: ...".
header() { sed -n "s/^# $1: //p" "$2"; }

# spoken_header NAME PATCH: the same in the language SPOKEN; the Chinese is in "# NAME-zh: ...".
spoken_header() {
  if [[ $SPOKEN == zh ]]; then header "$1-zh" "$2"; else header "$1" "$2"; fi
}

# build_patches FOLDER PATCH...: builds, in a copy within FOLDER, the step that these patches
# change, and prints the path of its server. CFLAGS is for make. Returns 1 when one does not apply,
# or the compiler fails.
build_patches() {
  local step patch
  step=$(sed -nE 's,^\+\+\+ b/(step[^/]*)/.*,\1,p' "$2")
  rm -rf "${1:?}/$step"
  mkdir -p "$1"
  cp -r "${BASH_SOURCE[0]%/*}/../../$step" "$1"
  for patch in "${@:2}"; do
    patch --silent --strip=1 --fuzz=0 --directory="$1" <"$patch" || return
  done
  env -u MAKEFLAGS make --silent --always-make --directory="$1/$step" >&2 || return
  echo "$1/$step/server"
}
