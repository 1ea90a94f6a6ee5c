# One locale for everything that runs a tool and checks what it prints: the tests, the demos, the
# generators, the benchmark. Sourced before anything else. In the reader's own locale bash might print
# 拒绝连接 for "Connection refused", and awk might read 1.5 as 1.
export LC_ALL=C
unset LANGUAGE
