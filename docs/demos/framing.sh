#!/usr/bin/env bash
# TCP has no messages: three sends, one recv(). How a newline or a length turns bytes into messages.
. "$(dirname "$0")/helpers.bash"

# writes CLIENT TEXT: the client sends the text, written as for printf, with \n and \005.
writes() {
  typed "printf '$2' >&\$$1"
  # shellcheck disable=SC2059 # the text is a format
  printf "$2" >&"${CLIENT_FD[$1]}"
}

if part "Three messages"; then
  run_patched 4 show-recv
  dial anna
  pause "The server is stopped, and anna sends three messages. How many recv() calls does it take?"
  stop_program
  writes anna 'one'
  writes anna 'two'
  writes anna 'three'
  check server_recv_queue 11
  continue_program
  server_says "recv() returned 11 bytes: onetwothree"
  remember "TCP carries bytes, not messages. Another time it may take two recv() calls, or four."
fi

if part "A newline ends a message"; then
  pause "Now the server keeps bytes until a newline comes. anna sends half a message, then the \
rest and the next one together. What will the server print, and when?"
  run_patched 4 lines
  dial anna
  writes anna 'on'
  check server_sleeps
  ! server_has_said "a message" || check false
  result "(the server prints nothing)"
  writes anna 'e\ntwo\n'
  server_says $'a message: one\na message: two'
  remember "keep what recv() returns until a message is whole."
fi

if part "A message with a newline in it"; then
  pause "Now a message may contain a newline. How does the server know how many bytes to wait for?"
  run_patched 4 length
  dial anna
  writes anna '\0\0\0\003one\0\0\0\013two\nth'
  server_says "a message: one"
  writes anna 'ree\n!'
  server_says $'a message: two\nthree\n!'
  say "A message may be empty, too. It is echoed, although no byte follows its length."
  writes anna '\0\0\0\0'
  check take anna 26
  result "anna has got all %s bytes back" 26
  remember "the program must mark where a message ends: a newline after it, or a length before it."
fi
