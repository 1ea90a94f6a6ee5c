# Draws three pictures: round trips a second, latency, and memory with threads, against clients.
# Called by `make plot` in the root of the repository.
# Each line has a dash and a point shape of its own, so that it is told apart without colour.

tsv = "tests/bench/results.tsv"
picture(name) = sprintf("docs/pictures/c10k_%s.svg", name)
# The lines of the TSV that are about one server's round trips.
rows(server) = sprintf("< awk -F '\t' '$1 == \"roundtrips\" && $2 == \"%s\" && $4 > 0' %s", server, tsv)
header(key) = system(sprintf("sed -n 's/^# %s: //p' %s", key, tsv))

# A white page, so that the picture reads on dark pages too.
set terminal svg size 720,460 dynamic font "sans-serif,14" background "white"
set datafile separator "\t"
set logscale xy
set xrange [0.8:15000]
set xlabel "clients"
set bmargin 5.5
set label 1 sprintf("%s; %s; %s", header("machine"), header("kernel"), header("date")) \
    noenhanced at screen 0.5, screen 0.04 center font ",11"
set format x "%.0s%c"
set grid xtics ytics linecolor "#cccccc" linetype 1
set border 3
set tics nomirror
set key top left Left reverse noenhanced samplen 4

set style line 1 linecolor "#0072b2" linewidth 2 dashtype 1 pointtype 7 pointsize 0.9
set style line 2 linecolor "#d55e00" linewidth 2 dashtype 2 pointtype 4 pointsize 1.1
set style line 3 linecolor "#0072b2" linewidth 2 dashtype 3 pointtype 6 pointsize 1.1
set style line 4 linecolor "#d55e00" linewidth 2 dashtype 4 pointtype 8 pointsize 1.3

threads = "step4_threads"
epoll = "epoll_server"

set output picture("roundtrips")
set title "Round trips a second (median, least and most of the runs)"
set ylabel "round trips a second"
set format y "%.0s%c"
plot rows(epoll) using 3:6 with linespoints linestyle 2 title "epoll: one thread for all clients", \
    rows(epoll) using 3:6:7:8 with yerrorbars linestyle 2 linewidth 1 dashtype solid notitle, \
    rows(threads) using 3:6 with linespoints linestyle 1 title "step 4: a thread per client", \
    rows(threads) using 3:6:7:8 with yerrorbars linestyle 1 linewidth 1 dashtype solid notitle

set output picture("latency")
set title "Time from a message to its answer"
set ylabel "milliseconds"
set format y "%g"
plot rows(threads) using 3:($10/1000) with linespoints linestyle 3 title "step 4, 99 % are faster", \
    rows(threads) using 3:($9/1000) with linespoints linestyle 1 title "step 4, median", \
    rows(epoll) using 3:($10/1000) with linespoints linestyle 4 title "epoll, 99 % are faster", \
    rows(epoll) using 3:($9/1000) with linespoints linestyle 2 title "epoll, median"

set output picture("memory")
set title "What the clients cost in memory and threads"
set ylabel "MiB"
set y2label "threads"
set logscale y2
set y2tics
set format y2 "%.0s%c"
set border 11
set format y "%.0f"
set yrange [0.5:1000000]
set y2range [0.5:1000000]
plot rows(threads) using 3:($14/1024) with linespoints linestyle 3 title "step 4: reserved address space", \
    rows(threads) using 3:(($13+$15+$16)/1024) with linespoints linestyle 1 title "step 4: used (kernel stacks, page tables too)", \
    rows(epoll) using 3:(($13+$15+$16)/1024) with linespoints linestyle 2 title "epoll: used", \
    rows(threads) using 3:12 axes x1y2 with linespoints linestyle 4 linecolor "black" title "step 4: threads (right)", \
    rows(epoll) using 3:12 axes x1y2 with linespoints linestyle 4 linecolor "#666666" pointtype 2 title "epoll: threads (right)"
set output
