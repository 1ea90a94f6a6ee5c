#!/usr/bin/env bats
# The exercise of docs/beyond.md on lines: each is answered with the number of its bytes. For a
# learner's server: make test-framing SERVER=path.

load report/suite
lesson docs/beyond "Messages: framing"

# is_told NAME LINE: the client sends the line, and is told how long it is.
is_told() { send "$1" "$2"$'\n' && receive "$1" "${#2}"$'\n'; }

@test "a line is answered with the number of its bytes" {
  start_server
  connect_nc anna
  is_told anna "hello" || {
    skip_the_rest "the first line is not answered right: see the first test"
    hint "answer a line with the number of the bytes before its newline, in digits, and a newline"
  }
}

@test "a line that comes in three pieces gets one answer, whatever another client sends meanwhile" {
  start_server
  connect anna
  for piece in "he" "llo, w"; do
    send anna "$piece"
    eventually server_recv_queue 0 || hint "call recv() again, until the line is whole"
  done
  connect_nc ben
  is_told ben "hi" || hint "each client needs a buffer of its own, and not a static or global one"
  send anna $'orld\n'
  receive anna $'12\n' ||
    hint "recv() returns what has arrived, not a line: keep the bytes until a newline has come"
  is_told anna "bye" || hint "take a line out of the buffer when it has been answered"
}

@test "lines that come in one piece get an answer each, and half a line waits for its end" {
  start_server
  connect_nc anna
  send anna $'one\n\nthree\nfo'
  receive anna $'3\n0\n5\n' ||
    hint "one recv() may return several lines, and empty ones: look for every newline"
  send anna $'ur\n'
  receive anna $'4\n' || hint "what follows a newline is the start of the next line: keep it"
}

@test "a line may have bytes of any value, NUL too" {
  start_server
  printf '%b' "$(printf '\\x%x' {0..9} {11..255} 10)" >"$SCRATCH/line"
  connect_nc anna
  send_file anna "$SCRATCH/line"
  receive anna $'255\n' ||
    hint "bytes are not a string: memchr() finds a newline after a NUL, strchr() does not"
}

@test "a line that is too long ends its client at most" {
  start_server
  connect anna
  head -c 24M /dev/zero | tr '\0' x >"$SCRATCH/line"
  send_file anna "$SCRATCH/line"
  is_held_back anna || true # it may also read all of it, or close
  connect_nc ben
  is_told ben "hello" && eventually server_sleeps ||
    hint "check how much room is left before each recv(): it must not write past the buffer, and \
with no room it returns 0"
}
