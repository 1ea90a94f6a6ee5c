#!/usr/bin/env bats
# Two machines in one, and the demos of docs/beyond.md: they show what they say, and leave nothing
# behind.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/docs/language/locale.bash"
. "$ROOT/tests/helpers/wait.bash"
. "$ROOT/tests/helpers/processes.bash"
. "$ROOT/tests/helpers/machines.bash"
. "$ROOT/tests/helpers/patches.bash"
. "$ROOT/tests/repository/demos.bash"

needs_machines() {
  local reason
  if reason=$(why_no_machines); then skip "$reason"; fi
}

# --- the helper: that it loses, delivers and mends is what the demos below rest on

# paused_in_room NUMBER: starts make demo-every-state, to the pause before that state; its pid is
# $demo. As a background command it finds Ctrl-C ignored, as after an old unshare.
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
  [[ $output == *"unshare: Operation not permitted"*"with sudo; a container needs --privileged"* ]]
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

@test "the demos on two machines that no page shows keep their promises, in 80 columns" {
  needs_machines
  demos <<'END'
every-state
syn-queue 2 3 4 5
unplugged 3
END
}

@test "a demo shows the parts that are asked for, and says which there are" {
  demo framing 2
  [[ $output == *"a message: two"* && $output != *onetwothree* && $output != *ntohl* ]]
  run -2 "$ROOT/docs/demos/framing.sh" 4
  [[ $output == "Which parts, from 1 to 3? You said: '4'" ]]
}

# --- the changed servers

@test "every patch of a demo applies to its step, builds without a warning, and is used" {
  needs_patch
  cd "$ROOT"
  for patch in docs/demos/patches/*.patch; do
    CFLAGS='-O2 -Werror' build_patches "$BATS_TEST_TMPDIR/copy" "$patch" || { echo "$patch" && return 1; }
    grep -q "_patched .*$(basename "$patch" .patch)" docs/demos/*.sh || { echo "nobody uses $patch" && return 1; }
  done
}
