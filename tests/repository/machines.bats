#!/usr/bin/env bats
# Two machines in one, and the demos of docs/beyond.md: they show what they say, and leave nothing behind.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/docs/language/locale.bash"
. "$ROOT/tests/helpers/wait.bash"
. "$ROOT/tests/helpers/processes.bash"
. "$ROOT/tests/helpers/machines.bash"
. "$ROOT/tests/repository/demos.bash"

needs_machines() {
  local reason
  if reason=$(why_no_machines); then skip "$reason"; fi
}

needs_patch() { command -v patch >/dev/null || skip "patch is not installed on this machine"; }

# --- the helper

# on_two_machines: runs the commands on standard input with two machines and a server of step 4.
on_two_machines() {
  local script=$BATS_TEST_TMPDIR/script
  {
    echo "set -euo pipefail; ROOT='$ROOT'; SCRATCH='$BATS_TEST_TMPDIR'"
    # shellcheck disable=SC2016 # for the other bash to expand
    echo '. "$ROOT/docs/language/locale.bash"
      . "$ROOT/tests/helpers/machines.bash"
      enter_machines "$0"
      . "$ROOT/tests/helpers/all.bash"
      make_machines
      SERVER_COMMAND=("$ROOT/step4_threads/server")
      start_server 0.0.0.0'
    cat
  } >"$script"
  run bash "$script"
  ((status == 0)) || { echo "$output" && return 1; }
}

@test "two machines: a client on the other one is served, and ss shows one end on each" {
  needs_machines
  on_two_machines <<'END'
connect_nc anna
exchange anna "hello"
server_is ESTAB 1
client_is ESTAB 1
[[ $(server_sockets) =~ ESTAB.*10.0.0.1:$PORT\ +10.0.0.2: ]]
[[ $(client_sockets) =~ ESTAB.*10.0.0.2:[0-9]+\ +10.0.0.1:$PORT ]]
[[ ! $(there ss -Htan "sport = :$PORT") ]]
END
}

@test "one direction is lost, then the other, then both; mended, everything arrives" {
  needs_machines
  on_two_machines <<'END'
lose_from server
connect_nc anna
eventually server_is SYN-RECV # her SYN has arrived
client_is SYN-SENT
mend_cable
eventually server_is ESTAB
client_is ESTAB
disconnect anna
eventually server_has_no_connection
connect_nc ben # without a lost SYN: what he sends is repeated sooner
eventually client_is ESTAB
lose_from client
send ben "hello"
ben_waits() { has_line "$(client_sockets)" "^ESTAB +0 +5 "; }
eventually ben_waits
has_received ben ""
deliver_from client
receive ben "hello"
pull_cable
disconnect ben
eventually client_is FIN-WAIT-1
server_is ESTAB
deliver_from client
eventually server_is LAST-ACK # her FIN has arrived, the answer has not
client_is FIN-WAIT-1
mend_cable
eventually server_has_no_connection
eventually client_is TIME-WAIT
END
}

# paused_in_room NUMBER: starts make demo-every-state, to the pause before that state; its pid is $demo.
# As a background command it finds Ctrl-C ignored, as after an old unshare.
paused_in_room() {
  mkfifo "$BATS_TEST_TMPDIR/keyboard"
  PAUSE=1 setsid "$ROOT/docs/demos/every-state.sh" \
    <>"$BATS_TEST_TMPDIR/keyboard" >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- 4>&- &
  demo=$!
  for ((room = 1; room < $1; room++)); do echo >"$BATS_TEST_TMPDIR/keyboard"; done
  eventually grep -q "^== $1 of 11" "$BATS_TEST_TMPDIR/output"
  [[ $(grep -ls "DEMO_MARK=$DEMO_MARK" /proc/[0-9]*/environ) == *$'\n'* ]] # more than one process
}

# ends_with STATUS: the demo does.
ends_with() {
  local status=0
  eventually process_has_ended "$demo" || kill -s KILL "$demo"
  wait "$demo" || status=$?
  ((status == $1))
}

@test "kill -9 of a script with two machines leaves nothing behind: no process, no file" {
  needs_machines
  paused_in_room 5
  kill -s KILL "$demo"
  ends_with 137
  eventually nothing_is_left
}

@test "Ctrl-C and the end of the terminal leave nothing behind" {
  needs_machines
  paused_in_room 3
  eventually is_ended_by INT "$demo" || true # ends_with tells
  ends_with 130
  nothing_is_left
  rm "$BATS_TEST_TMPDIR/keyboard" "$BATS_TEST_TMPDIR/output"
  paused_in_room 3
  eventually is_ended_by HUP "$demo" || true # ends_with tells
  ends_with 129
  eventually nothing_is_left
}

