# trace_only_the_test: to be called first in setup(). bats takes note of every command before it
# runs, to name the line that failed. Within the loops of our functions that takes most of the time,
# and nobody asks for their lines.
trace_only_the_test() {
  set +T
  # shellcheck disable=SC2046 # names of functions
  declare -ft "$BATS_TEST_NAME" run $(compgen -A function bats_)
}
