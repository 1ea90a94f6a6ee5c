#!/usr/bin/env bash
# Records one conversation; timeline.sh calls it in a network of its own. Environment: SERVER, FROM.
# Arguments: the folder to write to, the port of the server, the scene (scenes.bash).
# Writes server.strace, NAME.strace for each client, capture.pcap and rests: "rest SINCE UNTIL", in
# seconds, with the lines that ss -Htan printed in between, on both machines if there are two;
# "cable cut|mended server|client TIME"; "end TIME".
# Status 1, and says why, when there is nothing to record. Whatever happens, it leaves no process.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/helpers/all.bash
. tests/helpers/machines.bash
. docs/timeline/scenes.bash

SCRATCH=$1 PORT=$2 SCENE=$3
QUIET=0.08 # seconds: twice that by which a kernel may delay an acknowledgement

# The calls that are drawn, and those that start a process or a thread. -DD: strace is in the
# background, and what it traces is our child. ?: not every processor has it.
# shellcheck disable=SC2054 # these commas are strace's
TRACE=(strace -DD -f --absolute-timestamps=format:unix,precision:ns --syscall-times=ns -yy -s 32
  -e trace=socket,setsockopt,bind,listen,accept,accept4,connect,shutdown,close,recvfrom,recvmsg,\
read,readv,sendto,sendmsg,write,writev,sendfile,splice,clone,clone3,?fork,?vfork,?select,?pselect6,\
?poll,?ppoll,?epoll_wait,?epoll_pwait,?epoll_pwait2,?io_uring_enter)

declare -A CLIENT=()        # name: its pid
declare -A HEARS=() SAYS=() # name: the descriptors of the FIFOs, its input and its output

# --- recording

# end_programs: a strace ends with what it traces. Returns 1 when one does not.
end_programs() {
  local pid
  for pid in "${CLIENT[@]}"; do end_process "$pid"; done
  CLIENT=()
  stop_server
  eventually tracers_have_ended
}
tracers_have_ended() { ! grep -qs "$SCRATCH/[a-z]*\.strace" /proc/[0-9]*/cmdline; }

end_process() {
  kill "$1" 2>/dev/null || true
  wait "$1" || true
}
clean_up() {
  local pid
  end_programs || true
  for pid in ${CAPTURE:-} ${OTHER_MACHINE:-}; do end_process "$pid"; done
}
at_the_end clean_up

# tcpdump writes and reads only what this shell has opened: as another user, which it becomes, it
# may not open our files, and on Ubuntu 24.04 it crashes when told to stay root (-Z root).
# /proc/net/packet has a 1 in its column R when a program receives every packet.
start_capture() {
  spawn tcpdump -i "$WIRE" -s 256 -B 16384 -U --immediate-mode --time-stamp-precision=nano -w - \
    tcp or udp </dev/null >"$SCRATCH/all.pcap" 2>/dev/null # and not what IPv6 sends by itself
  CAPTURE=$!
  eventually grep -Eq '^([^ ]+ +){5}1 ' /proc/net/packet || stop 1 "tcpdump does not capture."
}

# Ends the capture when it has written a last packet, and takes that out again.
stop_capture() {
  echo "that was all" >"/dev/udp/$NEIGHBOUR/9"
  eventually grep -aq "that was all" "$SCRATCH/all.pcap" || stop 1 "tcpdump writes nothing."
  end_process "$CAPTURE"
  tcpdump -r - --time-stamp-precision=nano -w - "tcp port $PORT" \
    <"$SCRATCH/all.pcap" >"$SCRATCH/capture.pcap" 2>/dev/null
}

captured_bytes() { stat -c %s "$SCRATCH/all.pcap"; }
has_captured_more() { (($(captured_bytes) > $1)); } # than so many bytes

# has_lost COUNT: so many packets were sent to no card. tcpdump would take longer to start, and on a
# busy machine one more would be lost until it has counted them.
has_lost() { (($(grep -aoP "\\x${NO_CARD//:/\\x}" "$SCRATCH/all.pcap" | wc -l) >= $1)); }

