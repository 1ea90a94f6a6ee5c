#!/usr/bin/env bash
# Watches the sockets of a port and prints a line a transition, until Ctrl-C: the time, the end, the
# state before and after, and what it means. A socket that is accepted is a transition too.
# Argument: the port of the server, 1 to 65535. Status 2 when it is none. Needs no root.
set -euo pipefail
# shellcheck source=tests/helpers/locale.bash
. "$(dirname "$0")/../../tests/helpers/locale.bash"
# shellcheck source=docs/tools/meaning.bash
. "$(dirname "$0")/meaning.bash"

port=${1:-}
require_port "$port" watch
"$(dirname "$0")/../../tests/tools/doctor.sh" ss

declare -A before=() now=()

# transition FROM TO END MEANING
transition() {
  local clock tenth=${EPOCHREALTIME#*[.,]}
  printf -v clock '%(%H:%M:%S)T' -1
  printf '%s.%s  %-6s  %-28s  %s\n' "$clock" "${tenth:0:1}" "$3" "$1 -> $2" "$4"
}

trap 'exit 0' INT TERM
echo "Watching port $port; Ctrl-C ends it."
while :; do
  now=()
  lines=$(ss -Htanpo "( sport = :$port or dport = :$port )")
  note_listener "$lines"
  while read -r line; do
    [[ $line ]] || continue
    parse_socket "$port" "$line"
    socket="$end $local $peer"
    now[$socket]=$state
    if [[ ! $owner && $state == ESTAB && $end == server && $listener_seen ]]; then
      now[$socket]+=" (no process)"
    fi
    if [[ ${before[$socket]:-} != "${now[$socket]}" ]]; then
      transition "${before[$socket]:-nothing}" "${now[$socket]}" "$end" "$(meaning)"
    fi
  done <<<"$lines"
  for socket in "${!before[@]}"; do
    [[ ${now[$socket]:-} ]] || transition "${before[$socket]}" gone "${socket%% *}" "no trace of it is left"
  done
  before=()
  for socket in "${!now[@]}"; do before[$socket]=${now[$socket]}; done
  sleep 0.02
done
