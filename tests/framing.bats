#!/usr/bin/env bats
# The exercise of docs/beyond.md on lines: each is answered with the number of its bytes. For a
# learner's server: make test-framing SERVER=path.

load report/suite
lesson docs/beyond "Messages: framing"

# is_told NAME LINE...: the client sends the lines in one piece, and is told the length of each.
is_told() {
  local line lines='' answers=''
  for line in "${@:2}"; do
    lines+=$line$'\n'
    answers+=${#line}$'\n'
  done
  send "$1" "$lines"
  receive "$1" "$answers"
}

# sends_a_piece NAME TEXT: the only client sends it, and the server reads it.
sends_a_piece() {
  send "$1" "$2"
  eventually server_recv_queue 0 || hint "call recv() again, until the line is whole"
}

@test "a line is answered with the number of its bytes" {
  start_server
  connect_nc anna
  is_told anna "hello" || {
    skip_the_rest "the first line is not answered right: see the first test"
    hint "answer a line with the number of the bytes before its newline, in digits, and a newline"
  }
}

@test "a line that comes in three pieces gets one answer" {
  start_server
  connect anna
  sends_a_piece anna "he"
  sends_a_piece anna "llo, w"
  send anna $'orld\n'
  receive anna $'12\n' ||
    hint "recv() returns what is there, and no line: keep the bytes until a newline has come"
  is_told anna "bye" || hint "take a line out of the buffer when it has been answered"
}

@test "lines that come in one piece get an answer each, and half a line waits for its end" {
  start_server
  connect_nc anna
  send anna $'one\n\nthree\nfo'
  receive anna $'3\n0\n5\n' ||
    hint "one recv() may return several lines, empty ones too: look for newlines until there is none"
  send anna $'ur\n'
  receive anna $'4\n' || hint "what follows a newline is the start of the next line: keep it"
}

@test "a line may have bytes of any value, NUL too" {
  start_server
  printf '\0a\0\377\n' >"$SCRATCH/line"
  connect_nc anna
  send_file anna "$SCRATCH/line"
  receive anna $'4\n' ||
    hint "bytes are not a string: memchr() finds the newline behind a NUL, strchr() does not"
}

@test "half a line of one client is not mixed with another's" {
  start_server
  connect anna
  sends_a_piece anna "hel"
  connect_nc ben
  is_told ben "hi" && send anna $'lo\n' && receive anna $'5\n' ||
    hint "each client needs a buffer of its own, and not a static or global one"
}

@test "a line that is too long ends its client at most" {
  start_server
  connect anna
  head -c 24M /dev/zero | tr '\0' x >"$SCRATCH/line"
  send_file anna "$SCRATCH/line"
  is_held_back anna || true # it may also read all of it, or close
  connect_nc ben
  is_told ben "hello" && eventually server_sleeps ||
    hint "look how much room is left before each recv(): it must not write behind the buffer, and \
with no room it returns 0"
}
