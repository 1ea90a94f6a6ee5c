# Draws the events of states.awk. Sourced after docs/language/locale.bash.

TIMELINE=${BASH_SOURCE[0]%/*}

# in_awk PROGRAM [OPTION...]: gives the events of standard input to PROGRAM.awk.
in_awk() {
  awk -v table=<(words) "${@:2}" -f "$TIMELINE/events.awk" -f "$TIMELINE/$1.awk"
}
words() { [[ $SPOKEN != zh ]] || pairs "$TIMELINE/../language/chinese.po"; }

# draw text|mermaid|tsv: from standard input, in the reader's language: 80 columns, in colour on a
# terminal; for a page, in one canonical order and without what differs from recording to recording;
# or as events.awk says.
draw() {
  case $1 in
    text) in_awk fold | in_awk text | if [[ -t 1 ]]; then coloured; else cat; fi ;;
    mermaid) in_awk order | in_awk fold | in_awk mermaid ;;
    tsv)
      printf 'ms\tevent\tend\ttask\tconnection\twhat\tresult\twaited\tdetail\tsource\n'
      cat
      ;;
  esac
}

# coloured: gives its input, with packets in cyan and states in bold.
coloured() {
  sed -E -e 's/\|([^|]*-[^|]*)\|/|\x1b[36m\1\x1b[0m|/' \
    -e 's/[A-Z]+-[A-Z]+(-[12])?|LISTEN|ESTAB|CLOS(ED|ING)/\x1b[1m&\x1b[0m/g'
}
