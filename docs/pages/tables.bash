# The tables and lists of the pages. Sourced by docs/pages/generate.sh, in the root of the
# repository. Each table, but for "bench machine", takes the language, en or zh, last.

RESULTS=docs/models/bench/results.tsv

# staircase en|zh: the table that begins the README.
staircase() {
  local SPOKEN=$1 page=README.md row step cell
  [[ $1 == en ]] || page=README.zh-CN.md
  printf '| |'
  printf ' [%s](%s) %s |' \
    "$(translated "step 1")" step1_single_shot/$page "$(translated "single shot")" \
    "$(translated "step 2")" step2_loop/$page "$(translated "loop")" \
    "$(translated "step 3")" step3_close_detect/$page "$(translated "close detect")" \
    "$(translated "step 4")" step4_threads/$page "$(translated "threads")"
  printf '\n| --- | --- | --- | --- | --- |\n'
  while IFS=$'\t' read -r row step cell _; do
    if ((step == 1)); then printf '| %s' "$(translated "$row")"; fi
    printf ' | %s' "$(translated "$cell")"
    if ((step == 4)); then echo " |"; fi
  done < <(grep -v '^#' docs/pages/staircase.tsv)
}

# demos en|zh: what make can show, from the second line of each demo.
demos() {
  local script SPOKEN=$1
  for script in docs/demos/*.sh; do
    [[ $script != */tour.sh ]] || continue
    echo "make demo-$(basename "$script" .sh)"
    tell "$(sed -n '2s/^# //p' "$script")" | sed 's/^/    /'
  done
}

# long en|zh: what takes a minute or longer, and how long.
long() {
  local SPOKEN=$1
  tell "| what ends | setting, with its default | after |"
  echo "| --- | --- | --- |"
  long_row time-wait – "$(translated "a TIME-WAIT")"
  long_row fin-wait-2 "tcp_fin_timeout 60" "$(translated "a FIN-WAIT-2 after close()")"
  long_row syn-recv "tcp_synack_retries 5" "$(translated "a SYN-RECV whose client is gone")"
  long_row fin-wait-1-vanished "tcp_orphan_retries 0 (8)" \
    "$(translated "a FIN-WAIT-1 whose peer has vanished")"
  long_row connect "tcp_syn_retries 6" "$(translated "connect() without a reply")"
  long_row fin-wait-1-unread "tcp_orphan_retries 0 (8)" \
    "$(translated "a FIN-WAIT-1 whose peer acknowledges and does not read")"
  long_row unacknowledged "tcp_retries2 15" \
    "$(translated "a connection whose bytes are not acknowledged")"
}
long_row() { echo "| $3 | $2 | $(sed -n "s/^$1\t//p" docs/pages/long.tsv) s |"; }

# broken en|zh: the servers with a mistake, from the headers of their patches.
broken() {
  local patch name SPOKEN=$1
  tell "| step | broken server | the mistake | what you see | the test that fails |"
  echo "| --- | --- | --- | --- | --- |"
  for patch in tests/mistakes/*.patch; do
    name=$(basename "$patch" .patch)
    printf '| %s | [%s](%s.patch) ' "$(header step "$patch")" "$name" "$name"
    printf '| %s | %s ' "$(spoken_header mistake "$patch")" "$(spoken_header symptom "$patch")"
    printf '| %s |\n' "$(translated "$(header test "$patch")")"
  done | sort --stable --field-separator='|' --key=2,2n
}

# bench machine, bench SCENARIO FIGURE en|zh: what results.tsv says of its run; a table of it.
bench() {
  if [[ $1 == machine ]]; then
    block text "$(sed -n 's/^# \([a-z]*: .*\)/\1/p' $RESULTS)"
  else
    awk -f docs/models/bench/table.awk -v scenario="$1" -v figure="$2" -v language="$3" $RESULTS
  fi
}

# models en|zh: their size, system calls and memory, and what comes first as clients grow.
models() {
  local SPOKEN=$1
  tell "| server | lines | calls a round trip, 1 client | 100 clients | memory a client | \
what comes first as clients grow |"
  echo "| --- | ---: | ---: | ---: | ---: | --- |"
  model step4 10000 "$(translated "threads (%s, %s)" '`ulimit -u`' '`vm.max_map_count`')"
  model fork 10000 "$(translated "processes (%s), memory" '`ulimit -u`')"
  model select 1000 "$(translated "descriptor 1023, the last that fits an %s" '`fd_set`')"
  model poll 10000 "$(translated "time: all clients are handed over at each call")"
  model epoll 10000 "$(translated "descriptors (%s), then its one core" '`ulimit -n`')"
  model io_uring 10000 "$(translated "descriptors (%s), then its one core" '`ulimit -n`')"
}

# model NAME CLIENTS LIMIT: a row, if it was measured; its memory is divided by so many CLIENTS.
model() {
  local file=docs/models/$1_server.c name="[$1](models/$1_server.c)"
  if [[ $1 == step4 ]]; then file=step4_threads/server.c name=$(translated "step 4: threads"); fi
  awk -F '\t' -v OFS=' | ' -v server="$1" -v clients="$2" \
    -v row="| $name | $(lines "$file")" -v limit="$3" '
    $2 == server { figure[$1, $4, $3] = $5 }
    END {
      one = figure["calls", "calls", 1]
      kib = (figure["silent", "memory", clients] - figure["silent", "memory", 1]) / (clients - 1)
      if (one) print row, sprintf("%.1f", one), sprintf("%.2f", figure["calls", "calls", 100]),
        sprintf(kib < 1 ? "%.2f KiB" : "%.0f KiB", kib), limit " |"
    }' $RESULTS
}

# lines FILE: counts the lines of a program, with those of our own that it includes.
lines() { cc -MM -MG "$1" | grep -oE 'docs/[^ ]+|step4[^ ]+' | xargs cat | wc -l; }