@test "where namespaces are forbidden, a sentence names the setting and what to do; status 3" {
  mkdir -p "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/sysctl/kernel"
  printf '#!/bin/sh\necho "unshare: Operation not permitted" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/unshare"
  chmod +x "$BATS_TEST_TMPDIR/bin/unshare"
  export PATH=$BATS_TEST_TMPDIR/bin:$PATH SYSCTL=$BATS_TEST_TMPDIR/sysctl
  run -3 "$ROOT/docs/demos/every-state.sh"
  [[ $output == *"unshare: Operation not permitted"*"needs sudo"* ]]
  echo 1 >"$SYSCTL/kernel/apparmor_restrict_unprivileged_userns"
  run -3 "$ROOT/docs/demos/every-state.sh"
  [[ $output == *"with sudo, or"*"sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" ]]
}

@test "a limit of no network namespace at all is named, and is the true reason" {
  needs_machines
  # shellcheck disable=SC2016 # for the other shell to expand
  run -3 unshare --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_net_namespaces && exec "$1"' sh "$ROOT/docs/demos/unplugged.sh"
  [[ $output == *"with sudo, or"*"sysctl -w user.max_net_namespaces=10000" ]]
}

# --- the demos

@test "make demo-every-state: all eleven states, each at its end, with its meaning" {
  needs_machines
  demo every-state
  shows '1 of 11: LISTEN' '^  LISTEN .*server,fd=3' '\| LISTEN: ' \
    '2 of 11: SYN-SENT' '^  SYN-SENT .* 10.0.0.2:.*nc' '\| SYN-SENT at the client' \
    '3 of 11: SYN-RECV' '^  SYN-RECV .* 10.0.0.1:' '^  SYN-SENT' '\| SYN-RECV at the server' \
    '4 of 11: ESTAB' '^  ESTAB .* 10.0.0.1:.*server,fd=4' '^  ESTAB .* 10.0.0.2:' '\| ESTAB at' \
    '5 of 11: FIN-WAIT-1' '^  ESTAB .* 10.0.0.1:' '^  FIN-WAIT-1 .* 10.0.0.2:' '\| FIN-WAIT-1 at' \
    '6 of 11: FIN-WAIT-2' '^  CLOSE-WAIT .* 10.0.0.1:' '^  FIN-WAIT-2 .* 10.0.0.2:' '\| FIN-WAIT-2 at' \
    '7 of 11: CLOSE-WAIT' '^  CLOSE-WAIT .* 10.0.0.1:.*server,fd=4' '\| CLOSE-WAIT at the server' \
    '8 of 11: CLOSING' '^  CLOSING .* 10.0.0.1:' '^  FIN-WAIT-1 .* 10.0.0.2:' '\| CLOSING at the server' \
    'both ends are in TIME-WAIT' \
    '9 of 11: LAST-ACK' '^  LAST-ACK .* 10.0.0.1:' '^  TIME-WAIT .* 10.0.0.2:' '\| LAST-ACK at the server' \
    '10 of 11: TIME-WAIT' '^  TIME-WAIT .* 10.0.0.2:' '\| TIME-WAIT at the client.*' \
    '11 of 11: CLOSED' '\| CLOSED at the server' 'Remember'
  (($(grep -c 'made by: ' <<<"$output") == 11 && $(grep -c 'ended by: ' <<<"$output") == 11))
  [[ $output != *"does not know"* ]]
}

@test "make demo-unplugged: for ever without an option; with keepalive not; bytes are sent again" {
  needs_machines
  needs_patch
  demo unplugged
  shows 'A silent client' '^  ESTAB +0 +0 +10.0.0.1:.*server,fd=4' 'no timer' '^  2$' \
    'keepalive' '^\+.*TCP_KEEPIDLE' 'timer:\(keepalive' 'recv: .* timed out' '^  1$' \
    '^  ESTAB .* 10.0.0.2:' 'bytes on the way' '^  ESTAB +0 +5 +10.0.0.1:' 'timer:\(on,.*,[12]\)' \
    'timer:\(on,.*,[3-9]\)' "came back to dan: 'hello'" '^\+.*TCP_USER_TIMEOUT' \
    'recv: .* timed out' 'Remember'
}

@test "make demo-half-close: a reply after the FIN; a reply lost to a reset; the cure" {
  needs_machines
  needs_patch
  demo half-close
  shows 'Closing one direction' '^  CLOSE-WAIT +6 ' '^  FIN-WAIT-2 .*nc' "came back to anna: 'hello'" \
    'lost to a reset' '^  ESTAB .* 10.0.0.2:' 'came back to ben: nothing' \
    'The cure' '^\+.*SHUT_WR' '^  FIN-WAIT-1 +0 +16385 ' 'came back to cora: 16384 bytes' 'Remember'
}

