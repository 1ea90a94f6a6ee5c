# at_the_end FUNCTION: it is run when the script ends, however it ends but by kill -9. INT, TERM and
# HUP end it with status 130; a second signal, of make or a second Ctrl-C, cuts nothing short.
at_the_end() {
  # shellcheck disable=SC2064 # the name of the function, now
  trap "trap '' INT TERM HUP; $1" EXIT
  trap "trap '' INT TERM HUP; exit 130" INT TERM HUP
}
