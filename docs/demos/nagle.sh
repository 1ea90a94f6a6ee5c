#!/usr/bin/env bash
# A reply in two sends costs 40 milliseconds; TCP_NODELAY, or one send, costs none.
# Takes PAUSE (see helpers.bash). Under 10 seconds without pauses.
# shellcheck source=docs/demos/helpers.bash
. "$(dirname "$0")/helpers.bash"

ROUNDS=21

# measure: sets median, a variable of the caller, to the microseconds of a round trip of 5 bytes.
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
  printed "a round trip of 5 bytes, median of $ROUNDS: $(awk "BEGIN { printf \"%.2f\", $median / 1000 }") ms"
}

title "Write, write, read"
run_step 4
measure
one_send=$median
pause "The same reply in two sends, as if it had a header and a body. Does that cost anything?"
run_patched 4 two-sends
measure
two_sends=$median
check "two sends to be slower" test "$two_sends" -gt $((5 * one_send))
printed "that is $((two_sends / one_send)) times as long"
say "The first byte is on the way, and its kernel holds back the rest until that is acknowledged \
(Nagle). The other kernel does not acknowledge at once, because a reply of its program could carry \
the acknowledgement along (delayed ACK). That program waits for the rest."
pause "With TCP_NODELAY nothing is held back."
run_patched 4 two-sends no-delay
measure
check "TCP_NODELAY to be faster" test "$two_sends" -gt $((5 * median))
printed "without it: $((two_sends / median)) times as long"
remember "put a reply into one send(). Where you cannot, set TCP_NODELAY."