@test "make demo-nagle: two sends take many times as long as one, and not with TCP_NODELAY" {
  needs_patch
  demo nagle
  shows 'times [0-9.]+ ms' '^\+.*send_all' 'times [0-9.]+ ms' 'that is [0-9]+ times' '^\+.*TCP_NODELAY' \
    'without it: [0-9]+ times' 'Remember'
  while read -r times; do ((times >= 5)); done < <(grep -oE '[0-9]+ times as' <<<"$output" | cut -d ' ' -f 1)
}

@test "make demo-flow-control: the window closes, send() sleeps, reading mends it; a deadlock; a limit" {
  demo flow-control
  shows 'does not read' '^  ESTAB +0 +[1-9].*server' '^  ESTAB +[1-9].*bash' 'window is closed' \
    'timer:\(persist' '^  ESTAB +0 +0 .*server' 'send\(\) sleeps' \
    '^  ESTAB +[1-9][0-9]* +[1-9].*server' '^  ESTAB +[1-9][0-9]* +[1-9]' 'S \(sleeping\)' \
    'only send' '^  ESTAB +[1-9][0-9]* +[1-9].*server' '^  ESTAB +[1-9][0-9]* +[1-9]' \
    'S \(sleeping\)' 'S \(sleeping\)' \
    '^\+.*SO_SNDTIMEO' 'send: Resource temporarily' '^  LISTEN +0 ' 'Remember'
}

@test "make demo-syn-queue: nine half-open, not counted in Recv-Q; mended, given up, dropped" {
  needs_machines
  demo syn-queue
  shows '9 SYN-RECV' '^  LISTEN +0 +8 ' 'SyncookiesSent +[1-9]' 'ListenDrops +0 ' '12 ESTAB' \
    'never reply' '1 LISTEN' 'Without SYN cookies' 'ListenDrops +[1-9]' 'Remember'
}

@test "make demo-framing: three sends are one recv(); a newline, a length make messages" {
  needs_patch
  demo framing
  shows 'recv\(\) returned 11 bytes: onetwothree' '^\+.*memchr' 'prints nothing' '^  a message: one$' \
    '^  a message: two$' '^\+.*ntohl' '^  a message: one$' '^  a message: two$' '^  three$' '^  !$' 'Remember'
}

@test "make demo-linger: the kernel delivers; 0 throws away; a time makes close() sleep" {
  needs_machines
  needs_patch
  demo linger
  shows '^  LAST-ACK +0 +6 ' '^  1$' "came back to anna: 'hello'" 'l_linger = 0' '^  FIN-WAIT-2' \
    'came back to ben: nothing' 'l_linger = 60' '^  LAST-ACK +0 +6 ' '^  2$' \
    "came back to cora: 'hello'" '^  1$' 'Remember'
}

@test "make demo-clean-stop: SIGTERM cuts a client off; cleanly, it is served to the end" {
  needs_patch
  demo clean-stop
  shows 'status of the server: 143' "came back to anna: 'one '; her connection is reset" '^\+.*sigaction' \
    "came back to ben: 'one two '" 'exit status 1' "'one two three '" 'status of the server: 0' 'Remember'
}

@test "a demo shows the parts that are asked for, and says which there are" {
  demo framing 2
  shows 'A newline' 'a message: two' 'Remember'
  [[ $output != *onetwothree* && $output != *ntohl* ]]
  run -2 "$ROOT/docs/demos/framing.sh" 4
  [[ $output == "Which parts, from 1 to 3? You said: '4'" ]]
}

# --- the changed servers

@test "every patch of a demo applies to its step, builds without a warning, and is used" {
  needs_patch
  cd "$ROOT"
  for patch in docs/demos/patches/*.patch; do
    rm -rf "$BATS_TEST_TMPDIR/copy"
    mkdir "$BATS_TEST_TMPDIR/copy"
    cp -r step?_* "$BATS_TEST_TMPDIR/copy"
    patch --directory="$BATS_TEST_TMPDIR/copy" --strip=1 --fuzz=0 <"$patch" || { echo "$patch" && return 1; }
    folder=$(sed -nE 's,^\+\+\+ b/(.*)/server.c$,\1,p' "$patch")
    make --always-make --directory="$BATS_TEST_TMPDIR/copy/$folder" CFLAGS='-O2 -Werror'
    grep -Eq "(run|build)_patched .*$(basename "$patch" .patch)" docs/demos/*.sh || { echo "nobody uses $patch" && return 1; }
  done
}

# --- the page of the states

@test "docs/tcp_states.md says of every state by which demo it is shown" {
  cd "$ROOT"
  for page in docs/tcp_states.md docs/tcp_states.zh-CN.md; do
    # Of each state: its heading and the demos of its line "Shown by".
    states=$(awk '/^#/ { state = /^### [A-Z]/ ? $2 : "" } state && /^- \*\*(Shown by|可见于)/ { print state, $0 }' "$page")
    (($(wc -l <<<"$states") == 11))
    (($(grep -c 'make demo-every-state' <<<"$states") == 11))
  done
}
