#!/usr/bin/env bash
# The calls, the packets and the states of one conversation, at both ends, on one line of time: of a
# server, yours or ours, and a client of this tool, in a network of their own. Needs no root.
# Environment: STEP, 1 to 4, for a shipped server, or SERVER and FROM as for the tests; SCENE, what
# the client does (scenes.bash); FORMAT: text, mermaid or tsv (drawing.bash); KEEP, a folder,
# relative to FROM, for what was recorded; AGAINST, 1 to 4, to draw only where the conversation with
# that step begins to differ.
# Status 2 for a word that it does not know; 3 when this machine cannot record (possible.bash); 1 if
# there was nothing to record, or ss did not show the states that the packets lead to. It says so.
set -euo pipefail

export SERVER=${SERVER:-} FROM=${FROM:-$PWD}
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
. tests/helpers/exit.bash
. docs/timeline/possible.bash
. docs/timeline/scenes.bash
. docs/timeline/drawing.bash

STEP=${STEP:-} SCENE=${SCENE:-talk} FORMAT=${FORMAT:-text} KEEP=${KEEP:-} AGAINST=${AGAINST:-}

# --- what is asked for

if [[ ! $STEP && ! $SERVER || $STEP && ! $STEP =~ ^[1-4]$ ]]; then
  stop 2 "Which step? make timeline STEP=3, or a server of yours: SERVER=mine/step3/server. \
You said: STEP='%s'" "$STEP"
fi
title=$(describe_scenes "$SCENE") ||
  stop 2 "There is no SCENE=%s. The scenes are:%s" "$SCENE" $'\n'"$(describe_scenes)"
if [[ ! $FORMAT =~ ^(text|mermaid|tsv)$ ]]; then
  stop 2 "FORMAT is text, mermaid or tsv. You said: FORMAT='%s'" "$FORMAT"
fi
! why_no_timeline >&2 || exit 3

# --- recording

if [[ $KEEP && $KEEP != /* ]]; then KEEP=$FROM/$KEEP; fi
if [[ ! $SERVER ]]; then
  docs/class/written.sh "$STEP"
  SERVER=$(echo "step$STEP"_*)/server FROM=$PWD
  [[ -x $SERVER ]] || make -s --no-print-directory -C "${SERVER%/server}"
fi
[[ -x docs/timeline/client ]] || make -s --no-print-directory -C docs/timeline
port=888${STEP:-0}
folder=$(mktemp -d)
clean_up() { rm -rf "$folder"; }
at_the_end clean_up

in_own_network docs/timeline/record.sh "$folder" "$port" "$SCENE"
calls=$folder/server.strace status=0
awk -v port="$port" -f docs/timeline/merge.awk \
  kind=packets <(tcpdump -r - -nn -e -tt --nano <"$folder/capture.pcap" 2>/dev/null) \
  kind=rests "$folder/rests" kind=lines <(docs/timeline/source.sh "$calls" 2>/dev/null) \
  kind=tasks "$calls" kind=calls "$folder"/*.strace |
  sort -s -t $'\t' -k 1,1n | in_awk states >"$folder/events" || status=$?

# --- showing

if [[ $KEEP ]]; then
  mkdir -p "$KEEP"
  cp "$folder"/{*.strace,*.log,capture.pcap,rests} "$KEEP"
  draw tsv <"$folder/events" >"$KEEP/events.tsv"
fi
if ((status)); then
  IFS=$'\t' read -r ms _ side _ client derived shown _ < <(tail -n 1 "$folder/events")
  stop 1 "At %s ms the packets lead to %s at %s's end of %s's connection, and ss shows %s. Nothing \
is drawn, because one of the two is wrong. KEEP=folder keeps the recording." \
    "$ms" "$derived" "$side" "$client" "$shown"
fi

# comparable FILE: draws the events of that file with what counts in a comparison.
comparable() { in_awk order -v compare=1 -v taste=1 <"$1" | draw text; }

if [[ $AGAINST ]]; then
  env STEP="$AGAINST" SERVER= AGAINST= KEEP="$folder/other" docs/timeline/timeline.sh >/dev/null
  difference=$(diff -U 3 <(comparable "$folder/other/events.tsv") <(comparable "$folder/events") |
    awk '/^@@/ { parts++ } parts == 1 && !/^@@/') || true # it has status 1 when there is one
  if [[ $difference ]]; then
    tell "Here they first differ (-: step %s, +: %s):" "$AGAINST" "$SERVER"
    printf '%s\n' "$difference"
  else
    tell "The calls, the packets and the states are those of step %s." "$AGAINST"
  fi
  exit
fi
if [[ $FORMAT == text ]]; then printf '%s\n%s\n\n' "$SERVER" "$title"; fi
draw "$FORMAT" <"$folder/events"
