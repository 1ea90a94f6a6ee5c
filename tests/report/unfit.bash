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
# $SCRATCH/never_listened, and returns 1. If ss could not show the server in any case, it skips the
# test.
explain_silence() {
  if ss_is_blind && declare -F not_asked >/dev/null; then
    not_asked "ss does not show the sockets of this user's processes on this machine"
  fi
  local sockets owner server_pids swapped status=0
  sockets=$(ss -Hltnp "sport = :$PORT")
  # Ours does not, and who has its port then is another test's, which was quicker.
  if [[ ${SERVER:-} && $sockets == *users:* ]] && server_has_ended; then
    is_the_matter "it went to the background, and has to stay in the foreground"
    owner=${sockets#*pid=}
    kill "${owner%%,*}" 2>/dev/null || true # it may have ended meanwhile
  elif server_has_ended; then
    await_server || status=$?
    is_the_matter "it ended, with status %s%s, before it listened" \
      "$status" "$(status_meaning "$status")"
    ((status >= 126)) ||
      hint "it ended without waiting for a client: check what socket(), bind(), listen() and \
accept() return, and print why with perror(). Is listen() called?" || true
  else
    find_server_pids server_pids
    sockets=$(IFS='|' && ss -Hltnp | grep -E "pid=(${server_pids[*]}),") || true
    if [[ $sockets ]]; then
      is_the_matter "it listens elsewhere than on port %s, its first argument" "$PORT"
    else
      is_the_matter "it does not listen on port %s, its first argument, even after %s s; check \
that it calls listen()" "$PORT" "$DEADLINE"
    fi
  fi
  tell "The server cannot be used: %s." "$(<"$SCRATCH/cause")" | wrap 89
  [[ ! $sockets ]] || tell "ss shows: %s" "$sockets"
  swapped=$((PORT / 256 + PORT % 256 * 256))
  [[ $sockets != *":$swapped "* ]] ||
    tell "%s has the two bytes of %s swapped: htons()?" "$swapped" "$PORT"
  tell "It was started as: %s" "${SERVER:-${SERVER_COMMAND[*]}} ${SERVER_ARGUMENTS[*]}"
  touch "$SCRATCH/never_listened"
  return 1
}
