# Explaining a server that cannot be tested: it does not listen where it should.

# The kernel has a listener on the port, but ss does not show whose it is (some sandboxes).
ss_is_blind() {
  local hexadecimal
  command -v ss >/dev/null || return 1 # without ss nothing may pass, not even by a skip
  printf -v hexadecimal '%04X' "$PORT"
  grep -qsE ":$hexadecimal [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6 &&
    [[ $(ss -Hltnp "sport = :$PORT") != *users:* ]]
}

# Prints in one sentence why there is no server to test, marks that with the file
# $SCRATCH/never_listened, and returns 1. If ss could not show the server
# in any case, it skips the test.
explain_silence() {
  if ss_is_blind && declare -F not_asked >/dev/null; then
    not_asked "ss does not show the sockets of this user's processes on this machine"
  fi
  local owner elsewhere swapped server_pids status=0
  owner=$(ss -Hltnp "sport = :$PORT")
  find_server_pids server_pids
  elsewhere=$(IFS='|' && ss -Hltnp | grep -E "pid=(${server_pids[*]:-none}),") || true
  if [[ $owner == *users:* ]] && server_has_ended; then
    tell "The server went to the background: the process that was started has ended, and another \
one listens. It must stay in the foreground. ss shows:" | wrap 89
    echo "  $owner"
    owner=${owner#*pid=}
    kill "${owner%%,*}"
    is_the_matter "it goes to the background"
  elif server_has_ended; then
    await_server || status=$?
    tell "The server ended, with status %s%s, before it listened on port %s." "$status" \
      "$(status_meaning "$status")" "$PORT" | wrap 89
    is_the_matter "it ended, with status %s%s, before it listened" \
      "$status" "$(status_meaning "$status")"
    if ((status < 126)) && declare -F hint >/dev/null; then
      hint "it ended without waiting for a client: check what socket(), bind(), listen() and \
accept() return, and print why with perror(). Is listen() called?" || true
    fi
  elif [[ $elsewhere ]]; then
    tell "The server does not listen on port %s, its first argument, but elsewhere. ss shows:" \
      "$PORT" | wrap 89
    echo "  $elsewhere"
    swapped=$((PORT / 256 + PORT % 256 * 256))
    [[ $elsewhere != *":$swapped "* ]] ||
      tell "%s has the two bytes of %s swapped: htons()?" "$swapped" "$PORT"
    is_the_matter "it listens elsewhere than on the port that is its first argument"
  else
    tell "The server runs, but after %s s it has no socket in LISTEN on port %s, its first \
argument. Does it call listen()?" "$DEADLINE" "$PORT" | wrap 89
    is_the_matter "it never listens on the port that is its first argument"
  fi
  tell "It was started as: %s" "${SERVER:-${SERVER_COMMAND[*]}} ${SERVER_ARGUMENTS[*]}"
  touch "$SCRATCH/never_listened"
  return 1
}
