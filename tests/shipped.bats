#!/usr/bin/env bats
# What only our servers promise: arguments, printed lines, default ports.

load report/suite
lesson "step$STEP" "What the tests check"

# refuses STATUS MESSAGE [ARGUMENT...]: so called, the server ends with the status and says just
# that on stderr.
refuses() {
  run "-$1" --separate-stderr timeout 5 "${SERVER_COMMAND[@]}" "${@:3}"
  # The words of musl, in those of glibc.
  stderr=${stderr/Address in use/Address already in use}
  stderr=${stderr/Address not available/Cannot assign requested address}
  [[ ${stderr:-} == "$2" && ! $output ]]
}

USAGE=$'\n''usage: server [PORT [ADDRESS]]'

# --- every step: arguments
# bats file_tags=step:1,step:2,step:3,step:4

@test "what is not a port is refused with the usage line and status 2" {
  for port in '' 0 -1 65536 99999999999999999999 80x eighty 1.5 0x50; do
    refuses 2 "not a port from 1 to 65535: '$port'$USAGE" "$port"
  done
}

@test "what is not an address, and a third argument, are refused in the same way" {
  for address in '' localhost 127.0.0 256.0.0.1 ::1 127.0.0.1:80; do
    refuses 2 "not an IPv4 address: '$address'$USAGE" 8881 "$address"
  done
  refuses 2 "one argument too many: 'extra'$USAGE" 8881 127.0.0.1 extra
}

@test "a port in use, and an address of another machine, are reported with status 1" {
  start_server
  refuses 1 "bind: Address already in use" "$PORT" 127.0.0.1
  refuses 1 "bind: Cannot assign requested address" "$PORT" 192.0.2.1
}

# --- every step: what it does and says

@test "without arguments it listens on port 8880 + the step, of every address" {
  PORT=888$STEP
  launch_server
  eventually server_has_started
  if server_is_running; then
    eventually server_has_said "listening on 0.0.0.0:$PORT (fd 3)"
    [[ $(server_sockets) =~ LISTEN\ +0\ +128\ +0\.0\.0\.0:$PORT\  ]]
  else # somebody uses the port, or step 1 has left its TIME-WAIT there
    [[ $(cat "$SERVER_LOG") =~ ^"bind: Address "(already )?in\ use$ ]]
  fi
}

@test "the listener is descriptor 3, the first client 4, and it says so" {
  start_server
  connect anna
  [[ $(server_sockets) =~ LISTEN.*fd=3\) ]]
  server_has_said "(fd 3)"
  eventually server_has_accepted
  [[ $(server_sockets) =~ ESTAB.*\ (127.0.0.1:[0-9]+)\ .*fd=4\) ]]
  eventually server_has_said "client ${BASH_REMATCH[1]} connected (fd 4)"
}

@test "16384 bytes that wait together come back together" {
  start_server
  head -c 16384 /dev/urandom >"$SCRATCH/message"
  freeze_server
  connect anna
  send_file anna "$SCRATCH/message"
  eventually server_recv_queue 16384
  continue_server
  receive_file anna "$SCRATCH/message"
}

@test "SIGTERM ends it" {
  start_server
  kill -s TERM "$SERVER_PID"
  server_ends_with 143
}

@test "it says who came and who left, and nothing for a message" {
  server_runs_as "exec \"\$@\" 2>'$SCRATCH/errors'"
  start_server
  connect anna
  exchange anna "first"
  ((STEP == 1)) || exchange anna "second"
  disconnect anna
  said=("listening on 127.0.0.1:$PORT (fd 3)" "client 127.0.0.1:CLIENT connected (fd 4)")
  case $STEP in
    1) said+=("client served (fd 4): 5 bytes received, 5 sent") ;;
    2) ;; # it does not notice
    *)
      said+=("client gone (fd 4): closed")
      eventually server_has_no_connection
      connect ben
      reset ben
      fd=$((STEP == 4 ? 5 : 4)) # accept() has taken 5 while anna had 4
      said+=("${said[1]/fd 4/fd $fd}" "client gone (fd $fd): reset or lost")
      ;;
  esac
  eventually has_said_all "${said[@]}"
  [[ ! -s $SCRATCH/errors ]]
}

# has_said_all LINE...: these are all that it has printed.
has_said_all() {
  [[ $(sed -E 's/^(client 127.0.0.1:)[0-9]+/\1CLIENT/' "$SERVER_LOG") == "$(printf '%s\n' "$@")" ]]
}

# --- accept() fails: no descriptor is left after 0, 1, 2 and the listener
# bats file_tags=step:1,step:2,step:3

# bats test_tags=few-descriptors
@test "an accept() that fails ends it with status 1, and the reason" {
  PORT=$(free_port)
  server_runs_as 'ulimit -n 4; exec "$@"'
  launch_server "$PORT" 127.0.0.1
  server_ends_with 1
  server_has_said "accept: Too many open files"
}

# bats file_tags=step:4

@test "an accept() that fails is reported on stderr, once a second at most, until it can go on" {
  server_runs_as 'exec >/dev/null && ulimit -Sn 4 && exec "$@"'
  began=$SECONDS
  start_server # the first accept() fails at once, even without a client
  connect_nc anna
  send anna "hello"
  eventually has_reported_accept 3
  ((SECONDS - began >= 2))
  limit_process "$SERVER_PID" --nofile=64:
  receive anna "hello"
}

# has_reported_accept TIMES: at least so often.
has_reported_accept() { (($(grep -c "^accept: Too many open files$" "$SERVER_LOG") >= $1)); }

@test "out of threads it says so on stderr, and closes that client" {
  server_runs_as 'exec "$@" >/dev/null'
  start_server
  greet anna
  limit_process "$SERVER_PID" --as=$((($(server_status VmSize) + 64) * 1024)): # less than a stack
  connect ben
  eventually server_has_said "pthread_create: Resource temporarily unavailable"
  eventually ending_is ben closed
}
