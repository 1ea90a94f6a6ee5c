#!/usr/bin/env bash
# Watches the sockets of a port until Ctrl-C. Prints each transition, also accept(), in 80 columns:
# the time, the end, the client's port, the state before and after; below it what that means.
# Argument: the port of the server, 1 to 65535. Status 2 when it is none. Needs no root.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
. docs/look/meaning.bash

port=${1:-}
require_port "$port" watch
docs/look/doctor.sh ss

declare -A before=() # END|CLIENT_PORT|LOCAL|PEER: the state at the last look

# transition SOCKET STATE MEANING: prints that the socket is in this state now.
transition() {
  local whose client_port tenth=${EPOCHREALTIME#*.}
  IFS='|' read -r whose client_port _ <<<"$1"
  # Both words for the end take six columns, in Chinese too.
  printf '%(%H:%M:%S)T.%s  %s  %5s  %s -> %s\n' -1 "${tenth:0:1}" "$(end_name "$whose")" \
    "$client_port" "${before[$1]:-$(translated "nothing")}" "$2"
  wrap 66 <<<"$3" | sed 's/^/            | /'
}

tell "Watching port %s; Ctrl-C ends it." "$port"
while sleep 0.02; do
  declare -A is_there=()
  lines=$(port_sockets "$port")
  note_listener "$lines"
  while read -r line; do
    [[ $line ]] || continue
    parse_socket "$port" "$line"
    socket="$end|$client_port|$local|$peer" shown=$state
    if [[ $state == ESTAB ]] && is_queued; then shown=$(translated "ESTAB (no process)"); fi
    [[ ${before[$socket]:-} == "$shown" ]] || transition "$socket" "$shown" "$(meaning)"
    before[$socket]=$shown is_there[$socket]=yes
  done <<<"$lines"
  for socket in "${!before[@]}"; do
    [[ ! ${is_there[$socket]:-} ]] || continue
    transition "$socket" "$(translated "gone")" "$(translated "no trace of it is left")"
    unset 'before[$socket]'
  done
done
