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
  block text "$(for script in docs/demos/*.sh; do
    [[ $script != */tour.sh ]] || continue
    echo "make demo-$(basename "$script" .sh)"
    tell "$(sed -n '2s/^# //p' "$script")" | sed 's/^/    /'
  done)"
}

# long en|zh: what takes a minute or longer, and how long.
long() {
  local SPOKEN=$1 name setting what seconds
  tell "| what ends | setting, with its default | after |"
  echo "| --- | --- | --- |"
  while IFS=$'\t' read -r name setting what; do
    seconds=$(sed -n "s/^$name\t//p" docs/pages/long.tsv)
    echo "| $(translated "$what") | $setting | $seconds s |"
  done < <(grep -v '^#' docs/pages/waits.tsv)
}

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
  local SPOKEN=$1 server clients limit
  tell "| server | lines | calls a round trip, 1 client | 100 clients | memory a client | \
what comes first as clients grow |"
  echo "| --- | ---: | ---: | ---: | ---: | --- |"
  while IFS=$'\t' read -r server clients limit; do
    model "$server" "$clients" "$(translated "$limit")"
  done < <(grep -v '^#' docs/pages/models.tsv)
}

# model NAME CLIENTS LIMIT: a row, if it was measured; its memory is divided by so many CLIENTS.
model() {
  local lines file=docs/models/$1_server.c name="[$1](models/$1_server.c)"
  if [[ $1 == step4 ]]; then file=step4_threads/server.c name=$(translated "step 4: threads"); fi
  # With those of our own that it includes.
  lines=$(cc -MM -MG "$file" | grep -oE 'docs/[^ ]+|step4[^ ]+' | xargs cat | wc -l)
  awk -F '\t' -v OFS=' | ' -v server="$1" -v clients="$2" \
    -v row="| $name | $lines" -v limit="$3" '
    $2 == server { figure[$1, $4, $3] = $5 }
    END {
      one = figure["calls", "calls", 1]
      kib = (figure["silent", "memory", clients] - figure["silent", "memory", 1]) / (clients - 1)
      if (one) print row, sprintf("%.1f", one), sprintf("%.2f", figure["calls", "calls", 100]),
        sprintf(kib < 1 ? "%.2f KiB" : "%.0f KiB", kib), limit " |"
    }' $RESULTS
}
