# Replaces what changes from run to run in the output of a demo, the same way every time: the port
# of a server becomes the default one of its step, clients' ports 50001, 50002 ... in their order,
# process ids 4242 and following; other numbers become N, NN, NNN or, in full buffers, NNNNNN.

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
  sub(/ \| nc (-[A-Za-z0-9]+ )?/, " | nc -N ") # every netcat has its own option
  $0 = replace($0, "^\\$ step[1-4]_[a-z_]*/server [0-9]+", "port")
  $0 = replace($0, ":[0-9]+", "port")
  $0 = replace($0, "nc (-[Nv] )?[0-9a-f.:]+ [0-9]+", "port")
  $0 = replace($0, "/tcp/[0-9.]+/[0-9]+", "port")
  $0 = replace($0, "/proc/[0-9]+", "pid")
  $0 = replace($0, "kill -[A-Z]+ [0-9]+", "pid")
  gsub(/bash,fd=[0-9]+/, "bash,fd=10") # 11 when bash inherited a descriptor 10
  gsub(/[0-9]+ s left/, "NN s left")
  gsub(/剩 [0-9]+ 秒/, "剩 NN 秒")
  gsub(/timewait,[0-9]+/, "timewait,NN")
  gsub(/[0-9.]+ ms/, "NNN ms")
  gsub(/[0-9]+ times as long/, "NNN times as long")
  gsub(/[0-9]+ 倍/, "NNN 倍")
  if (/timer:\((keepalive|persist),/) sub(/,[^,]*,[0-9]+\)$/, ",NNN,N)")
  gsub(/rb[0-9]+,t[0-9]+,tb[0-9]+/, "rbNNN,t0,tbNNN") # ss -m
}

/^ +8 SYN-RECV$/ { sub(/8/, "9") } # in kernels before 2025
/^  TcpExt/ { sub(/[1-9][0-9]* +/, sprintf("%-19s", "N")) }
/^  \|/ { gsub(/[0-9][0-9][0-9][0-9][0-9][0-9]+/, "NNNNNN") }
/^  [A-Z][A-Z0-9-]+ +[0-9]+ +[0-9]+  / { # the columns of ss: a port may have become shorter
  for (i = 2; i <= 3; i++) if ($i > 99999) $i = "NNNNNN"
  $0 = sprintf("  %-10s %6s %6s  %-17s %-17s %s", $1, $2, $3, $4, $5, $6)
  sub(/ +$/, "")
}

{ print }
