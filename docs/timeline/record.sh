#!/usr/bin/env bash
# Records one conversation in a network of its own (timeline.sh calls it there): the calls of the
# server and of each client, every packet, and what ss shows at each moment of rest.
# Arguments: the folder to write to, the port of the server, the scene (scenes.bash).
# Environment: SERVER and FROM as for the tests, or STEP for a shipped server.
# Writes server.strace, NAME.strace for each client, capture.pcap, rests (blocks of lines: "rest
# SINCE UNTIL", in seconds, then what ss -Htan printed in between; last "end TIME") and clients.
# Status 1, and says why, when there is nothing to record. Whatever happens, it leaves no process.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
# shellcheck source=tests/helpers/all.bash
. "$ROOT/tests/helpers/all.bash"
# shellcheck source=docs/timeline/scenes.bash
. "$HERE/scenes.bash"

SCRATCH=$1 PORT=$2
# Milliseconds in which nothing happens: then it is a moment of rest. More than the 40 by which a
# kernel may delay an acknowledgement.
QUIET=80

# -DD: strace is in the background, and what it traces is our child. TCP's calls, fork(), and what waits for several sockets. ?: not every processor has it.
# shellcheck disable=SC2054 # these commas are strace's
TRACE=(strace -DD -f --absolute-timestamps=format:unix,precision:ns --syscall-times=ns -yy -s 32
  -e trace=%network,read,readv,write,writev,sendfile,splice,close,clone,clone3,?fork,?vfork,\
?select,?pselect6,?poll,?ppoll,?epoll_wait,?epoll_pwait,?epoll_pwait2,?io_uring_enter)

declare -A CLIENT=() FEED=() TOLD=() # name: its pid, the descriptor that tells it, words told
NAMES=()                             # in the order in which they connect
TRACERS=()                           # the pid of each strace

# Ends what is left, and waits for it; a strace ends with what it traces.
cleanup() {
  local name
  for name in "${!CLIENT[@]}"; do end_client "$name"; done
  stop_server >"$SCRATCH/problem" || true # it may ignore SIGTERM: that is for the tests to say
  eventually tracers_have_ended || true
  if [[ ${CAPTURE:-} ]]; then end_process "$CAPTURE"; fi
}
end_client() {
  end_process "${CLIENT[$1]}"
  unset "CLIENT[$1]"
}
end_process() {
  kill "$1" 2>/dev/null || true
  wait "$1" || true
}
at_the_end cleanup
trap '' PIPE

# --- recording

# tcpdump writes and reads only what this shell has opened: as another user, which it becomes, it may not
# open our files, and on Ubuntu 24.04 it crashes when told to stay root (-Z root).
# In this network nobody else sends anything. /proc/net/packet has a 1 in its column R when a
# program receives every packet: then the capture has begun.
start_capture() {
  spawn tcpdump -i lo -s 256 -B 16384 -U --immediate-mode --time-stamp-precision=nano -w - \
    </dev/null >"$SCRATCH/all.pcap" 2>/dev/null
  CAPTURE=$!
  eventually capture_has_begun || give_up "tcpdump does not capture on lo."
}
capture_has_begun() { grep -Eq '^([^ ]+ +){5}1 ' /proc/net/packet; }

# Ends the capture when it has written a last packet, and takes that out again.
stop_capture() {
  echo "that was all" >/dev/udp/127.0.0.1/9
  eventually grep -aq "that was all" "$SCRATCH/all.pcap" || give_up "tcpdump writes nothing."
  end_process "$CAPTURE"
  CAPTURE=
  tcpdump -r - --time-stamp-precision=nano -w - "tcp port $PORT" \
    <"$SCRATCH/all.pcap" >"$SCRATCH/capture.pcap" 2>/dev/null
}

start_traced_server() {
  if [[ ${SERVER:-} ]]; then
    choose_server "$SERVER" "$FROM"
  else
    SERVER_COMMAND=("$ROOT"/step"$STEP"_*/server)
  fi
  local as_user=() # under sudo the server is still the user's
  if ((EUID == 0)) && [[ ${SUDO_USER:-} ]]; then as_user=(-u "$SUDO_USER"); fi
  SERVER_COMMAND=("${TRACE[@]}" "${as_user[@]}" -o "$SCRATCH/server.strace" "${SERVER_COMMAND[@]}")
  restart_server 127.0.0.1 >"$SCRATCH/problem" || give_up "$(cat "$SCRATCH/problem")"
  note_tracer "$SERVER_PID"
}

