# Draws the pictures of docs/c10k.md in both languages from docs/models/bench/results.tsv: the rate when
# all talk and when most are silent, the latency, and the memory, against the number of clients.
# Called by `make plot` in the root of the repository. Each server has a dash and a point shape of
# its own, so that it is told apart without colour.

tsv = "docs/models/bench/results.tsv"
# What gnuplot is to read: clients, median, least and most of that figure.
rows(scenario, server, figure) = sprintf("< awk -F '\t' " . \
    "'$1 == \"%s\" && $2 == \"%s\" && $4 == \"%s\" { print $3, $5, $6, $7 }' %s", \
    scenario, server, figure, tsv)
header(key) = system(sprintf("sed -n 's/^# %s: //p' %s", key, tsv))

set encoding utf8
set terminal svg size 800,460 dynamic font "sans-serif,14" background "white" # for dark pages too
set logscale xy
set xrange [0.8:15000]
set bmargin 5.5
set label 1 sprintf("%s; %s; %s", header("machine"), header("kernel"), header("date")) \
    noenhanced at screen 0.5, screen 0.04 center font ",11"
set format x "%.0s%c"
set grid xtics ytics linecolor "#cccccc" linetype 1
set border 3
set tics nomirror
set key outside right top Left reverse noenhanced samplen 3

all = "step4 fork select poll epoll io_uring"
servers = system(sprintf("for s in %s; do grep -qw \"^talk.$s\" %s && echo $s; done", all, tsv))
style(server) = sum [i = 1:words(all)] (word(all, i) eq server ? i : 0)
set style line 1 linecolor "#0072b2" linewidth 2 dashtype 1 pointtype 7 pointsize 0.9
set style line 2 linecolor "#56b4e9" linewidth 2 dashtype 5 pointtype 6 pointsize 1.1
set style line 3 linecolor "#009e73" linewidth 2 dashtype 3 pointtype 8 pointsize 1.3
set style line 4 linecolor "#e69f00" linewidth 2 dashtype 4 pointtype 12 pointsize 1.3
set style line 5 linecolor "#d55e00" linewidth 2 dashtype 2 pointtype 4 pointsize 1.1
set style line 6 linecolor "#cc79a7" linewidth 2 dashtype 1 pointtype 5 pointsize 0.9

do for [language in "en zh-CN"] {
    english = language eq "en"
    picture(name) = sprintf("docs/pictures/c10k_%s%s.svg", name, english ? "" : ".zh-CN")
    name(server) = server ne "step4" ? server : english ? "step 4: threads" : "第 4 步：线程"
    set xlabel english ? "clients" : "客户端数"

    unset logscale y
    set yrange [0:*]
    set format y "%.0s%c"
    set ylabel english ? "round trips a second" : "每秒往返次数"
    set title english ? "All clients talk" : "所有客户端都在收发"
    set output picture("talk")
    plot for [server in servers] rows("talk", server, "rate") using 1:2:3:4 \
        with yerrorlines linestyle style(server) title name(server)

    set title english ? "100 clients talk, the others are silent" : "100 个客户端在收发，其余空闲"
    set output picture("most_silent")
    set xrange [80:15000]
    plot for [server in servers] rows("most_silent", server, "rate") using 1:2:3:4 \
        with yerrorlines linestyle style(server) title name(server)
    set xrange [0.8:15000]

    set logscale y
    set yrange [*:*]
    set format y "%g"
    set ylabel english ? "milliseconds" : "毫秒"
    set title english ? "All clients talk: 99 of 100 round trips are faster than" : \
        "所有客户端都在收发：99% 的往返快于"
    set output picture("latency")
    plot for [server in servers] rows("talk", server, "latency_99") using 1:($2/1000) \
        with linespoints linestyle style(server) title name(server)

    set ylabel "MiB"
    set title english ? "Memory for silent clients" : "空闲客户端占用的内存"
    set output picture("memory")
    plot rows("silent", "step4", "reserved") using 1:($2/1024) with linespoints \
        linestyle 1 dashtype 3 pointtype 6 \
        title name("step4") . (english ? ", reserved only" : "，仅预留"), \
        for [server in servers] rows("silent", server, "memory") using 1:($2/1024) \
        with linespoints linestyle style(server) title name(server)
    set output
}
