# outside COMMAND...: runs it as a user would: not as part of the make and the bats that run these
# tests.
outside() {
  local name unset=(-u MAKEFLAGS -u MAKELEVEL -u SERVER -u FROM -u STEP -u TEST)
  for name in "${!BATS_@}"; do unset+=(-u "$name"); done
  env "${unset[@]}" PATH="${PATH//$BATS_LIBEXEC:/}" "$@"
}

make() { outside make --no-print-directory "$@"; }
