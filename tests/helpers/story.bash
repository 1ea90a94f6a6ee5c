# The story of a test: each verb notes what it did, and a failing test tells it.

STORY=()   # what was done, a sentence a step
SURPRISE='' # what was expected and what came instead

# note SENTENCE: adds a step to the story.
note() { STORY+=("$1"); }

# surprise EXPECTED_FILE CAME_FILE: keeps what was expected, what came, and where they first differ.
surprise() {
  local expected came
  expected=$(stat -c %s "$1") came=$(stat -c %s "$2")
  SURPRISE="expected: $(count_bytes "$expected")$(visible "$1")
came:     $(count_bytes "$came")$(visible "$2")"
  if ((came)); then SURPRISE+=$'\n'"first difference: byte $(first_difference "$1" "$2")"; fi
}

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

# tell_story: prints it, in at most a screen; the hint and the lesson too.
tell_story() {
  local number=0 step
  if [[ $SURPRISE ]]; then printf '%s\n' "$SURPRISE"; fi
  if [[ ${SERVER_PID:-} ]] && server_has_ended; then tell_status; fi
  if [[ ${HINT:-} && ${HINTS:-1} != 0 ]]; then echo "hint: $HINT"; fi
  echo "lesson: $LESSON"
  echo "what was done:"
  for step in "${STORY[@]}"; do
    number=$((number + 1))
    echo "$number. $step"
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
  fi
}

# Says that the server has ended, and what its status means.
tell_status() {
  local status=0
  await_server || status=$?
  echo "the server has ended, with status $status$(
    if ((status > 128)); then echo ": signal SIG$(kill -l "$((status - 128))")"; fi
  )"
}

# ends FIRST LAST: prints the first and the last so many lines of its input, indented, cut in length,
# with control characters made visible.
ends() {
  cut -c -160 | cat -v | awk -v first="$1" -v last="$2" '
    { line[NR] = $0 }
    END {
      for (i = 1; i <= NR; i++) {
        if (i <= first || i > NR - last) print "  " line[i]
        else if (i == first + 1) print "  ... " NR - first - last " lines left out"
      }
    }'
}
