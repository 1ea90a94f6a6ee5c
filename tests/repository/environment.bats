#!/usr/bin/env bats
# The two commands of the README hold in any environment: locale, terminal, limits, no IPv6, a process
# 1 that does not wait; and a tool that is missing is said in a sentence. `make -C .ci matrix` runs the whole
# of both commands in such environments, and on other machines.
# shellcheck disable=SC2030,SC2031 # run sets output and lines in each test, and in tells

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
. "$ROOT/tests/helpers/trace.bash"
. "$ROOT/tests/helpers/all.bash"
. "$ROOT/tests/repository/make.bash"

setup() {
  trace_only_the_test
  cd "$ROOT" || return 1
  SCRATCH=$BATS_TEST_TMPDIR
}

teardown() {
  stop_clients
  stop_server
}

# --- locale

# speak LANGUAGE: from now on programs speak it; the test is skipped when they cannot.
speak() {
  mkdir "$SCRATCH/locales"
  localedef -i "$1" -f UTF-8 "$SCRATCH/locales/$1.UTF-8" 2>/dev/null ||
    skip "no locale $1 can be made on this machine (package locales)"
  export LOCPATH=$SCRATCH/locales LC_ALL=$1.UTF-8
  [[ $(bash -c ': </nowhere' 2>&1) != *"No such file"* ]] ||
    skip "bash has no messages in $1 on this machine"
}

@test "in a Chinese login the tests pass, the demos show what they do, and no page is stale" {
  speak zh_CN
  run -0 make test-step1 TEST='bound|port in use|step 1'
  run -0 make test-step2 TEST="reset|step 2"
  run -0 make demo-reset
  run -0 make demo-addresses
  run -0 docs/pages/generate.sh --check README.md docs/c10k.md
}

@test "in a login whose locale is not installed the tests pass, and demos show what they do" {
  export LC_ALL=xx_XX.UTF-8 # bash warns of it, on stderr, whenever it starts
  run -0 make test-step1 TEST='bound|port in use|step 1'
  run -0 --separate-stderr docs/demos/threads.sh </dev/null
  [[ $output == *Remember* && $output != *setlocale* ]]
}

@test "every script sets the locale of its tools in the one place" {
  run grep -LE '(language/locale|helpers/all)\.bash|load report/suite|/(helpers|machines|two_machines)\.bash' \
    tests/*.bats tests/*/*.bats tests/*/*.sh docs/*/*.sh
  [[ ! $output ]]
}

# --- terminal

# on_terminal COMMAND: runs it on a terminal; output is what stands there.
on_terminal() {
  export -f make outside
  command -v script >/dev/null || skip "script, which gives a terminal, is not on this machine"
  SHELL=$BASH PAUSE=0 run -0 timeout 60 script --quiet --return --command "$1" /dev/null </dev/null
}

@test "a terminal gets colour, but not with NO_COLOR and not when it is dumb" {
  export TERM=xterm
  on_terminal docs/demos/handshake.sh
  [[ $output == *$'\e['* ]]
  TERM=dumb on_terminal docs/demos/handshake.sh
  [[ $output != *$'\e'* ]]
  NO_COLOR=1 on_terminal docs/demos/handshake.sh
  [[ $output != *$'\e'* ]]
  NO_COLOR=1 on_terminal "make -s diff-step2"
  [[ $output != *$'\e'* ]]
}

# --- limits

@test "too few descriptors for a test skip it with the reason; a demo ends and gives the reason" {
  ulimit -n 100
  run -0 make test-step4 TEST='150 clients|a single byte'
  [[ $output == *"# skip this needs 170 descriptors, and ulimit -n is 100 here"* ]]
  run -1 docs/demos/backlog.sh </dev/null
  [[ $output == "this needs 150 descriptors, and ulimit -n is 100 here" ]]
}

# --- network

# without_ipv6 COMMAND: in a network of its own that has no ::1.
without_ipv6() {
  unshare --map-root-user --net ip link set lo up ||
    skip "this user may not have a network of their own on this machine"
  # shellcheck disable=SC2016 # for the other bash to expand
  run -0 unshare --map-root-user --net bash -c '
    ip link set lo up
    ip address delete ::1/128 dev lo 2>/dev/null
    exec "$@"' without_ipv6 "$@"
}

@test "where IPv6 is there but switched off, the demo of it says so, and a suite passes" {
  without_ipv6 docs/demos/ipv6.sh
  [[ $output == *"IPv6, or it is switched off"* ]]
  STEP=4 TEST='a single byte' without_ipv6 tests/report/run_suite.sh
}

@test "the default ports are tested also while something uses them, TIME-WAIT for example" {
  timeout 5 step1_single_shot/server & # or something uses the port already
  PORT=8881
  if eventually server_socket_is_there && connect anna; then
    exchange anna "hello"
    disconnect anna
  fi
  wait $! || true
  for step in 1 2 3 4; do
    run -0 make test-step$step TEST='without arguments'
    [[ $output == *"ok 1 "* && $output != *"# skip"* ]]
  done
}