start_traced_server() {
  local program options=(-o "$SCRATCH/server.strace")
  choose_server "$SERVER" "$FROM"
  program=${SERVER_COMMAND[0]}
  [[ $program != bash ]] || program=$(cd "$FROM" && command -v "${SERVER%% *}") || true
  # The stack (-k) shows lines of source. That of an interpreter, which has none, is long.
  if [[ $(readelf -SW "$program" 2>/dev/null) == *.debug_line* ]] &&
    strace -k -o /dev/null true 2>/dev/null; then options+=(-k); fi
  # Under sudo the server is still the user's.
  if ((EUID == 0)) && [[ ${SUDO_USER:-} ]]; then options+=(-u "$SUDO_USER"); fi
  SERVER_COMMAND=("${TRACE[@]}" "${options[@]}" "${SERVER_COMMAND[@]}")
  restart_server "$HOST" >&2 || exit 1
}

# --- the words of a scene

# does NAME CALL...: the client makes these calls (client.c), one after the other. If it is not
# ready in time, it sleeps in a call and can make no other: to close it is ended; its kernel closes.
does() {
  local call
  [[ ${CLIENT[$1]:-} ]] || start_client "$1"
  for call in "${@:2}"; do
    if read -r -t 0.25 -u "${SAYS[$1]}" _; then
      echo "$call" >&"${HEARS[$1]}"
      read -r -t "$DEADLINE" -u "${SAYS[$1]}" _ || # that it makes the call now
        stop 1 "The client of this tool does not do as it is told."
    elif [[ $call == close ]]; then
      end_process "${CLIENT[$1]}"
      unset "CLIENT[$1]"
    fi
    rest
  done
}

# start_client NAME: we talk with it over two FIFOs.
start_client() {
  local in=$SCRATCH/$1.in out=$SCRATCH/$1.out hears says
  mkfifo "$in" "$out"
  exec {hears}<>"$in" {says}<>"$out" # for both directions: then no open() waits for the client
  HEARS[$1]=$hears SAYS[$1]=$says
  spawn "${CLIENT_MACHINE[@]}" "${TRACE[@]}" -o "$SCRATCH/$1.strace" \
    docs/timeline/client "$HOST" "$PORT" <"$in" >"$out" 2>"$SCRATCH/$1.log"
  CLIENT[$1]=$!
  eventually read -r -t 0 -u "$says" || # it is ready: reads nothing yet
    stop 1 "The client of this tool does not do as it is told."
}

# signals_server STOP|CONT|TERM: and waits for what that does.
signals_server() {
  signal_server "$1"
  case $1 in
    STOP) eventually server_threads_are Tt || stop 1 "The server cannot be stopped." ;; # t: traced
    TERM) eventually server_group_has_ended || signal_server KILL ;;
  esac
  rest
}

# cuts server|client: from now on nothing that this machine sends arrives.
cuts() {
  lose_from "$1"
  echo "cable cut $1 $EPOCHREALTIME" >>"$SCRATCH/rests"
}

# loses COUNT: waits until so many packets are lost, but not for ever: a server may send none.
loses() { eventually has_lost "$1" || true; }

# mends server|client: what this machine sends arrives again. Waits for it, if any was lost.
mends() {
  echo "cable mended $1 $EPOCHREALTIME" >>"$SCRATCH/rests"
  deliver_from "$1"
  ! has_lost 1 || eventually has_captured_more "$(captured_bytes)" || true
  rest
}

# rest: waits until no packet has been sent for a moment, and writes down what ss shows then.
rest() {
  local size since now sockets end=$((SECONDS + DEADLINE))
  while ((SECONDS <= end)); do
    size=$(captured_bytes)
    sleep "$QUIET"
    since=$EPOCHREALTIME
    sockets=$(bytes_on_the_way)
    now=$EPOCHREALTIME
    has_captured_more "$size" || break
  done
  printf 'rest %s %s\n%s\n' "$since" "$now" "$sockets" >>"$SCRATCH/rests"
}

# --- the recording

WIRE=lo NEIGHBOUR=127.0.0.1
ip link set lo up
# These buffers are full after some packets.
if [[ $SCENE == flood ]]; then
  tee /proc/sys/net/ipv4/tcp_{r,w}mem <<<"4096 16384 16384" >/dev/null
fi
if on_two_machines "$SCENE"; then
  make_machines
  WIRE=cable NEIGHBOUR=$CLIENT_ADDRESS
fi
start_capture
start_traced_server
rest
"scene_$SCENE"
echo "end $EPOCHREALTIME" >>"$SCRATCH/rests"
end_programs || stop 1 "strace does not end."
stop_capture
