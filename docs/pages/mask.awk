# Replaces what changes from run to run in the output of a demo, the same way every time: the port
# of a server becomes the default one of its step, clients' ports 50001, 50002 ... in their order,
# process ids 4242 and following, a descriptor of bash 10, seconds left NN, milliseconds NNN, NNNNNN
# for what full buffers hold.

# replace TEXT PATTERN KIND: the number at the end of whatever matches is a port, or a pid.
function replace(text, pattern, kind,    done) {
  while (match(text, pattern)) {
    done = done substr(text, 1, RSTART + RLENGTH - 1)
    text = substr(text, RSTART + RLENGTH)
    match(done, /[0-9]+$/)
    done = substr(done, 1, RSTART - 1) masked(substr(done, RSTART), kind)
  }
  return done text
}

function masked(number, kind) {
  if (!((kind, number) in known)) {
    if (kind == "port" && number + 0 < 10000) return number # of a string
    known[kind, number] = unused[kind]++
  }
  return known[kind, number]
}

BEGIN { unused["port"] = 50001; unused["pid"] = 4242 }

/^\$ step[1-4]_[a-z_]*\/server [0-9]+/ && !(("port", $3) in known) {
  known["port", $3] = 888 substr($2, 5, 1)
}

{
  line = $0
  sub(/ \| nc (-[A-Za-z0-9]+ )?/, " | nc -N ", line) # every netcat has its own option
  line = replace(line, "^\\$ step[1-4]_[a-z_]*/server [0-9]+", "port")
  line = replace(line, ":[0-9]+", "port")
  line = replace(line, "nc (-[Nv] )?[0-9a-f.:]+ [0-9]+", "port")
  line = replace(line, "/tcp/[0-9.]+/[0-9]+", "port")
  line = replace(line, "/proc/[0-9]+", "pid")
  line = replace(line, "kill -[A-Z]+ [0-9]+", "pid")
  gsub(/bash,fd=[0-9]+/, "bash,fd=10", line) # 11 when bash inherited a descriptor 10
  gsub(/[0-9]+ s left/, "NN s left", line)
  gsub(/剩 [0-9]+ 秒/, "剩 NN 秒", line)
  gsub(/timewait,[0-9]+/, "timewait,NN", line)
  gsub(/[0-9.]+ ms/, "NNN ms", line)
  gsub(/[0-9]+ times as long/, "NNN times as long", line)
  gsub(/[0-9]+ 倍/, "NNN 倍", line)
  if (line ~ /timer:\((keepalive|persist),/) sub(/,[^,]*,[0-9]+\)$/, ",NNN,N)", line)
  if (line ~ /^ +8 SYN-RECV$/) sub(/8/, "9", line) # in kernels before 2025
  gsub(/rb[0-9]+,t[0-9]+,tb[0-9]+/, "rbNNN,t0,tbNNN", line) # ss -m
  if (line ~ /^  TcpExt/) sub(/[1-9][0-9]* +/, sprintf("%-19s", "N"), line)
  if (line ~ /^  \|/) gsub(/[0-9][0-9][0-9][0-9][0-9][0-9]+/, "NNNNNN", line)
  # The columns of ss, set again: a port may have become shorter.
  if (line ~ /^  [A-Z][A-Z0-9-]+ +[0-9]+ +[0-9]+  /) {
    split(line, column, " ")
    for (i = 2; i <= 3; i++) if (column[i] > 99999) column[i] = "NNNNNN"
    line = sprintf("  %-10s %6s %6s  %-17s %-17s %s", \
      column[1], column[2], column[3], column[4], column[5], column[6])
    sub(/ +$/, "", line)
  }
  print line
}
