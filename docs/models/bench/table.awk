# Draws a table of the benchmark's figures, a row for each number of clients and a column for each
# server: Markdown that reads as it stands. Used by bench.sh and by the pages.
#   awk -f table.awk -v scenario=talk -v figure=rate [-v language=zh] results.tsv
# Status 1 when there is no such figure.

BEGIN {
  FS = "\t"
  servers = split("step1 step2 step3 step4 fork select poll epoll io_uring yours", server, " ")
  split(language == "zh" ? \
    "第 1 步,第 2 步,第 3 步,第 4 步：线程,fork,select,poll,epoll,io_uring,你的,客户端数" : \
    "step 1,step 2,step 3,step 4: threads,fork,select,poll,epoll,io_uring,yours,clients", \
    title, ",")
}

$1 == scenario && ($4 == figure || $4 == "problem") {
  if ($4 == figure || !(($2, $3) in cell)) cell[$2, $3] = shape($4, $5)
  measured[$2] = 1
  if (!($3 in seen)) counts[++rows] = $3 # rising: the file is sorted
  seen[$3] = 1
}

END {
  if (!rows) exit 1
  for (row = -1; row <= rows; row++) {
    printf "| %8s |", row == -1 ? title[servers + 1] : row ? thousands(counts[row]) : "---:"
    for (i = 1; i <= servers; i++)
      if (server[i] in measured)
        printf " %15s |", row == -1 ? title[i] : row ? cell[server[i], counts[row]] : "---:"
    print ""
  }
}

# shape FIGURE VALUE: the value with its unit, or what the problem was.
function shape(figure, value) {
  if (figure == "problem" && language == "zh") {
    sub(/client/, "客户端", value)
    sub(/closed/, "被关闭", value)
    sub(/reset/, "被复位", value)
    sub(/no answer/, "没有应答", value)
  }
  if (figure == "problem") return value
  if (figure == "rate") return thousands(value) "/s"
  if (figure ~ /^latency/) return sprintf("%.2f ms", value / 1000)
  if (figure ~ /cpu/) return sprintf("%.1f us", value)
  if (figure ~ /^(calls|switches)$/) return sprintf("%.2f", value)
  return (value < 102400 ? sprintf("%.1f", value / 1024) : thousands(value / 1024)) " MiB"
}

function thousands(number) {
  number = sprintf("%.0f", number)
  while (match(number, /[0-9][0-9][0-9][0-9](,|$)/))
    number = substr(number, 1, RSTART) "," substr(number, RSTART + 1)
  return number
}
