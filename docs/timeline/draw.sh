#!/usr/bin/env bash
# Draws the events of states.awk, from standard input.
# Arguments: text (80 columns, in colour on a terminal), mermaid (for a page: in one canonical order
# and without what differs from recording to recording) or tsv (merge.awk says what a line holds);
# and en or zh.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
format=$1 language=$2

draw() { awk -v language="$language" -v colour="$colour" -f "$HERE/words.awk" -f "$HERE/$1.awk"; }

colour=0
if [[ -t 1 ]]; then colour=1; fi
case $format in
  text) awk -f "$HERE/fold.awk" | draw text ;;
  mermaid) awk -f "$HERE/order.awk" | awk -f "$HERE/fold.awk" | draw mermaid ;;
  tsv)
    printf 'ms\tevent\tend\ttask\tconnection\twhat\tresult\tslept\tdetail\n'
    cat
    ;;
esac
