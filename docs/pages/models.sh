#!/usr/bin/env bash
# Prints the table of the models: size, system calls, memory, and what comes first as clients grow.
# Argument: the language, en or zh. The figures are those of docs/models/bench/results.tsv; a model
# that was not measured there has no row.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash

language=${1:-en}

# figure SCENARIO SERVER CLIENTS FIGURE: prints the median.
figure() {
  awk -F '\t' -v wanted="$*" '$1 " " $2 " " $3 " " $4 == wanted { print $5; found = 1 }
    END { exit !found }' docs/models/bench/results.tsv
}

# memory SERVER CLIENTS: KiB for each client more than one.
memory() {
  local many one
  many=$(figure silent "$1" "$2" memory)
  one=$(figure silent "$1" 1 memory)
  awk -v many="$many" -v one="$one" -v clients="$2" \
    'BEGIN { kib = (many - one) / (clients - 1); printf kib < 1 ? "%.2f KiB" : "%.0f KiB", kib }'
}

# lines FILE: counts the lines of a program, with those of our own that it includes.
lines() { cc -MM -MG "$1" | grep -oE 'docs/[^ ]+|step4[^ ]+' | xargs cat | wc -l; }

# row SERVER CLIENTS LIMIT: a line of the table; CLIENTS are those that the memory is measured with.
row() {
  local file=docs/models/$1_server.c name one hundred memory
  name="[$1](${file#docs/})"
  if [[ $1 == step4 ]]; then file=step4_threads/server.c name=$threads; fi
  figure calls "$1" 1 calls >/dev/null || return 0
  one=$(figure calls "$1" 1 calls)
  hundred=$(figure calls "$1" 100 calls)
  memory=$(memory "$1" "$2")
  printf '| %s | %d | %.1f | %.2f | %s | %s |\n' "$name" "$(lines "$file")" "$one" "$hundred" "$memory" "$3"
}

if [[ $language == zh ]]; then
  threads="第 4 步：线程"
  echo "| 服务端 | 代码行数 | 每次往返的调用，1 个客户端 | 100 个客户端 |" \
    "每个客户端的内存 | 客户端增多时，先碰到的限制 |"
else
  threads="step 4: threads"
  echo "| server | lines | calls a round trip, 1 client | 100 clients |" \
    "memory a client | what comes first as clients grow |"
fi
echo "| --- | ---: | ---: | ---: | ---: | --- |"
while IFS='|' read -r server clients english chinese; do
  if [[ $language == zh ]]; then english=$chinese; fi
  row "$server" "$clients" "$english"
done <<'END'
step4|10000|threads (`ulimit -u`, `vm.max_map_count`)|线程数（`ulimit -u`、`vm.max_map_count`）
fork|10000|processes (`ulimit -u`), memory|进程数（`ulimit -u`）、内存
select|1000|descriptor 1023, the last that fits an `fd_set`|描述符 1023：`fd_set` 只装得下这么多
poll|10000|time: all clients are handed over at each call|时间：每次调用都要交出全部客户端
epoll|10000|descriptors (`ulimit -n`), then its one core|描述符数（`ulimit -n`），然后是仅有的一个核
io_uring|10000|descriptors (`ulimit -n`), then its one core|描述符数（`ulimit -n`），然后是仅有的一个核
END
