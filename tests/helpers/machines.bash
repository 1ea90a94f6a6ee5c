# Two machines in one, without root: this one, with the server, and another, with the clients. Each
# has a network of its own (network_namespaces(7)); a cable joins them, and can be pulled.
#
# A script calls enter_machines before it makes or starts anything. Then it sources all.bash, sets
# SCRATCH and calls make_machines. However it ends later, even by kill -9, nothing is left behind,
# because the script is process 1 of a pid namespace, and its temporary files are in a file system
# of its own.

. "${BASH_SOURCE[0]%/*}/namespaces.bash"

PATH=$PATH:/usr/sbin:/sbin # where some systems have ip
SERVER_ADDRESS=10.0.0.1
CLIENT_ADDRESS=10.0.0.2
SERVER_CARD=02:00:00:00:00:01 # a MAC address; 02 marks it as chosen by hand
CLIENT_CARD=02:00:00:00:00:02
NO_CARD=02:00:00:00:00:99 # the address of no card: what is sent to it is lost

# enter_machines SCRIPT [ARGUMENT...]: runs the script again, from its start, in a network of its
# own, where enter_machines then just returns. If that is forbidden, prints why and what to do, and
# exits with status 3.
enter_machines() {
  local reason
  if [[ ! ${IN_NEW_NETWORK:-} ]]; then
    if reason=$(why_no_machines); then echo "$reason" >&2 && exit 3; fi
    IN_NEW_NETWORK=1 in_new_network bash "$@"
  fi
  unset IN_NEW_NETWORK
  mount -t tmpfs none /dev/shm # visible only in here
  export TMPDIR=/dev/shm
}

# in_new_network COMMAND...: becomes that command, with namespaces of its own. An ordinary user also
# gets a user namespace, and in it may do with this network what root may do with the real one.
# Before util-linux 2.38 unshare leaves Ctrl-C ignored in what it starts, which could not trap it.
in_new_network() {
  local user=()
  ((EUID == 0)) || user=(--map-root-user)
  exec unshare "${user[@]}" --net --pid --fork --mount-proc --kill-child \
    env --default-signal=INT,TERM "$@"
}

# why_no_machines: prints in a line what forbids two machines here, and what to do. Returns 1 when
# nothing forbids them.
why_no_machines() {
  local problem
  problem=$( (in_new_network ip link add cable type veth peer name other) 2>&1) && return 1
  no_namespaces "${problem##*$'\n'}"
}

# make_machines: makes the other machine and the cable between the two.
make_machines() {
  spawn unshare --net sleep infinity </dev/null >/dev/null 2>&1
  OTHER_MACHINE=$!
  CLIENT_MACHINE=(nsenter --target "$OTHER_MACHINE" --net)
  HOST=$SERVER_ADDRESS
  eventually other_machine_is_there
  ip link add cable address "$SERVER_CARD" type veth \
    peer name cable address "$CLIENT_CARD" netns "$OTHER_MACHINE"
  ip address add "$SERVER_ADDRESS/24" dev cable
  there ip address add "$CLIENT_ADDRESS/24" dev cable
  ip link set lo up
  ip link set cable up
  there ip link set cable up
  mend_cable
}

other_machine_is_there() { [[ ! /proc/$OTHER_MACHINE/ns/net -ef /proc/self/ns/net ]]; }

# there COMMAND...: runs it on the other machine.
there() { "${CLIENT_MACHINE[@]}" "$@"; }

# lose_from server|client: from now on, nothing that this machine sends arrives. It gets a wrong MAC
# address for the other machine, and does not ask for it again (nud permanent).
lose_from() { send_to_card "$1" "$NO_CARD" "$NO_CARD"; }

# deliver_from server|client: what that machine sends arrives again.
deliver_from() { send_to_card "$1" "$CLIENT_CARD" "$SERVER_CARD"; }

# send_to_card server|client FROM_SERVER FROM_CLIENT: the MAC address that this machine sends to.
send_to_card() {
  case $1 in
    server) ip neigh replace "$CLIENT_ADDRESS" lladdr "$2" dev cable nud permanent ;;
    client) there ip neigh replace "$SERVER_ADDRESS" lladdr "$3" dev cable nud permanent ;;
  esac
}

# Both work in both directions. (`ip link set cable down` would remove the route as well, and
# connect() would fail at once, with "Network is unreachable".)
pull_cable() { lose_from server && lose_from client; }
mend_cable() { deliver_from server && deliver_from client; }
