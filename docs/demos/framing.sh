#!/usr/bin/env bash
# TCP has no messages: three sends, one recv(). How a newline or a length turns bytes into messages.
# Takes the parts to show (1 to 3; none means all) and PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# sends CLIENT TEXT: the client sends the text, written as for printf, with \n and \005.
sends() {
  typed "printf '$2' >&\$$1"
  # shellcheck disable=SC2059 # the text is a format
  printf "$2" >&"${CLIENT_FD[$1]}"
}

# receives CLIENT BYTES: so many come back.
receives() {
  (($(timeout "$DEADLINE" head -c "$2" <&"${CLIENT_FD[$1]}" | wc -c) == $2))
}

# has_printed COUNT TEXT: the server has printed so many lines with that text.
has_printed() { (($(grep -cF "$2" "$SERVER_LOG") == $1)); }

part_1() {
  title "Three messages"
  run_patched 4 show-recv
  dial anna
  pause "The server is stopped for a moment, and anna sends three messages. How many recv() calls does it \
take to read them?"
  stop_program
  sends anna 'one'
  sends anna 'two'
  sends anna 'three'
  check "11 bytes to wait" server_recv_queue 11
  continue_program
  check "one recv() of 11 bytes" has_printed 1 "recv() returned 11 bytes: onetwothree"
  printed "$(tail -n 1 "$SERVER_LOG")"
  remember "TCP carries bytes, not messages. Another time it may take two recv() calls, or four."
}

part_2() {
  title "A newline ends a message"
  pause "Now the server keeps bytes until a newline comes. anna sends half a message, then the rest together \
with the next message. What will the server print, and when?"
  run_patched 4 lines
  dial anna
  sends anna 'on'
  check "the server to sleep in recv()" server_sleeps
  has_printed 0 "a message" || check "no message yet" false
  printed "$(translated "(the server prints nothing)")"
  sends anna 'e\ntwo\n'
  check "two messages" has_printed 2 "a message: "
  printed "$(grep 'a message: ' "$SERVER_LOG")"
  remember "keep what recv() returns until a message is whole."
}

part_3() {
  title "A length comes before a message"
  pause "Now a message may contain a newline. How does the server know how many bytes to wait for?"
  run_patched 4 length
  dial anna
  sends anna '\0\0\0\003one\0\0\0\013two\nth'
  check "one message" has_printed 1 "a message: "
  printed "$(tail -n 1 "$SERVER_LOG")"
  sends anna 'ree\n!'
  check "a second message" has_printed 2 "a message: "
  printed "$(tail -n 3 "$SERVER_LOG")"
  say "A message may be empty, too. Is it echoed, although no byte follows its length?"
  sends anna '\0\0\0\0'
  receives anna 26 || check "the empty message to come back" false
  printed "$(translated "anna has got all %s bytes back" 26)"
  remember "the program must mark where a message ends, with a newline after it or a length before it."
}

show_parts 3 "$@"
