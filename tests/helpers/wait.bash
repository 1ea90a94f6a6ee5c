# Waiting for what is about to happen, without sleeping and hoping.

DEADLINE=${DEADLINE:-5} # seconds that eventually() waits: generous, so that a busy machine passes

# eventually COMMAND [ARGUMENT...]: repeats the command until it succeeds. Returns 1 after DEADLINE
# seconds.
eventually() {
  local end=$((SECONDS + DEADLINE))
  until "$@"; do
    ((SECONDS <= end)) || return 1
    sleep 0.01
  done
}