# note_tracer PID: of the process that it traces; waits until it does.
note_tracer() {
  local tracer
  eventually is_traced "$1" || give_up "strace does not trace."
  tracer=$(tracer_of "$1")
  TRACERS+=(${tracer:+"$tracer"}) # it may have ended by now
}
tracer_of() { sed -n 's/^TracerPid:\t//p' "/proc/$1/status"; }
is_traced() { [[ $(tracer_of "$1") != 0 ]]; }
tracers_have_ended() {
  local pid
  for pid in "${TRACERS[@]}"; do process_has_ended "$pid" || return 1; done
}

# start_client NAME
start_client() {
  local feed
  NAMES+=("$1")
  mkfifo "$SCRATCH/$1.words"
  exec {feed}<>"$SCRATCH/$1.words"
  FEED[$1]=$feed
  TOLD[$1]=0
  : >"$SCRATCH/$1.calls"
  spawn "${TRACE[@]}" -o "$SCRATCH/$1.strace" "$HERE/client" "$PORT" \
    <"$SCRATCH/$1.words" >"$SCRATCH/$1.calls" 2>"$SCRATCH/$1.log"
  CLIENT[$1]=$!
  note_tracer "$!"
}

# give_up SENTENCE
give_up() {
  tell "$1" >&2
  exit 1
}

# --- the words of a scene

# does NAME WORD [TEXT]: the client makes that call (client.c), unless it is still in another one.
does() {
  [[ ${CLIENT[$1]:-} ]] || start_client "$1"
  in_a_call "$1" || instruct "$@"
  rest
}

# leaves NAME: it closes; one that is still in a call is ended, and its kernel closes.
leaves() {
  if in_a_call "$1"; then
    end_client "$1"
  else
    instruct "$1" close
  fi
  rest
}

# instruct NAME WORD...: the client is told what to do.
instruct() {
  echo "${*:2}" >&"${FEED[$1]}"
  TOLD[$1]=$((TOLD[$1] + 1))
  eventually has_taken_it "$1" || give_up "The client of this tool does not do as it is told."
}

# What the client writes: < when it has taken a word, > when its call has returned.
written() { stat -c %s "$SCRATCH/$1.calls"; }
has_taken_it() { (($(written "$1") >= 2 * TOLD[$1] - 1)); }
in_a_call() { (($(written "$1") < 2 * TOLD[$1])); }

ends_server() {
  signal_server TERM
  eventually server_group_has_ended || signal_server KILL
  rest
}

stops_server() {
  signal_server STOP
  eventually traced_server_is_stopped || give_up "The server cannot be stopped."
  rest
}
traced_server_is_stopped() { server_threads_are T || server_threads_are t; }

continues_server() {
  signal_server CONT
  rest
}

# rest: waits until no packet has been sent and no socket has changed for QUIET milliseconds, and
# writes down what ss shows then. A server that spins rests in this sense too.
rest() {
  local since now first size sockets before='' end=$((SECONDS + DEADLINE))
  while ((SECONDS <= end)); do
    since=${EPOCHREALTIME/./} # microseconds
    size=$(stat -c %s "$SCRATCH/all.pcap")
    sockets=$(ss -Htan "( sport = :$PORT or dport = :$PORT )")
    now=${EPOCHREALTIME/./}
    if [[ "$size $sockets" != "$before" ]]; then
      before="$size $sockets" first=$since
    elif ((since - first >= QUIET * 1000)); then
      break
    fi
    sleep 0.01
  done
  printf 'rest %s %s\n%s\n' "$(seconds "$since")" "$(seconds "$now")" "$sockets" >>"$SCRATCH/rests"
}
seconds() { echo "${1:0:-6}.${1: -6}"; }

# --- the recording

ip link set lo up
: >"$SCRATCH/rests"
start_capture
start_traced_server
rest
"scene_$3"
echo "end $EPOCHREALTIME" >>"$SCRATCH/rests"
for name in "${!CLIENT[@]}"; do end_client "$name"; done
stop_server >"$SCRATCH/problem" || true
eventually tracers_have_ended || give_up "strace does not end."
stop_capture
echo "${NAMES[*]}" >"$SCRATCH/clients"
