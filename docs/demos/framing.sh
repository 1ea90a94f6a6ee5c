#!/usr/bin/env bash
# TCP has no messages: three sends, one recv(). How a newline or a length makes messages of bytes.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

# sends CLIENT TEXT: as one types it in printf; \n, \0 and \005 too.
sends() {
  typed "printf '$2' >&\$$1"
  # shellcheck disable=SC2059 # the text is a format
  printf "$2" >&"${CLIENT_FD[$1]}"
}

# dials CLIENT: on a descriptor of this shell.
dials() {
  typed "exec {$1}<>/dev/tcp/127.0.0.1/$PORT"
  connect "$1"
}

# prints COUNT TEXT: the server has printed so many lines with that text.
prints() { (($(grep -cF "$2" "$SERVER_LOG") == $1)); }

title "Three messages"
run_patched 4 show-recv
dials anna
pause "The server is stopped for a moment, and anna sends three messages. How many recv() does it take?"
typed "kill -STOP $SERVER_PID"
freeze_server
sends anna 'one'
sends anna 'two'
sends anna 'three'
check "11 bytes to wait" server_recv_queue 11
typed "kill -CONT $SERVER_PID"
continue_server
check "one recv() of 11 bytes" prints 1 "recv() returned 11 bytes: onetwothree"
printed "$(tail -n 1 "$SERVER_LOG")"
say "One. The bytes do not say where a message ends. Another time it may take two, or four."
stop_clients
stop_server

title "A newline ends a message"
pause "The server keeps bytes until it sees a newline. anna sends half a message, then the rest and \
the whole next one."
run_patched 4 lines
dials anna
sends anna 'on'
check "the server to sleep in recv()" server_sleeps
printed "the server says nothing"
sends anna 'e\ntwo\n'
check "two messages" prints 2 "a message: "
printed "$(grep 'a message: ' "$SERVER_LOG")"
stop_clients
stop_server

title "A length comes before a message"
pause "A message may have newlines in it now. How does the server know how many bytes to wait for?"
run_patched 4 length
dials anna
sends anna '\0\0\0\003one\0\0\0\013two\nth'
check "one message" prints 1 "a message: "
printed "$(tail -n 1 "$SERVER_LOG")"
sends anna 'ree\n!'
check "a second message" prints 2 "a message: "
printed "$(tail -n 3 "$SERVER_LOG")"
remember "TCP carries bytes, not messages. The program says where one ends: by a newline, or by a \
length before it."
