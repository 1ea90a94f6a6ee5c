#!/usr/bin/env bats
# The exercise of docs/beyond.md on SIGTERM: a server that ends without cutting off its clients,
# five seconds later at most. For a learner's server: make test-clean-stop SERVER=path.

load report/suite
lesson docs/beyond "A clean stop"

# What these tests do to a server explains what one can see of it.
look_for_the_cause() { :; }

gets_term() {
  note "the server gets SIGTERM"
  signal_server TERM
}

port_has_no_listener() { ! port_has_listener; }

@test "after SIGTERM a client in the middle is served until it leaves, and a new one is refused" {
  start_server
  connect_nc anna
  exchange anna "one" || hint "call recv() and send() in a loop"
  freeze_server
  send anna "two"
  eventually server_recv_queue 3
  gets_term
  continue_server
  receive anna "two" ||
    hint "handle SIGTERM (sigaction, signalfd): stop listening, but keep the clients"
  eventually port_has_no_listener && exchange anna "three" ||
    hint "stop listening at once, by shutdown() or close(), and keep serving whoever is connected"
  disconnect anna
  server_ends_with 0 || hint "nobody is left to be served: end with status 0"
}

@test "it ends with status 0 at once when there is no client" {
  start_server
  gets_term
  server_ends_with 0 ||
    hint "handle SIGTERM, and let it end the wait for a client: after SA_RESTART accept() sleeps \
again"
}

@test "a client that stays is given five seconds: then it gets a FIN, and the status is 0" {
  start_server
  greet anna || hint "call recv() and send() in a loop"
  gets_term
  began=$SECONDS
  DEADLINE=$((DEADLINE + 5)) server_ends_with 0 ||
    hint "a silent client would keep it alive for ever: give it a time limit, and end with status 0"
  ((SECONDS - began >= 4)) || hint "do not end at once: give a client that stays five seconds"
  eventually ending_is anna closed ||
    hint "anna was reset: end without SO_LINGER, and read what has come"
}
