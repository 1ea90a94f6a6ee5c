# The story of a test: each verb notes what it did, and a failing test tells it.

STORY=() # what was done: for each step the words of a call of translated()

# note FORMAT [ARGUMENT...]: adds a step to the story, a sentence in English. It is translated when the
# story is told, which is seldom.
note() {
  local words
  printf -v words '%q ' "$@"
  STORY+=("$words")
}

# surprise EXPECTED_FILE CAME_FILE: writes what was expected, what came, and where they first differ,
# into the file $SCRATCH/surprise. Sets EXPECTED and CAME to the number of bytes of each.
surprise() {
  EXPECTED=$(stat -c %s "$1") CAME=$(stat -c %s "$2")
  {
    echo "expected: $(count_bytes "$EXPECTED")$(visible "$1")"
    echo "came:     $(count_bytes "$CAME")$(visible "$2")"
    if ((CAME)); then echo "first difference: byte $(first_difference "$1" "$2")"; fi
    if ((CAME < EXPECTED)); then echo "time out: nothing more came for $DEADLINE s"; fi
  } >"$SCRATCH/surprise"
}

# fewer_came, more_came: in the last surprise fewer bytes came than expected, or more, right or wrong.
fewer_came() { ((${CAME:-0} < ${EXPECTED:-0})); }
more_came() { ((${CAME:-0} > ${EXPECTED:-0})); }

count_bytes() { if (($1 == 1)); then echo "1 byte"; else echo "$1 bytes"; fi; }

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
    END { if (size) print ": " text (size > 40 ? "..." : "") }
    function sign(byte) {
      if (byte == 0) return "\\0"
      if (byte == 10) return "\\n"
      if (byte < 32 || byte > 126) return sprintf("\\x%02x", byte)
      return sprintf("%c", byte)
    }'
}

# tell_story: prints the story with the hint and the lesson, in at most a screen.
tell_story() {
  local number=0 step status=0 hint=''
  if [[ -e $SCRATCH/surprise ]]; then cat "$SCRATCH/surprise"; fi
  if [[ -e $SCRATCH/hint ]]; then hint=$(<"$SCRATCH/hint"); fi
  if [[ ${SERVER_PID:-} ]] && server_has_ended; then
    await_server || status=$?
    echo "the server has ended, with status $status$(status_meaning "$status")"
    if ((status > 128)); then hint="hint: $(death_hint "$status")"; fi
  fi
  if [[ $hint && ${HINTS:-1} != 0 ]]; then echo "$hint"; fi
  echo "lesson: $LESSON"
  echo "what was done:"
  for step in "${STORY[@]}"; do
    number=$((number + 1))
    eval "echo $number. \"\$(translated $step)\""
  done | ends 3 9
  if [[ ${PORT:-} ]]; then
    echo "ss, the server's end of port $PORT:"
    server_sockets | ends 5 3
    echo "ss, the client's end:"
    client_sockets | sed "s, *users:.*,," | ends 5 3 # the processes there are those of the test
  fi
  if [[ -e ${SERVER_LOG:-} ]]; then
    echo "the server's output:"
    ends 4 4 <"$SERVER_LOG"
    [[ -s $SERVER_LOG ]] || echo "  (none; if yours prints, see docs/troubleshooting.md, \"The server prints nothing\")"
  fi
}

# status_meaning STATUS: prints what an exit status above 128 means: the signal, and what it is for.
status_meaning() {
  (($1 > 128)) || return 0
  case $1 in
    134) echo " (SIGABRT: abort(), or a check of the C library has failed)" ;;
    136) echo " (SIGFPE: a division by zero)" ;;
    139) echo " (SIGSEGV: a segmentation fault, an address that is not its own)" ;;
    141) echo " (SIGPIPE: it sent to a client that was gone)" ;;
    153) echo " (SIGXFSZ: it has printed 64 MiB; does it print in an endless loop?)" ;;
    *) echo " (SIG$(kill -l $(($1 - 128))))" ;;
  esac
}

# death_hint STATUS: prints where to look when a signal has ended the server. Then the hint of the test
# itself does not help.
death_hint() {
  case $1 in
    141) echo "send() to a client that is gone raises SIGPIPE: ignore the signal, and check for -1 (EPIPE)" ;;
    153) echo "print when a client comes and when it leaves, not in a loop" ;;
    *) echo "it has crashed: build it with -g -fsanitize=address,undefined and repeat the steps by hand" ;;
  esac
}

# ends FIRST LAST: prints the first FIRST and the last LAST lines of its input, indented, cut in length,
# with control characters made visible.
ends() {
  cut -c -160 | cat -v | awk -v first="$1" -v last="$2" '
    NR <= first { print "  " $0; next }
    { line[NR % last] = $0 }
    END {
      if (NR > first + last) print "  ... " NR - first - last " lines left out"
      for (i = NR - last + 1; i <= NR; i++) if (i > first) print "  " line[i % last]
    }'
}
