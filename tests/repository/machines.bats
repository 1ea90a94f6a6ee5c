#!/usr/bin/env bats
# Two machines in one, and the demos of docs/beyond.md: they show what they say, and leave nothing
# behind.

load demos
. "$ROOT/tests/helpers/machines.bash"
. "$ROOT/tests/helpers/patches.bash"

needs_machines() {
  local reason
  if reason=$(why_no_machines); then skip "$reason"; fi
}

# --- the helper: that it loses, delivers and mends is what the demos below rest on

@test "kill -9 of a script with two machines leaves nothing behind: no process, no file" {
  needs_machines
  start_paused "In a week" "$ROOT/docs/demos/unplugged.sh"
  kill -s KILL "$demo"
  ends_with 137 process_has_ended "$demo"
  eventually nothing_is_left
}

# In the background a script finds Ctrl-C ignored, as after an old unshare; under nohup it would not
# see the end of the terminal.
@test "Ctrl-C and the end of the terminal leave nothing behind" {
  needs_machines
  start_paused "In a week" "$ROOT/docs/demos/unplugged.sh"
  ends_with 130 is_ended_by INT "$demo"
  nothing_is_left
  start_paused "In a week" env --default-signal=HUP "$ROOT/docs/demos/unplugged.sh"
  ends_with 129 is_ended_by HUP "$demo"
  eventually nothing_is_left
}

@test "where namespaces are forbidden, a sentence names the setting and what to do; status 3" {
  stands_in unshare 'echo "unshare: Operation not permitted" >&2; exit 1'
  export SYSCTL=$BATS_TEST_TMPDIR/sysctl
  mkdir -p "$SYSCTL/kernel"
  run -3 "$ROOT/docs/demos/every-state.sh"
  [[ $output == *"unshare: Operation not permitted"*"with sudo; a container needs --privileged"* ]]
  echo 1 >"$SYSCTL/kernel/apparmor_restrict_unprivileged_userns"
  run -3 "$ROOT/docs/demos/every-state.sh"
  [[ $output == *"with sudo, or"*"sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" ]]
}

@test "a limit of no network namespace at all is named, and is the true reason" {
  needs_machines
  run -3 unshare --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_net_namespaces && exec "$1"' sh "$ROOT/docs/demos/unplugged.sh"
  [[ $output == *"with sudo, or"*"sysctl -w user.max_net_namespaces=10000" ]]
}

@test "the demos on two machines that no page shows keep their promises, in 80 columns" {
  needs_machines
  demos every-state 'syn-queue 2' 'unplugged 3'
}

@test "a demo shows the parts that are asked for, and says which there are" {
  demo framing 2
  [[ $output == *"a message: two"* && $output != *onetwothree* && $output != *ntohl* ]]
  run -2 "$ROOT/docs/demos/framing.sh" 4
  [[ $output == "Which parts, from 1 to 3? You said: '4'" ]]
}

@test "every patch of a demo applies to its step, builds without a warning, and is used" {
  needs patch
  cd "$ROOT"
  for patch in docs/demos/patches/*.patch; do
    ! grep -q " ${patch##*/}\$" tests/repository/docs.bats || continue # a solution, tried there
    echo "$patch" # seen when it fails
    CFLAGS='-O2 -Werror' build_patches "$BATS_TEST_TMPDIR/copy" "$patch"
    grep -q "_patched .*$(basename "$patch" .patch)" docs/demos/*.sh
  done
}
