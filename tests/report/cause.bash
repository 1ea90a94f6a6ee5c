# What has happened to the server, as one can see it from outside. That explains most failures
# better than the words of the test that has failed.

# look_for_the_cause STATUS: replaces the hint of the test when what is seen explains more. STATUS
# is the server's, if it has ended. Returns 1, as hint does, when it has said something.
look_for_the_cause() {
  local line
  [[ ${SERVER_PID:-} ]] || return 0
  if [[ -e $SCRATCH/late ]]; then
    hint "after %s s of this test the server was killed: what takes so long, or never ends?" \
      "$SECONDS_MAX"
  elif line=$(sanitizer_report) && [[ $line ]]; then
    hint "a sanitizer has found the mistake; read what it says in the server's output: %s" \
      "${line:0:100}"
  elif server_has_ended; then
    why_it_has_ended "$1"
  elif [[ -e $SCRATCH/never_listened ]]; then
    return 0
  elif ((STEP >= 3)) && ! server_is_listening; then # one of step 1 or 2 may close it after accept()
    hint "LISTEN is gone: close() was given the listener's descriptor, not the client's"
  elif line=$(repeated_line) && [[ $line == *accept*"Bad file"* ]]; then
    hint "its output repeats '%s': does a child call accept(), too? It should exit()" "$line"
  elif [[ $line ]]; then
    hint "its output repeats '%s': that call fails each time" "$line"
  elif server_spins; then
    hint "it keeps a core busy: a call returns at once, again and again. recv() with 0 when the \
client has left? accept(), recv() or send() with -1? poll() or epoll_wait() for what nobody takes?"
  elif ((STEP >= 3)) && ! DEADLINE=1 eventually nobody_is_in_close_wait; then
    hint "CLOSE-WAIT stays in ss: the client has left, and close() is missing, in each process \
that has the descriptor"
  elif other_bytes_came && [[ -e $NOTES/altered ]]; then
    alters_bytes
  fi
}

# Prints the line with which a sanitizer begins its report, if it has found something. (That of
# threads does not end the server.)
sanitizer_report() {
  local place='[^ ]+:[0-9]+:[0-9]+' # server.c:105:9
  grep -aosEm1 "(ERROR: [A-Za-z]+|WARNING: Thread)Sanitizer.*|$place: runtime error: .*" \
    "${SERVER_LOG:-}" || true
}

# why_it_has_ended STATUS: for a client's sake it should not. What is known best comes first.
why_it_has_ended() {
  local last
  last=$(tail -n 1 "$SERVER_LOG" | tr -d '\0')
  if grep -aqE 'std::system_error|failed to spawn thread|panicked at' "$SERVER_LOG"; then
    hint "it threw, and nobody caught it: if a client gets no thread, close that client and go on"
  elif [[ $last == *accept*"Bad file descriptor"* || $last == *accept*"Invalid argument"* ]]; then
    hint "LISTEN is gone: close() was given the listener's descriptor, not the client's"
  elif [[ $last == *"Interrupted system call"* || $last == *EINTR* ]]; then
    hint "a call was interrupted (EINTR): call it again. SIGCHLD does so to accept(), SIGCONT to \
epoll_wait()"
  elif [[ $last == *bind*"Address already in use"* && ! -e $SCRATCH/never_listened ]]; then
    hint "bind() was called again: make the listener once, and call accept() in the loop"
  elif (($1 > 128 && $1 < 193)); then
    is_the_matter "it has ended, with status %s%s" "$1" "$(status_meaning "$1")"
    # In the tests of step 1 no client leaves before the reply.
    if (($1 == 141)) && [[ -e $SCRATCH/never_listened || $LESSON == step1* ]]; then
      hint "SIGPIPE, and no client has left: was send() called with the listener? Take the \
descriptor that accept() returned"
    elif (($1 == 141)); then
      hint "send() to a client that is gone raises SIGPIPE: ignore the signal, and check for -1"
    elif (($1 == 153)); then
      hint "print when a client comes and when it leaves, not in a loop"
    elif [[ ! -e $SCRATCH/never_listened || ! -e $SCRATCH/hint ]]; then
      hint "it has crashed: build it with -g -fsanitize=address,undefined, and test it again"
    fi
  elif [[ -e $SCRATCH/never_listened ]]; then
    return 0 # explain_silence has said it
  elif (($1 == 0)) && [[ $LESSON == step[34]* ]]; then
    hint "it has ended, with status 0: main() has returned, or exit() was called. Does its loop \
around accept() end? In a thread return, and do not call exit()"
  elif [[ ! -e $SCRATCH/hint ]]; then
    hint "it has ended, with status %s%s: which call failed? Its last line should tell" \
      "$1" "$(status_meaning "$1")"
  fi
}

# alters_bytes: once that is seen, no loop or buffer is to be blamed for it in a later test.
alters_bytes() {
  touch "$NOTES/altered"
  hint "it alters bytes: send them as recv() has stored them. They are not text"
}

# Prints the line about a failed call that makes up a good part of the end of its output.
repeated_line() {
  local errors='Bad file|Invalid arg|not connected|not supported|Resource temp|errno'
  tail -n 40 "$SERVER_LOG" | cut -c -100 | grep -aE "$errors" |
    sort | uniq -c | sort -rn | sed -nE '1s/^ *([2-9][0-9]+) (.*)/\2/p'
}

# It uses the processor, while no byte moves.
server_spins() {
  local queues before
  ! server_sleeps || return 1
  queues=$(bytes_on_the_way)
  before=$(server_ticks)
  DEADLINE=1 eventually server_used_cpu 10 "$before" && [[ $(bytes_on_the_way) == "$queues" ]]
}

# No process owns a connection whose client has stopped sending, and whose bytes have all been read.
nobody_is_in_close_wait() { ! has_line "$(server_sockets)" '^CLOSE-WAIT +[01] +0 .*users:'; }
