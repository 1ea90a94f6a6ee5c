# Explaining a server that cannot be tested: it does not listen where it should.

# The kernel has a listener on the port, but ss does not show whose it is (some sandboxes).
ss_is_blind() {
  local hexadecimal
  command -v ss >/dev/null || return 1 # without ss nothing may pass, not even by a skip
  printf -v hexadecimal '%04X' "$PORT"
  grep -qsE ":$hexadecimal [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6 &&
    [[ $(ss -Hltnp "sport = :$PORT") != *users:* ]]
}

# Prints in one sentence why there is no server to test, and returns 1. If ss could not show the server
# in any case, it skips the test.
explain_silence() {
  if ss_is_blind && declare -F skip >/dev/null; then
    skip "ss does not show the sockets of this user's processes on this machine"
  fi
  local owner elsewhere swapped server_pids status=0
  owner=$(ss -Hltnp "sport = :$PORT")
  find_server_pids
  elsewhere=$(IFS='|' && ss -Hltnp | grep -E "pid=(${server_pids[*]:-none}),") || true
  if [[ $owner == *users:* ]] && server_has_ended; then
    echo "The server went to the background: the process that was started has ended, and another"
    echo "one listens. It must stay in the foreground. ss shows:"
    echo "  $owner"
    owner=${owner#*pid=}
    kill "${owner%%,*}"
  elif server_has_ended; then
    await_server || status=$?
    echo "The server ended, with status $status$(status_meaning "$status"), before it listened on port $PORT."
  elif [[ $elsewhere ]]; then
    swapped=$((PORT / 256 + PORT % 256 * 256))
    echo "The server does not listen on port $PORT, its first argument, but elsewhere$(
      [[ $elsewhere != *":$swapped "* ]] || echo ": $swapped has the two bytes of $PORT swapped (htons?)"
    ). ss shows:"
    echo "  $elsewhere"
  else
    echo "The server runs, but after $DEADLINE s it has no socket in LISTEN on port $PORT, its first"
    echo "argument. Does it call listen()?"
  fi
  echo "It was started as: ${SERVER:-${SERVER_COMMAND[*]}} ${SERVER_ARGUMENTS[*]}"
  touch "$SCRATCH/never_listened"
  return 1
}
