# The story of a test: each verb notes what it did, and a failing test tells it.

STORY=() # what was done, a sentence for each step

# note FORMAT [ARGUMENT...]: adds a step to the story. STORYTELLER is the process that will tell it:
# what is noted in a subshell is lost, and a demo tells none.
note() {
  [[ $BASHPID != "${STORYTELLER:-}" ]] || STORY+=("$((${#STORY[@]} + 1)). $(translated "$@")")
}

# surprise NAME EXPECTED_FILE CAME_FILE: writes what was expected, what came to that client, where
# they first differ, and how its connection has ended, into the file $SCRATCH/surprise. Returns 1.
# For the hints it keeps EXPECTED and CAME, the number of bytes of each, DIFFERENCE, the number of
# the first byte that differs, and ENDING (of the connection: closed, reset or open).
surprise() {
  EXPECTED=$(stat -c %s "$2") CAME=$(stat -c %s "$3") ENDING=$(ending "$1")
  DIFFERENCE=$(cmp -l "$2" "$3" 2>/dev/null | awk '{ print $1; exit }')
  DIFFERENCE=${DIFFERENCE:-$((1 + (CAME < EXPECTED ? CAME : EXPECTED)))}
  {
    tell "expected: %s (%s bytes)" "$(visible "$2")" "$EXPECTED"
    tell "came:     %s (%s bytes)" "$(visible "$3")" "$CAME"
    ((!CAME)) || tell "first difference: byte %s" "$DIFFERENCE"
    ((CAME >= EXPECTED)) || case $ENDING in
      closed) tell "then the server has closed the connection" ;;
      reset) tell "then the server has reset the connection, or refused it (RST)" ;;
      open) tell "time out: nothing more came for %s s" "$DEADLINE" ;;
    esac
  } >"$SCRATCH/surprise"
  return 1
}

# fewer_came, more_came: in the last surprise fewer bytes came than expected, or more, right or
# wrong. other_bytes_came: the first that differs is neither missing nor one too many.
fewer_came() { ((${CAME:-0} < ${EXPECTED:-0})); }
more_came() { ((${CAME:-0} > ${EXPECTED:-0})); }
other_bytes_came() { ((${DIFFERENCE:-1} <= ${CAME:-0} && DIFFERENCE <= EXPECTED)); }

# visible FILE: prints the start of it in a line, with \0 and \n for what cannot be seen.
visible() {
  head -c 40 "$1" | od -An -v -tu1 | awk -v size="$(stat -c %s "$1")" '
    { for (i = 1; i <= NF; i++) text = text sign($i) }
    END { print text (size > 40 ? "..." : "") }
    function sign(byte) {
      if (byte == 0) return "\\0"
      if (byte == 10) return "\\n"
      if (byte < 32 || byte > 126) return sprintf("\\x%02x", byte)
      return sprintf("%c", byte)
    }'
}

# hint FORMAT [ARGUMENT...]: fails the test, and tells where to look. It writes to a file, because
# it may run in a subshell.
hint() {
  translated "$@" >"$SCRATCH/hint"
  return 1
}

# tell_story: prints the story with the hint and the lesson, in at most a screen.
tell_story() {
  local status=0
  if [[ -e $SCRATCH/surprise ]]; then cat "$SCRATCH/surprise"; fi
  if [[ ${SERVER_PID:-} ]] && server_has_ended; then
    await_server || status=$?
    [[ -e $SCRATCH/never_listened ]] || # explain_silence has said it
      tell "the server has ended, with status %s%s" "$status" "$(status_meaning "$status")"
  fi
  look_for_the_cause "$status" || true
  [[ ! -e $SCRATCH/hint || ${HINTS:-1} == 0 ]] || tell "hint: %s" "$(<"$SCRATCH/hint")"
  tell 'lesson: %s.md, "%s" (in Chinese: *.zh-CN.md)' "$LESSON" "$(translated "$SECTION")"
  tell "what was done:"
  printf '%s\n' "${STORY[@]//$'\n'/\\n}" >"$SCRATCH/lines"
  ends 3 9 "$SCRATCH/lines"
  if [[ ${PORT:-} ]]; then
    tell "ss, the server's end of port %s:" "$PORT"
    server_sockets >"$SCRATCH/lines"
    ends 5 3 "$SCRATCH/lines" printable
    tell "ss, the client's end:"
    client_sockets | sed "s, *users:.*,," >"$SCRATCH/lines" # those are the test's processes
    ends 5 3 "$SCRATCH/lines" printable
  fi
  if [[ -e ${SERVER_LOG:-} ]]; then
    tell "the server's output:"
    if [[ -s $SERVER_LOG ]]; then
      ends 4 4 "$SERVER_LOG" printable
    else
      tell "  (none; if yours prints, see docs/troubleshooting.md, \"The server prints nothing\")"
    fi
  fi
}

# is_the_matter FORMAT [ARGUMENT...]: what is wrong with the server, in a few words, for
# note_result; the first time counts, and more than a hint.
is_the_matter() { [[ -e $SCRATCH/cause ]] || tell "$@" >"$SCRATCH/cause"; }

# status_meaning STATUS: prints what an exit status above 125 means: what the shell could not do, or
# the signal, and what it is for, unless hints are hidden.
status_meaning() {
  (($1 > 125)) || return 0
  case ${HINTS:-1}$1 in
    1126) translated " (there is such a file, but it may not be executed)" ;;
    1127) translated " (there is no such program: is the path right, is it compiled?)" ;;
    1134) translated " (SIGABRT: abort(), or a check of the C library has failed)" ;;
    1136) translated " (SIGFPE: a division by zero)" ;;
    1139) translated " (SIGSEGV: a segmentation fault, an address that is not its own)" ;;
    1141) translated " (SIGPIPE: send() on a socket that is not connected, or no longer)" ;;
    1153) translated " (SIGXFSZ: it has printed 256 MiB; does it print in an endless loop?)" ;;
    1255) translated " (return -1 from main(), or exit(-1))" ;;
    *) (($1 < 129 || $1 > 192)) || translated " (SIG%s)" "$(kill -l $(($1 - 128)))" ;;
  esac
}

# printable: copies its input, the lines cut, control characters and all but ASCII made visible.
printable() { cut -c -160 | cat -v; }

# ends FIRST LAST FILE [FILTER]: prints its first and its last lines, so many, indented, each part
# through the filter. The file may be very long, and so may its lines.
ends() {
  local lines
  lines=$(wc -l <"$3")
  if [[ ! -s $3 ]]; then
    tell "(none)"
  elif ((lines > $1 + $2)); then
    head -n "$1" "$3" | head -c 4000 | "${4:-cat}"
    tell "... %s lines left out" $((lines - $1 - $2))
    tail -n "$2" "$3" | tail -c 4000 | "${4:-cat}"
  else
    head -c 8000 "$3" | "${4:-cat}"
  fi | sed 's/^/  /'
}
