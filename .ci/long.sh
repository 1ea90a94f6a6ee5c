#!/usr/bin/env bash
# Measures how long Linux goes on trying, or remembers, with its default settings: what no demo can
# wait for. All at once, on two machines of its own, in 16 minutes, hardly using the processor.
# Writes docs/pages/long.tsv, which `make docs` puts into the pages. Status 1, and the old file
# stays, when one does not begin; 3 where two machines are forbidden. To be run as any user.
set -euo pipefail
cd "$(dirname "$0")/.."

ROOT=$PWD
. "$ROOT/docs/language/locale.bash"
. "$ROOT/tests/helpers/machines.bash"
enter_machines "$ROOT/.ci/long.sh"
. "$ROOT/tests/helpers/all.bash"
SCRATCH=$(mktemp -d)
: >"$SCRATCH/seconds"
at_the_end stop_clients # the rest ends with this process, which is number 1 in here

# peer NUMBER: sets HOST to an address that the other machine gets. Each measurement has its own, so
# that what is sent to one of them alone can be lost.
peer() {
  HOST=10.0.0.1$1
  there ip address add "$HOST/24" dev cable
  ip neigh replace "$HOST" lladdr "$CLIENT_CARD" dev cable nud permanent
}
lose() { ip neigh replace "$HOST" lladdr "$NO_CARD" dev cable nud permanent; }

# lasts NAME STATE: waits until this machine's socket with HOST is in the state, and notes in the
# background how long it stays.
lasts() {
  local began
  eventually socket_is "$2"
  began=$EPOCHSECONDS
  {
    while socket_is .; do sleep 0.2; done
    printf '%s\t%s\n' "$1" $((EPOCHSECONDS - began)) | tee -a "$SCRATCH/seconds"
  } &
}
socket_is() { [[ $(ss -Htan "dst $HOST") =~ ^$1 ]]; }
window_is_closed() { [[ $(ss -Htano "dst $HOST") == *timer:\(persist* ]]; }

started=$(date -u +%Y-%m-%d)
make_machines

PORT=8001
spawn "${CLIENT_MACHINE[@]}" "$ROOT/step4_threads/server" "$PORT" </dev/null >/dev/null
SERVER_PID=$!
peer 6
eventually connect eve 2>/dev/null
disconnect eve
lasts time-wait TIME-WAIT

signal_server STOP # its kernel connects and acknowledges, the program neither reads nor closes

peer 1
lose
spawn bash -c "exec 3<>/dev/tcp/$HOST/8001" </dev/null 2>/dev/null
lasts connect SYN-SENT

peer 2
connect anna
lose
send anna "hello"
lasts unacknowledged ESTAB

peer 3
connect ben
lose
disconnect ben
lasts fin-wait-1-vanished FIN-WAIT-1

peer 4
connect cora
flood cora
eventually window_is_closed
kill "${CLIENT_SENDER[cora]}"
disconnect cora
lasts fin-wait-1-unread FIN-WAIT-1

peer 5
connect dan
disconnect dan
lasts fin-wait-2 FIN-WAIT-2

spawn "$ROOT/step4_threads/server" 8003 </dev/null >/dev/null
peer 7
lose
spawn "${CLIENT_MACHINE[@]}" nc -s "$HOST" "$SERVER_ADDRESS" 8003 </dev/null 2>/dev/null
client=$!
eventually socket_is SYN-RECV
kill "$client"
lasts syn-recv SYN-RECV

until (($(wc -l <"$SCRATCH/seconds") == 7)); do sleep 1; done
{
  printf '# made by make -C .ci long, on Linux %s, %s\n' "$(uname -r)" "$started"
  sort "$SCRATCH/seconds"
} >docs/pages/long.tsv
