#!/usr/bin/env bash
# Draws the events of states.awk, from standard input, in the reader's language.
# Argument: text (80 columns, in colour on a terminal), mermaid (for a page: in one canonical order
# and without what differs from recording to recording) or tsv (events.awk says what a line holds).
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=docs/language/locale.bash
. "$HERE/../language/locale.bash"
# shellcheck source=docs/timeline/words.bash
. "$HERE/words.bash"

events() { awk -f "$HERE/events.awk" -f "$HERE/$1.awk"; }
draw() {
  awk -v table=<(words) -v colour="$colour" \
    -f "$HERE/events.awk" -f "$HERE/words.awk" -f "$HERE/$1.awk"
}

colour=0
if [[ -t 1 ]]; then colour=1; fi
case $1 in
  text) events fold | draw text ;;
  mermaid) events order | events fold | draw mermaid ;;
  tsv)
    printf 'ms\tevent\tend\ttask\tconnection\twhat\tresult\twaited\tdetail\tsource\n'
    cat
    ;;
esac
