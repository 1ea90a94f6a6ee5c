#!/usr/bin/env bash
# A reply in two sends costs some 40 milliseconds; with TCP_NODELAY, or in one send, it costs none.
. "$(dirname "$0")/helpers.bash"

# measure: shows how long a round trip of 5 bytes takes, and keeps it: median is the middle value of
# 21 round trips, in microseconds.
measure() {
  local began times=()
  connect anna
  for _ in {1..21}; do
    began=${EPOCHREALTIME/[.,]/}
    exchange anna "hello" || check false
    times+=($((${EPOCHREALTIME/[.,]/} - began)))
  done
  disconnect anna
  stop_server
  median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 11p)
  result "anna sends 'hello' and waits for 5 bytes: median of %s times %s ms" 21 \
    "$(awk "BEGIN { printf \"%.2f\", $median / 1000 }")"
}

title "Write, write, read"
run_step 4
measure
one_send=$median
pause "Now the same reply goes out in two sends, like a header and a body. What does that cost?"
run_patched 4 two-sends
measure
two_sends=$median
check test "$two_sends" -gt $((5 * one_send))
result "that is %s times as long" "$((two_sends / one_send))"
say "The server's kernel holds four bytes back until the first is acknowledged (Nagle). anna's \
kernel delays that, because her next message could carry the acknowledgement (delayed ACK)."
pause "With TCP_NODELAY the kernel holds nothing back. What does it cost now?"
run_patched 4 two-sends no-delay
measure
check test "$two_sends" -gt $((5 * median))
result "without it: %s times as long" "$((two_sends / median))"
remember "put a reply into one send(). Where you cannot, set TCP_NODELAY."
