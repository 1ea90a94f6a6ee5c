#!/usr/bin/env bash
# Prints the table of the models: size, system calls, memory, and what comes first when clients grow.
# Argument: the language, en or zh. The figures are those of tests/bench/results.tsv; status 1 when one
# is not there.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash

language=${1:-en}

# figure SCENARIO SERVER CLIENTS FIGURE: prints the median.
figure() {
  awk -F '\t' -v wanted="$*" '$1 " " $2 " " $3 " " $4 == wanted { print $5; found = 1 }
    END { exit !found }' tests/bench/results.tsv
}

# memory SERVER CLIENTS: KiB for each client more than one.
memory() {
  local many one
  many=$(figure silent "$1" "$2" memory)
  one=$(figure silent "$1" 1 memory)
  awk -v many="$many" -v one="$one" -v clients="$2" \
    'BEGIN { kib = (many - one) / (clients - 1); printf kib < 1 ? "%.2f KiB" : "%.0f KiB", kib }'
}

# row SERVER NAME CLIENTS FILES ENGLISH CHINESE: CLIENTS are those that its memory is measured with.
row() {
  local calls=() count limit=$5
  if [[ $language == zh ]]; then limit=$6; fi
  for count in 1 100; do calls+=("$(figure calls "$1" $count calls)"); done
  # shellcheck disable=SC2086 # FILES are one or two
  printf '| %s | %d | %.1f | %.2f | %s | %s |\n' "$2" "$(cat $4 | wc -l)" "${calls[@]}" \
    "$(memory "$1" "$3")" "$limit"
}

if [[ $language == zh ]]; then
  echo "| 服务端 | 代码行数 | 每次往返的调用，1 个客户端 | 100 个客户端 | 每个客户端的内存 | 客户端增多时，先碰到的限制 |"
  threads="第 4 步：线程"
else
  echo "| server | lines | calls a round trip, 1 client | 100 clients | memory a client | what comes first as clients grow |"
  threads="step 4: threads"
fi
echo "| --- | ---: | ---: | ---: | ---: | --- |"
address=tests/models/address.h
row step4 "$threads" 10000 step4_threads/server.c \
  "threads (\`ulimit -u\`, \`vm.max_map_count\`)" "线程数（\`ulimit -u\`、\`vm.max_map_count\`）"
row fork "[fork](../tests/models/fork_server.c)" 10000 "tests/models/fork_server.c $address" \
  "processes (\`ulimit -u\`), memory" "进程数（\`ulimit -u\`）、内存"
row select "[select](../tests/models/select_server.c)" 1000 "tests/models/select_server.c $address" \
  "descriptor 1023, the last that fits an \`fd_set\`" "描述符 1023：\`fd_set\` 只装得下这么多"
row poll "[poll](../tests/models/poll_server.c)" 10000 "tests/models/poll_server.c $address" \
  "time: all clients are handed over at each call" "时间：每次调用都要交出全部客户端"
row epoll "[epoll](../tests/models/epoll_server.c)" 10000 "tests/models/epoll_server.c $address" \
  "descriptors (\`ulimit -n\`), then its one core" "描述符数（\`ulimit -n\`），然后是仅有的一个核"
