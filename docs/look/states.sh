#!/usr/bin/env bash
# Prints every socket of a port, both ends where they are on this machine, and what each means.
# Argument: the port of the server, 1 to 65535. Status 2 when it is none. Needs no root.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
. docs/look/meaning.bash

port=${1:-}
require_port "$port" states
docs/look/doctor.sh ss

lines=$(port_sockets "$port")
if [[ ! $lines ]]; then
  tell "No socket has port %s: nobody listens there, and no connection is left." "$port"
  exit
fi
note_listener "$lines"
while read -r line; do
  parse_socket "$port" "$line"
  describe_socket
done <<<"$lines"
