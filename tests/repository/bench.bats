#!/usr/bin/env bats
# The load generator counts what is right and reports what is wrong; the benchmark writes its
# figures, and they show what the pages say of them.

load make
BENCH=$ROOT/docs/models/bench

# serve_changed CODE: starts step 4 with this code in place of its sending; there `reads` counts
# what it has received from all clients.
SEND='send(client, buffer, (size_t)received, 0);'
serve_changed() {
  sed "/if (send_all(/ { N; s/.*/{ static int reads; reads++; $1 }/ }" \
    "$ROOT/step4_threads/server.c" >"$SCRATCH/changed.c"
  cc -std=c11 -pthread -o "$SCRATCH/changed" "$SCRATCH/changed.c"
  SERVER_COMMAND=("$SCRATCH/changed")
  start_server 127.0.0.1
}

# generate ARGUMENT...: runs the load generator; if it hangs, its status is 124.
generate() { timeout 20 "$BENCH/load" "$@" "$PORT" </dev/null; }

# figure NAME: prints what the generator said of it.
figure() { sed -n "s/^$1 //p" <<<"$output"; }

@test "as many round trips are reported as the server has made" {
  serve_changed "$SEND "'printf("%d round trips\\n", reads);'
  run -0 generate -n 1 -s 0.1
  made=$(sed -n 's/ round trips//p' "$SERVER_LOG" | tail -n 1)
  # The client had been answered once before the measurement began.
  (($(figure answers) == made - 1))
}

@test "as many connections are reported as the server has served" {
  serve_changed "$SEND"
  run -0 generate -c -n 5 -s 0.1
  served=$(grep -c 'connected' "$SERVER_LOG")
  (($(figure answers) == served - 5))
}

@test "where most are silent, as many talk as were asked for, spread over all" {
  serve_changed "$SEND"' if (reads > 10) printf("fd %d talks\\n", client);'
  run -0 generate -n 10 -a 3 -s 0.1
  [[ $(sed -n 's/^fd \(.*\) talks$/\1/p' "$SERVER_LOG" | sort -un | xargs) == "4 7 10" ]]
}

@test "a client that gets other bytes, too many or none, or is turned away, is reported" {
  while IFS='|' read -r code problem; do
    serve_changed "$code"
    run -1 generate -n 2 -t 0.3
    [[ ${lines[-1]} =~ ^"client "[12]": "($problem)$ ]]
    stop_server
  done <<END
if (reads == 10) buffer[9]++; $SEND|what came back is not what was sent
static char one[64]; if (reads % 2) memcpy(one, buffer, 64); send(client, one, 64, 0);|what .*
$SEND $SEND|more came back than was sent
if (reads > 9) pause(); $SEND|no answer
if (reads > 9) exit(1); $SEND|closed|reset
break;|closed
END
  run -1 generate -n 1
  [[ $output == "client 1: Connection refused" ]]
}

@test "the benchmark measures what it can reach, and says what stopped it" {
  ulimit -n 80
  run -0 env CLIENTS='2 100' ROUNDS=1 PERIOD=0.1 OUT="$SCRATCH/new/bench.tsv" TMPDIR="$SCRATCH" \
    SERVER=step4_threads/server FROM="$ROOT" "$BENCH/bench.sh" 3>&-
  [[ ! $(ls -d "$SCRATCH"/tmp.* 2>/dev/null) ]] # it has cleaned up
  shown=$(tr -s ' ' <<<"$output")
  [[ $shown =~ "| clients | step 4: threads | fork | select | poll | epoll |".*" yours |" ]]
  [[ $shown =~ "| 100 | client "[0-9]+": Too many open files |" ]]
  ended='closed|reset|Connection refused' # step 1 ends when it has served one
  [[ $shown =~ "| 10 | client "[0-9]+": "($ended)" | client 2: no answer | client 2" ]]
  (($(grep -cE '^talk.*\srate\s[1-9]' "$SCRATCH/new/bench.tsv") >= 6))
}

@test "results.tsv shows what the pages say of it" {
  run -0 awk -F '\t' '
    FNR == NR { figure[$1, $2, $3, $4] = $5 + 0; next }
    /^#/ || $5 == "times" { next }
    !(($1, $2, $3, $4) in figure && ($1, $6, $7, $8) in figure) ||
      figure[$1, $2, $3, $4] < $5 * figure[$1, $6, $7, $8] { print "does not hold: " $0 }
    { claims++ }
    END { print claims " claims" }
  ' "$BENCH/results.tsv" "$BENCH/claims.tsv"
  [[ $output =~ ^[1-9][0-9]" claims"$ ]]
}
