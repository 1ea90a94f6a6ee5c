# One locale for everything that runs a tool and checks what it prints: the tests, the demos, the
# generators, the benchmark. Sourced before anything else. In the reader's own locale bash might
# print 拒绝连接 for "Connection refused", and awk might read 1.5 as 1.

# SPOKEN: what the reader is spoken to in, zh or en, by the variables of gettext in gettext's order.
# The locale need not be installed.
if [[ ! ${SPOKEN:-} ]]; then
  SPOKEN=${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}
  [[ $SPOKEN == C || $SPOKEN == POSIX ]] || SPOKEN=${LANGUAGE:-$SPOKEN}
  case $SPOKEN in
    zh*) SPOKEN=zh ;;
    *) SPOKEN=en ;;
  esac
  export SPOKEN
fi
export LC_ALL=C
unset LANGUAGE

. "${BASH_SOURCE[0]%/*}/language.bash"
