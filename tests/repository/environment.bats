#!/usr/bin/env bats
# What surrounds the commands is not as usual: the terminal, limits, signals, the network, tools.
# make -C .ci matrix runs the README's two commands in such environments.

load make

@test "every script sets the locale of its tools in the one place" {
  run grep -LE '/(locale|all|helpers|machines|two_machines)\.bash|load (make|demos|report/suite)' \
    tests/*.bats tests/*/*.bats tests/*/*.sh docs/*/*.sh
  [[ ! $output ]]
}

@test "a terminal gets colour, but not with NO_COLOR and not when it is dumb" {
  needs script # which gives a terminal
  for login in TERM=xterm TERM=dumb "TERM=xterm NO_COLOR=1"; do
    for command in docs/demos/handshake.sh "docs/look/diff.sh 2"; do
      SHELL=$BASH PAUSE=0 run -0 timeout 60 script --quiet --return --command \
        "export $login; $command" /dev/null </dev/null
      [[ $output == *server* ]]
      case $login in
        TERM=xterm) [[ $output == *$'\e['* ]] ;;
        *) [[ $output != *$'\e'* ]] ;;
      esac
    done
  done
}

@test "too few descriptors for a test skip it with the reason; a demo ends and gives the reason" {
  ulimit -n 100
  run -0 make test-step4 TEST='150 clients|every value'
  [[ $output == *"# skip this needs 170 descriptors, and ulimit -n is 100 here"* ]]
  run -1 docs/demos/backlog.sh </dev/null
  [[ $output == "this needs 150 descriptors, and ulimit -n is 100 here" ]]
}

@test "where SIGTERM is ignored, as unshare of old util-linux leaves it, clients and servers end" {
  # The trap is of a shell of its own: timeout would put the default back.
  run -0 outside timeout --signal=KILL 60 bash -c "trap '' TERM INT
    make test-step3 TEST='first message'"
  [[ $output == *"ok 1 "* ]]
}

# hide TOOL...: from now on none of them is found, but all others.
hide() {
  mkdir -p "$SCRATCH/bin"
  # The first of a name is the one that is used; for others ln fails.
  ln -st "$SCRATCH/bin" {/usr/local,/usr,}/bin/* {/usr,}/sbin/* 2>/dev/null || true
  PATH=$SCRATCH/bin
  (cd "$PATH" && rm -f "$@")
}

# tells WORDS TARGET...: each target fails, and says that, and the command that mends it.
tells() {
  local words=$1 target
  for target in "${@:2}"; do
    run -2 make -s "$target" PORT=8884
    echo "make $target says:"$'\n'"$output"
    has_in_order "$words" "'make doctor' looks for everything." "  " "apt-get install -y "
    ((${#lines[@]} < 8))
  done
}

@test "without a tool each target that needs it says so, and how to install it; nothing passes" {
  hide ss
  tells "ss is missing" test-step1 test-step4 test-demos test-docs test-make test-mistakes \
    test-bench demo demo-reset demo-c10k states watch docs bench
  DEADLINE=0 STEP=1 run -1 bats --filter 'first|every value' tests/step1_single_shot.bats
  [[ $output == *"not ok 2 "* && $output != *$'\n'"ok "* ]]
  hide nc
  tells "nc is missing" test-step1 test-demos demo demo-backlog
  hide bats
  tells "bats is missing" test-step1 test-docs
  in_a_copy
  make -s clean # there: other suites use the programs here
  hide cc
  tells "the C compiler (cc) is missing" all demo demo-reset test-step1 test bench
  CC=no-such-cc tells "the C compiler (no-such-cc) is missing" all
}

@test "a bats that is too old is told by the tests and by the first command, with a way out" {
  hide bats
  stands_in bats 'echo Bats 1.2.1'
  tells "bats 1.2.1 is too old (1.8 or newer is needed)" test-step1 test-make
  grep -A 1 -m 1 '^```sh' README.md | grep -q "&& make doctor demo$"
  run -2 make doctor demo
  has_in_order "bats 1.2.1 is too old" "npm install -g bats && " "/usr/local/bin/"
  [[ $output != *"Step 1"* ]]
}

@test "doctor finds everything here, or else prints a command for root and for those with sudo" {
  run -0 make doctor
  hide ss sudo
  stands_in apt-get 'echo "apt-get $*"'
  run -1 docs/look/doctor.sh
  [[ $output == *$'\nMISSING  ss '* ]]
  run -0 bash -c "$(docs/look/doctor.sh | tail -n 1)"
  [[ $output == $'apt-get update\napt-get install -y iproute2' ]]
}
