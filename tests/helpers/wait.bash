# Waiting for what is about to happen, without sleeping and hoping.

DEADLINE=${DEADLINE:-5} # seconds that eventually() waits: generous, so that a busy machine passes

# eventually COMMAND [ARGUMENT...]: repeats the command until it succeeds. Returns 1 after DEADLINE
# seconds. The longer it waits, the less often it looks: each look starts programs.
eventually() {
  local looks=0 end=$((SECONDS + DEADLINE))
  until "$@"; do
    ((SECONDS <= end)) || return 1
    sleep "0.0$((looks < 5 ? ++looks : 5))"
  done
}
