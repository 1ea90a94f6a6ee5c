# make, as a user would call it: not as part of the make and the bats that run these tests.
make() {
  local name unset=(-u MAKEFLAGS -u MAKELEVEL -u SERVER -u FROM -u STEP -u TEST)
  for name in "${!BATS_@}"; do unset+=(-u "$name"); done
  env "${unset[@]}" PATH="${PATH//$BATS_LIBEXEC:/}" make --no-print-directory "$@"
}
