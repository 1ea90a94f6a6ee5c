#!/usr/bin/env bash
# Runs the suites of the stages on servers that were built with sanitizers, and stages 3 and 4 under
# valgrind. Then proves that a report would have been noticed: two servers with a mistake that only
# these tools see must be reported.
# Environment: CC, gcc or clang. Needs valgrind. Status 1 when a suite fails or a tool reports anything.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'stop_server 2>/dev/null || true; rm -rf "$scratch"' EXIT
failed=0

# build STAGE NAME FLAGS [PATCH]: a copy of the stage in $scratch/NAME, built with the flags.
build() {
  cp -r "step$1"_* "$scratch/$2"
  rm -f "$scratch/$2/server"
  if [[ ${4:-} ]]; then patch -s "$scratch/$2/server.c" "tests/broken/$4.patch"; fi
  make -s -C "$scratch/$2" CC="${CC:-gcc}" CFLAGS="-O1 -g $3"
  mkdir "$scratch/$2/reports"
}

# suite STAGE NAME COMMAND [BATS_OPTION...]: the suite of the stage, with its limits, run on the
# command; 1 when a test fails. What the sanitizers have to say is in $scratch/NAME/reports.
suite() {
  local reports=$scratch/$2/reports
  ASAN_OPTIONS=log_path=$reports/asan \
    UBSAN_OPTIONS=log_path=$reports/ubsan:print_stacktrace=1 \
    TSAN_OPTIONS=log_path=$reports/tsan \
    STEP=$1 SERVER=$3 bats "${@:4}" tests/step?_*.bats tests/limits.bats >"$scratch/$2/output" 2>&1
}

# quiet STAGE NAME COMMAND [BATS_OPTION...]: the suite passes and no tool reports anything.
quiet() {
  if ! suite "$@"; then
    grep -A 20 '^not ok' "$scratch/$2/output" || cat "$scratch/$2/output"
  elif compgen -G "$scratch/$2/reports/*" >/dev/null; then
    head -n 40 "$scratch/$2/reports/"*
  else
    echo "quiet     stage $1, $2: $(grep -c '^ok' "$scratch/$2/output") tests"
    return
  fi
  echo "FAILED    stage $1, $2"
  failed=1
}

# reported STAGE NAME COMMAND TEST: the tool reports the mistake while that test runs.
reported() {
  suite "$1" "$2" "$3" --filter "$4" || true # the race may show in the replies too
  if compgen -G "$scratch/$2/reports/*" >/dev/null; then
    echo "reported  stage $1, $2, as it must be"
  else
    echo "FAILED    stage $1, $2: a mistake that was not reported"
    failed=1
  fi
}

for stage in 1 2 3 4; do
  build $stage "address-undefined-$stage" "-fsanitize=address,undefined -fno-sanitize-recover=all"
  quiet $stage "address-undefined-$stage" "$scratch/address-undefined-$stage/server" --filter-tags "stage:$stage"
done
build 4 thread "-fsanitize=thread"
# The sanitizer runs a thread of its own.
quiet 4 thread "$scratch/thread/server" --filter-tags 'stage:4,!counts-threads'
build 4 thread-race "-fsanitize=thread" address-of-a-variable
reported 4 thread-race "$scratch/thread-race/server" 'accepted in one go'

# --- valgrind: descriptors and memory of a run with clients that come and go

# shellcheck source=tests/helpers/server.bash
. tests/helpers/server.bash
# shellcheck source=tests/helpers/sockets.bash
. tests/helpers/sockets.bash
# shellcheck source=tests/helpers/clients.bash
. tests/helpers/clients.bash
trap '' PIPE
DEADLINE=30

# under_valgrind STAGE NAME [PATCH]: serves 20 clients, of which half reset, ends, and leaves what
# valgrind says in $scratch/NAME/log.
under_valgrind() {
  build "$1" "$2" "" "${3:-}"
  SCRATCH=$scratch/$2
  # Not "possibly lost": glibc keeps the stacks of threads that have ended, for the next ones.
  SERVER_COMMAND=(valgrind --track-fds=yes --leak-check=full --log-file="$SCRATCH/log"
    "--show-leak-kinds=definite,indirect" "--errors-for-leak-kinds=definite,indirect"
    "$SCRATCH/server")
  start_server 127.0.0.1
  for _ in {1..10}; do
    connect 5
    exchange 5 "hello"
    disconnect 5
    connect 5
    reset_connection 5
  done
  eventually server_has_no_connection || true # the broken one keeps some
  stop_server
}

# valgrind_is_content NAME: no error, no byte lost, and no socket open at the end but the listener.
valgrind_is_content() {
  grep -q 'ERROR SUMMARY: 0 errors' "$scratch/$1/log" &&
    ! grep -Eq '(definitely|indirectly) lost: [1-9]' "$scratch/$1/log" &&
    (($(grep -c 'AF_INET socket' "$scratch/$1/log") == 1))
}

for stage in 3 4; do
  under_valgrind $stage "valgrind-$stage"
  if valgrind_is_content "valgrind-$stage"; then
    echo "quiet     stage $stage, valgrind: 20 clients"
  else
    cat "$scratch/valgrind-$stage/log"
    echo "FAILED    stage $stage, valgrind"
    failed=1
  fi
done
DEADLINE=3
under_valgrind 3 valgrind-no-close no-close
if valgrind_is_content valgrind-no-close; then
  echo "FAILED    stage 3, valgrind-no-close: a leak that was not reported"
  failed=1
else
  echo "reported  stage 3, valgrind-no-close, as it must be"
fi
exit $failed
