#!/usr/bin/env bash
# A reply in two sends costs some 40 milliseconds; with TCP_NODELAY, or in one send, it costs none.
# Takes PAUSE: see helpers.bash.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

ROUNDS=21

# measure: shows how long a round trip of 5 bytes takes, and sets median, in microseconds, to the middle
# value of ROUNDS round trips.
measure() {
  local began times=()
  connect anna
  for ((round = 0; round < ROUNDS; round++)); do
    began=${EPOCHREALTIME/[.,]/}
    exchange anna "hello" || check "anna to get 'hello' back" false
    times+=($((${EPOCHREALTIME/[.,]/} - began)))
  done
  disconnect anna
  stop_server
  median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n "$((ROUNDS / 2 + 1))p")
  printed "$(translated "anna sends 'hello' and waits for 5 bytes: median of %s times %s ms" "$ROUNDS" \
    "$(awk "BEGIN { printf \"%.2f\", $median / 1000 }")")"
}

title "Write, write, read"
run_step 4
measure
one_send=$median
pause "Now the same reply goes out in two sends, as if it had a header and a body. What does that cost?"
run_patched 4 two-sends
measure
two_sends=$median
check "two sends to be slower" test "$two_sends" -gt $((5 * one_send))
printed "$(translated "that is %s times as long" "$((two_sends / one_send))")"
say "The first byte is on its way. The server's kernel holds the other four back until that byte is \
acknowledged (Nagle). anna's kernel delays the acknowledgement, because her next message could carry it \
(delayed ACK). And anna waits for the other four."
pause "With TCP_NODELAY the kernel holds nothing back. What does it cost now?"
run_patched 4 two-sends no-delay
measure
check "TCP_NODELAY to be faster" test "$two_sends" -gt $((5 * median))
printed "$(translated "without it: %s times as long" "$((two_sends / median))")"
remember "put a reply into one send(). Where you cannot, set TCP_NODELAY."
