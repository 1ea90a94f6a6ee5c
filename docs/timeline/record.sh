#!/usr/bin/env bash
# Records one conversation; timeline.sh calls it in a network of its own. Environment: SERVER, FROM.
# Arguments: the folder to write to, the port of the server, the scene (scenes.bash).
# Writes server.strace, NAME.strace for each client, capture.pcap and rests: "rest SINCE UNTIL", in
# seconds, with the lines that ss -Htan printed in between, on both machines if there are two;
# "cable cut|mended server|client TIME"; "end TIME".
# Status 1, and says why, when there is nothing to record. Whatever happens, it leaves no process.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/tests/helpers/machines.bash"
. "$HERE/scenes.bash"

SCRATCH=$1 PORT=$2 SCENE=$3
QUIET=0.08 # seconds: twice that by which a kernel may delay an acknowledgement

# The calls that are drawn, and those that start a process or a thread. -DD: strace is in the
# background, and what it traces is our child. ?: not every processor has it.
# shellcheck disable=SC2054 # these commas are strace's
TRACE=(strace -DD -f --absolute-timestamps=format:unix,precision:ns --syscall-times=ns -yy -s 32
  -e trace=socket,setsockopt,bind,listen,accept,accept4,connect,shutdown,close,recvfrom,recvmsg,\
read,readv,sendto,sendmsg,write,writev,sendfile,splice,clone,clone3,?fork,?vfork,?select,?pselect6,\
?poll,?ppoll,?epoll_wait,?epoll_pwait,?epoll_pwait2,?io_uring_enter)

declare -A CLIENT=() # name: its pid

# give_up SENTENCE
give_up() {
  tell "$1" >&2
  exit 1
}

# --- recording

# end_programs: a strace ends with what it traces.
end_programs() {
  local pid
  for pid in "${CLIENT[@]}"; do end_process "$pid"; done
  CLIENT=()
  stop_server >"$SCRATCH/problem" || true # it may ignore SIGTERM: that is for the tests to say
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
  eventually capture_has_begun || give_up "tcpdump does not capture."
}
capture_has_begun() { grep -Eq '^([^ ]+ +){5}1 ' /proc/net/packet; }

# Ends the capture when it has written a last packet, and takes that out again.
stop_capture() {
  echo "that was all" >"/dev/udp/$NEIGHBOUR/9"
  eventually grep -aq "that was all" "$SCRATCH/all.pcap" || give_up "tcpdump writes nothing."
  end_process "$CAPTURE"
  CAPTURE=''
  tcpdump -r - --time-stamp-precision=nano -w - "tcp port $PORT" \
    <"$SCRATCH/all.pcap" >"$SCRATCH/capture.pcap" 2>/dev/null
}

captured_bytes() { stat -c %s "$SCRATCH/all.pcap"; }
has_captured_more() { (($(captured_bytes) > $1)); } # than so many bytes

# has_lost COUNT: so many packets were sent to no card. tcpdump would take longer to start, and on a
# busy machine one more would be lost until it has counted them.
has_lost() { (($(grep -aoP "\\x${NO_CARD//:/\\x}" "$SCRATCH/all.pcap" | wc -l) >= $1)); }

start_traced_server() {
  local as_user=() stack=() # under sudo the server is still the user's
  choose_server "$SERVER" "$FROM"
  if ((EUID == 0)) && [[ ${SUDO_USER:-} ]]; then as_user=(-u "$SUDO_USER"); fi
  if has_lines_of_source; then stack=(-k); fi
  SERVER_COMMAND=("${TRACE[@]}" "${stack[@]}" "${as_user[@]}" -o "$SCRATCH/server.strace"
    "${SERVER_COMMAND[@]}")
  restart_server "$ADDRESS" >"$SCRATCH/problem" || give_up "$(cat "$SCRATCH/problem")"
}

# has_lines_of_source: the server's program has debug information, and strace can print the stack.
# Otherwise nothing is lost, and no time either: the stack of an interpreter is long.
has_lines_of_source() {
  local program=${SERVER_COMMAND[0]}
  if [[ $program == bash ]]; then program=$(cd "$FROM" && command -v "${SERVER%% *}"); fi
  [[ $(readelf -SW "$program" 2>/dev/null) == *.debug_line* ]] &&
    strace -k -o /dev/null true 2>/dev/null
}

# --- the words of a scene

# does NAME CALL...: the client makes these calls (client.c), one after the other. One that is still
# in a call can make no other: instead of closing it is ended, and its kernel closes.
does() {
  local call
  [[ ${CLIENT[$1]:-} ]] || start_client "$1"
  for call in "${@:2}"; do
    if ! in_a_call "$1"; then
      instruct "$1" "$call"
    elif [[ $call == close ]]; then
      end_process "${CLIENT[$1]}"
      unset "CLIENT[$1]"
    fi
    rest
  done
}

# start_client NAME: it reads what to do from a FIFO.
start_client() {
  mkfifo "$SCRATCH/$1.words"
  : >"$SCRATCH/$1.calls"
  spawn "${CLIENT_MACHINE[@]}" "${TRACE[@]}" -o "$SCRATCH/$1.strace" \
    "$HERE/client" "$ADDRESS" "$PORT" \
    <>"$SCRATCH/$1.words" >"$SCRATCH/$1.calls" 2>"$SCRATCH/$1.log"
  CLIENT[$1]=$!
}

# The client writes a byte when it has read what to do, and one more when its call has returned.
in_a_call() { (($(written "$1") % 2)); }
written() { stat -c %s "$SCRATCH/$1.calls"; }

# instruct NAME CALL
instruct() {
  local before
  before=$(written "$1")
  echo "$2" 1<>"$SCRATCH/$1.words"
  eventually has_written_more "$1" "$before" ||
    give_up "The client of this tool does not do as it is told."
}
has_written_more() { (($(written "$1") > $2)); }

# signals_server STOP|CONT|TERM: and waits for what that does.
signals_server() {
  signal_server "$1"
  case $1 in
    STOP) eventually server_threads_are Tt || give_up "The server cannot be stopped." ;; # t: traced
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

# mends server|client: what this machine sends arrives again. If anything was lost, waits for the
# next packet.
mends() {
  local before
  echo "cable mended $1 $EPOCHREALTIME" >>"$SCRATCH/rests"
  deliver_from "$1"
  before=$(captured_bytes)
  if has_lost 1; then eventually has_captured_more "$before" || true; fi
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

CLIENT_MACHINE=() WIRE=lo ADDRESS=127.0.0.1 NEIGHBOUR=127.0.0.1
ip link set lo up
# These buffers are full after some packets.
if [[ $SCENE == flood ]]; then
  tee /proc/sys/net/ipv4/tcp_{r,w}mem <<<"4096 16384 16384" >/dev/null
fi
if on_two_machines "$SCENE"; then
  make_machines
  WIRE=cable ADDRESS=$SERVER_ADDRESS NEIGHBOUR=$CLIENT_ADDRESS
fi
: >"$SCRATCH/rests"
start_capture
start_traced_server
rest
"scene_$SCENE"
echo "end $EPOCHREALTIME" >>"$SCRATCH/rests"
end_programs || give_up "strace does not end."
stop_capture
