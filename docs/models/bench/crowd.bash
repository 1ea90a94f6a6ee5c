# A crowd: silent clients by the thousand, held by the load generator (docs/models/bench/load).

# connect_crowd COUNT: so many clients connect, are answered once and stay, until leave_crowd or the
# end of the test. Returns when they are there; 1 when they are not within DEADLINE seconds.
connect_crowd() {
  note "%s silent clients connect" "$1"
  rm -f "$SCRATCH/crowd.in"
  mkfifo "$SCRATCH/crowd.in"
  exec {crowd}<>"$SCRATCH/crowd.in"
  spawn "$ROOT/docs/models/bench/load" -n "$1" -a 0 -s 0 -e cat "$PORT" \
    <"$SCRATCH/crowd.in" >"$SCRATCH/crowd.out" 2>&1
  CLIENT_NC[crowd]=$! # ended with the clients, whatever happens
  eventually grep -q "^clients $1$" "$SCRATCH/crowd.out"
}

# leave_crowd: they leave; returns the status of the generator.
leave_crowd() {
  note "the crowd leaves"
  exec {crowd}>&-
  wait "${CLIENT_NC[crowd]}"
}