server_socket_is_there() { [[ $(server_sockets) ]]; }

# --- processes

@test "where SIGTERM is ignored, as unshare of old util-linux leaves it, clients and servers end" {
  # The trap is of a shell of its own: timeout would put the default back.
  run -0 outside timeout --signal=KILL 60 bash -c "trap '' TERM INT; make test-step3 TEST='first message'"
  [[ $output == *"ok 1 "* ]]
}

@test "a server has ended also when process 1 leaves it as a zombie" {
  # The child leads a group of its own and ends; its parent becomes sleep, which does not wait for it.
  spawn bash -c 'setsid true & echo $!; exec sleep 60' </dev/null >"$SCRATCH/child" 2>&1
  parent=$!
  eventually grep -q . "$SCRATCH/child"
  SERVER_PID=$(cat "$SCRATCH/child")
  eventually grep -q zombie "/proc/$SERVER_PID/status"
  kill -0 -- "-$SERVER_PID" # the group is still there
  DEADLINE=1
  run -0 stop_server
  [[ ! $output ]]
  SERVER_PID=''
  kill "$parent"
  wait "$parent" || true
}

# --- tools

# hide TOOL...: from now on none of them is found, but all others.
hide() {
  local folder tool
  mkdir -p "$SCRATCH/bin"
  for folder in /usr/local/bin /usr/bin /bin /usr/sbin /sbin; do
    ln -s "$folder"/* "$SCRATCH/bin/" 2>/dev/null || true # the first of a name is the one that is used
  done
  for tool; do rm -f "$SCRATCH/bin/$tool"; done
  PATH=$SCRATCH/bin
}

# tells WORDS TARGET...: each target fails, with a sentence that has the words and names the command.
tells() {
  local words=$1 target
  shift
  for target; do
    run -2 make -s "$target" PORT=8884
    [[ $output == *"$words"*"'make doctor' looks for everything."*$'\n'*"  "*"apt-get install -y "* ]] ||
      { echo "make $target says:"$'\n'"$output" && return 1; }
    ((${#lines[@]} < 8)) || { echo "make $target says too much:"$'\n'"$output" && return 1; }
  done
}

@test "without ss no target passes, and each says what is missing and what installs it" {
  hide ss
  tells "ss is missing" test-step1 test-step4 test-demos test-docs test-make test-mistakes test-bench \
    demo demo-reset demo-c10k states watch docs bench
  run -2 make -s test-step4 SERVER=/bin/false
  [[ $output == *"ss is missing"* ]]
}

@test "without ss nothing passes, even when bats is called by hand" {
  hide ss
  DEADLINE=0 STEP=1 run -1 bats --filter 'first|single' tests/step1_single_shot.bats
  [[ $output == *"not ok 2 "* && $output != *$'\n'"ok "* ]]
}

@test "without nc, bats or a compiler each target that needs it says so in a sentence" {
  hide nc
  tells "nc is missing" test-step1 test-demos demo demo-backlog
  hide bats
  tells "bats is missing" test-step1 test-docs
  cp -r . "$SCRATCH/copy"
  cd "$SCRATCH/copy"
  make -s clean # there: other suites use the programs here
  hide cc
  tells "the C compiler (cc) is missing" all demo demo-reset test-step1 test bench
  CC=no-such-cc tells "the C compiler (no-such-cc) is missing" all
}

@test "a bats that is too old is told by the tests and by the README's first command, with a way out" {
  hide bats
  printf '#!/bin/sh\necho Bats 1.2.1\n' >"$SCRATCH/bin/bats"
  chmod +x "$SCRATCH/bin/bats"
  tells "bats 1.2.1 is too old (1.8 or newer is needed)" test-step1 test-make
  [[ $(sed -n '/^```sh/{n;p;q}' README.md) == *"&& make doctor demo" ]]
  run -2 make doctor demo
  [[ $output == *"bats 1.2.1 is too old"*"npm install -g bats && "*"/usr/local/bin/"* ]]
  [[ $output != *"Step 1"* ]]
}

@test "doctor names sudo only where it is, and only to those who need it" {
  unprivileged=()
  ((EUID)) || unprivileged=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  hide ss sudo
  chmod -R a+rX "$BATS_RUN_TMPDIR"
  run -1 "${unprivileged[@]}" docs/look/doctor.sh
  [[ $output == *", as root:"$'\n'"  apt-get update && apt-get install -y iproute2" ]]
  printf '#!/bin/sh\n' >"$SCRATCH/bin/sudo"
  chmod +x "$SCRATCH/bin/sudo"
  run -1 "${unprivileged[@]}" docs/look/doctor.sh
  [[ $output == *"  sudo apt-get update && sudo apt-get install -y iproute2" ]]
  ((EUID)) || { run -1 docs/look/doctor.sh && [[ $output != *sudo* ]]; }
}

