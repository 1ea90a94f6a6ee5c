#!/usr/bin/env bash
# Watches the sockets of a port and prints each transition, until Ctrl-C, in 80 columns: the time,
# the end, the client's port, the state before and after; below it what that means. A socket that is
# accepted is a transition too.
# Argument: the port of the server, 1 to 65535. Status 2 when it is none. Needs no root.
set -euo pipefail
. "$(dirname "$0")/../../docs/language/locale.bash"
. "$(dirname "$0")/meaning.bash"

port=${1:-}
require_port "$port" watch
"$(dirname "$0")/../../docs/look/doctor.sh" ss

declare -A before=() client_ports=()

# transition FROM TO END CLIENT_PORT MEANING
transition() {
  local clock tenth=${EPOCHREALTIME#*[.,]}
  printf -v clock '%(%H:%M:%S)T' -1
  # Both words for the end take six columns, in Chinese too.
  printf '%s.%s  %s  %5s  %s\n' "$clock" "${tenth:0:1}" "$(end_name "$3")" "$4" "$1 -> $2"
  wrap 66 <<<"$5" | sed 's/^/            | /'
}

# look: tells each transition since the last look.
look() {
  local lines line socket
  local -A now=()
  lines=$(ss -Htanpo "( sport = :$port or dport = :$port )")
  note_listener "$lines"
  while read -r line; do
    [[ $line ]] || continue
    parse_socket "$port" "$line"
    socket="$end $local $peer"
    client_ports[$socket]=$client_port
    now[$socket]=$state
    if [[ $state == ESTAB ]] && not_accepted; then
      now[$socket]=$(translated "ESTAB (no process)")
    fi
    [[ ${before[$socket]:-} == "${now[$socket]}" ]] ||
      transition "${before[$socket]:-$(translated "nothing")}" "${now[$socket]}" "$end" \
        "$client_port" "$(meaning)"
  done <<<"$lines"
  for socket in "${!before[@]}"; do
    [[ ${now[$socket]:-} ]] ||
      transition "${before[$socket]}" "$(translated "gone")" "${socket%% *}" \
        "${client_ports[$socket]}" "$(translated "no trace of it is left")"
  done
  before=()
  for socket in "${!now[@]}"; do before[$socket]=${now[$socket]}; done
}

end_watch() {
  kill $! 2>/dev/null || true
  wait $! || true # 143
  exit 0
}

tell "Watching port %s; Ctrl-C ends it." "$port"
# In the background: bash 5.2 may not understand a trap that interrupts it in the middle of $( ).
while :; do
  look
  sleep 0.02
done &
trap end_watch INT TERM
wait $!
