# For the demos that need two machines: sourced by them in place of helpers.bash, which it sources.
# The server is on this machine, clients (nc) on the other; `client$` stands before what is typed
# there. Ends with status 3, and says what to do, where a user may not have a network of their own.

set -euo pipefail

. "$(dirname "$0")/../../docs/language/locale.bash"
. "$(dirname "$0")/../../tests/helpers/machines.bash"
enter_machines "$0" "$@"
. "$(dirname "$0")/helpers.bash"
make_machines

# set_kernel NAME VALUE [client]: changes a setting of this machine, which has a network of its own,
# or of the clients' one.
set_kernel() { run_shown "echo $2 >/proc/sys/net/$1" "${@:3}"; }

# count_states, count_clients: how many ends are in each state, on this machine; on the other.
count_states() { run_shown "ss -Htan 'sport = :$PORT' | cut -d ' ' -f 1 | sort | uniq -c"; }
count_clients() { run_shown "ss -Htan 'dport = :$PORT' | cut -d ' ' -f 1 | sort | uniq -c" client; }

# half_close CLIENT: it sends 'hello' and closes its sending side.
half_close() {
  typed "printf 'hello' | nc $(nc_half_close_options) $HOST $PORT      # $1" client
  printf 'hello' >"$SCRATCH/hello"
  connect_half_closing "$1" "$SCRATCH/hello"
  check client_is FIN-WAIT-2
}

# happens FORMAT [ARGUMENT...]: says what happens beside what is typed.
happens() { printf '~ %s\n' "$(translated "$@")"; }

# unplug, lose server|client, deliver server|client, mend: what tests/helpers/machines.bash does to
# the cable, and says so.
unplug() { pull_cable && happens "the cable is pulled: nothing arrives, in either direction"; }
mend() { mend_cable && happens "the cable is mended: everything arrives again"; }

lose() {
  lose_from "$1"
  happens "what the %s's machine sends is lost from now on" "$(end_name "$1")"
}

deliver() {
  deliver_from "$1"
  happens "what the %s's machine sends arrives again" "$(end_name "$1")"
}
