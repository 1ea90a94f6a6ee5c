# How a demo speaks, runs and checks. Sourced by every demo; starts servers and clients with the
# helpers of the tests.
#
# On a terminal: colour, and a pause for Enter before each step. Piped: plain text, no pause.
# PAUSE=0 and PAUSE=1 override. A demo ends with status 1, and says so, when the kernel did not do
# what the demo was about to say; with 130 on Ctrl-C. Either way it leaves nothing behind.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/helpers/server.bash
. "$ROOT/tests/helpers/server.bash"
# shellcheck source=tests/helpers/sockets.bash
. "$ROOT/tests/helpers/sockets.bash"
# shellcheck source=tests/helpers/clients.bash
. "$ROOT/tests/helpers/clients.bash"

if [[ -t 1 ]]; then
  BOLD=$'\e[1m' COMMAND=$'\e[36m' MARK=$'\e[7m' PLAIN=$'\e[0m'
else
  BOLD='' COMMAND='' MARK='' PLAIN=''
fi
if [[ -t 0 && -t 1 ]]; then : "${PAUSE:=1}"; else : "${PAUSE:=0}"; fi

SCRATCH=$(mktemp -d)
trap '' PIPE
trap 'stop_clients; stop_server; rm -rf "$SCRATCH"' EXIT
trap 'exit 130' INT TERM HUP

# title TEXT: what the demo, or a part of it, is about.
title() { printf '\n%s== %s ==%s\n' "$BOLD" "$1" "$PLAIN"; }

# say TEXT: narrates, wrapped to 78 columns; a step that follows waits for Enter.
say() {
  echo
  fmt -w 78 <<<"$1"
  if [[ $PAUSE == 1 ]]; then
    read -r -s -p '  [Enter] ' _ || true
    printf '\r\e[K'
  fi
}

# remember TEXT: the sentence to leave with.
remember() { printf '\n%s%s%s\n' "$BOLD" "$(fmt -w 78 <<<"Remember: $1")" "$PLAIN"; }

# typed COMMAND: shows a command as one would type it.
typed() { printf '%s$ %s%s\n' "$COMMAND" "$1" "$PLAIN"; }

# printed TEXT: shows what a program printed.
printed() { echo "  ${1//$'\n'/$'\n'  }"; }

# check WHAT COMMAND [ARGUMENT...]: waits until the command succeeds; ends the demo if it does not.
check() {
  eventually "${@:2}" && return
  printf '\nThis demo stops here: it expected %s, and that did not happen.\n' "$1" >&2
  printf 'The sockets of port %s:\n%s\n' "$PORT" "$(server_sockets && client_sockets)" >&2
  exit 1
}

# run_stage N [ADDRESS]: starts that stage on its default port when nothing uses it, else elsewhere.
run_stage() {
  local folder
  folder=$(basename "$ROOT"/step"$1"_*)
  [[ -x $ROOT/$folder/server ]] || make -s -C "$ROOT/$folder"
  SERVER_COMMAND=("$ROOT/$folder/server")
  PORT=888$1
  [[ ! $(ss -Htan "( sport = :$PORT or dport = :$PORT )") ]] || PORT=$(free_port)
  typed "$folder/server $PORT${2:+ $2} &"
  restart_server "${2-}"
  printed "$(cat "$SERVER_LOG")"
}

# sockets [MARK]: shows what ss says of both ends, in 80 columns, with what matches MARK marked.
sockets() {
  typed "ss -tanp 'sport = :$PORT or dport = :$PORT'"
  ss -tanp "( sport = :$PORT or dport = :$PORT )" | sed -E \
    -e 's/^(State).*/\1 Recv-Q Send-Q Local Peer Process/' \
    -e 's/users:\(\("([^"]+)",pid=[0-9]+,fd=([0-9]+)\).*/\1,fd=\2/' |
    while read -r state recv_queue send_queue local peer process; do
      printf '%-10s %6s %6s  %-17s %-17s %s\n' \
        "$state" "$recv_queue" "$send_queue" "$local" "$peer" "$process"
    done | sed -E -e 's/ +$//' -e 's/^/  /' -e "s/${1:-^\$}/$MARK&$PLAIN/"
}
