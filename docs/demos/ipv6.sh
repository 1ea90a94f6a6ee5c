#!/usr/bin/env bash
# One IPv6 socket serves IPv4 clients too, and sees them as ::ffff:127.0.0.1.
# Without IPv6 it says so, and ends with status 3.
. "$(dirname "$0")/helpers.bash"

title "IPv6"
if ! ipv6_is_usable; then
  say "(This machine has no IPv6, or it is switched off.)"
  exit 3
fi
pause "The server is bound to ::, every IPv6 address of this machine. Clients connect to ::1 and \
to 127.0.0.1. Are both served, and what does the server call them?"
run_patched 4 ipv6
if [[ $(nc -h 2>&1) == *"[v1.1"* ]]; then
  say "(This machine has the traditional nc, which has no IPv6, so ::1 is left out.)"
else
  serve anna ::1
  server_says "client [::1]:"
fi
serve ben 127.0.0.1
server_says "client [::ffff:127.0.0.1]:"
sockets '^LISTEN' '^LISTEN'
remember "An IPv6 socket that is bound to :: serves both families, unless IPV6_V6ONLY is set."
