# The story of a test: each verb notes what it did, and a failing test tells it.

STORY=() # what was done, a sentence for each step

# note FORMAT [ARGUMENT...]: adds a step to the story. STORYTELLER is the process that will tell it:
# what is noted in a subshell is lost, and a demo tells none.
note() {
  [[ $BASHPID != "${STORYTELLER:-}" ]] || STORY+=("$(translated "$@")")
}

# surprise EXPECTED_FILE CAME_FILE ENDING: writes what was expected, what came, where they first
# differ, and how the connection ended (closed, reset or open), into the file $SCRATCH/surprise. Keeps
# EXPECTED and CAME, the number of bytes of each, and DIFFERENCE, the number of the first byte that
# differs, for the questions below.
surprise() {
  EXPECTED=$(stat -c %s "$1") CAME=$(stat -c %s "$2") DIFFERENCE=$(first_difference "$1" "$2")
  {
    tell "expected: %s (%s bytes)" "$(visible "$1")" "$EXPECTED"
    tell "came:     %s (%s bytes)" "$(visible "$2")" "$CAME"
    ((!CAME)) || tell "first difference: byte %s" "$DIFFERENCE"
    ((CAME >= EXPECTED)) || how_it_ended "$3"
  } >"$SCRATCH/surprise"
}

# fewer_came, more_came: in the last surprise fewer bytes came than expected, or more, right or
# wrong. other_bytes_came: the first that differs is neither missing nor one too many.
fewer_came() { ((${CAME:-0} < ${EXPECTED:-0})); }
more_came() { ((${CAME:-0} > ${EXPECTED:-0})); }
other_bytes_came() { ((${DIFFERENCE:-1} <= ${CAME:-0} && DIFFERENCE <= EXPECTED)); }

how_it_ended() {
  case $1 in
    closed) tell "then the server has closed the connection" ;;
    reset) tell "then the server has reset the connection, or refused it (RST)" ;;
    *) tell "time out: nothing more came for %s s" "$DEADLINE" ;;
  esac
}

# first_difference ONE OTHER: prints the number of the first byte, from 1, in which the files differ.
first_difference() {
  local first
  first=$(cmp -l "$1" "$2" 2>/dev/null | awk '{ print $1; exit }')
  echo "${first:-$((1 + $(stat -c %s "$1" "$2" | sort -n | head -n 1)))}"
}

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
  if [[ -e $SCRATCH/hint && ${HINTS:-1} != 0 ]]; then cat "$SCRATCH/hint"; fi
  tell 'lesson: %s.md, "%s" (in Chinese: *.zh-CN.md)' "$LESSON" "$(translated "$SECTION")"
  tell "what was done:"
  printf '%s\n' "${STORY[@]//$'\n'/\\n}" | awk '{ print NR ". " $0 }' | ends 3 9
  if [[ ${PORT:-} ]]; then
    tell "ss, the server's end of port %s:" "$PORT"
    server_sockets | printable | or_none | ends 5 3
    tell "ss, the client's end:"
    client_sockets | sed "s, *users:.*,," | printable | or_none | ends 5 3 # they are the test's
  fi
  if [[ -e ${SERVER_LOG:-} ]]; then
    tell "the server's output:"
    log_ends | printable | sed 's/^/  /'
    [[ -s $SERVER_LOG ]] || tell "  (none; if yours prints, see docs/troubleshooting.md, \
\"The server prints nothing\")"
  fi
}

# is_the_matter FORMAT [ARGUMENT...]: what is wrong with the server, in a few words, for note_result;
# the first time counts, and more than a hint.
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
    1141) translated " (SIGPIPE: it called send() on a socket that is not connected, or no longer)" ;;
    1153) translated " (SIGXFSZ: it has printed 256 MiB; does it print in an endless loop?)" ;;
    *255) translated " (return -1 from main(), or exit(-1))" ;;
    *) (($1 < 129 || $1 > 192)) || translated " (SIG%s)" "$(kill -l $(($1 - 128)))" ;;
  esac
}

# log_ends: prints the first and the last lines of the server's output, which may be very long.
log_ends() {
  local lines
  lines=$(wc -l <"$SERVER_LOG")
  head -n $((lines > 8 ? 4 : 8)) "$SERVER_LOG" | head -c 4000
  ((lines > 8)) || return 0
  tell "... %s lines left out" $((lines - 8))
  tail -n 4 "$SERVER_LOG" | tail -c 4000
}

# or_none: copies its input, and says so when there is none.
or_none() { grep . || tell "(none)"; }

# Copies its input, the lines cut in length, with control characters and all but ASCII made visible.
printable() { cut -c -160 | cat -v; }

# ends FIRST LAST: prints the first FIRST and the last LAST lines of its input, indented.
ends() {
  awk -v first="$1" -v last="$2" -v left_out="$(translated "... %s lines left out")" '
    NR <= first { print "  " $0; next }
    { line[NR % last] = $0 }
    END {
      if (NR > first + last) printf "  " left_out "\n", NR - first - last
      for (i = NR - last + 1; i <= NR; i++) if (i > first) print "  " line[i % last]
    }'
}
