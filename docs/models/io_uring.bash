# why_no_io_uring: says why io_uring_server does not run here; 1 when it does.
why_no_io_uring() {
  local server=${BASH_SOURCE[0]%/*}/io_uring_server
  if [[ ! -e $server ]]; then
    translated "io_uring_server is not built: %s is missing" liburing-dev
  else # it asks for its rings before it looks at its arguments
    grep io_uring_setup <<<"$("$server" "no port" 2>&1)"
  fi
}
