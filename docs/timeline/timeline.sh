#!/usr/bin/env bash
# The calls, the packets and the states of one conversation, at both ends, on one line of time: of a
# server, yours or ours, and a client of this tool, in a network of their own. Needs no root.
# Environment: STEP, 1 to 4, for a shipped server, or SERVER and FROM as for the tests; SCENE, what
# the client does (scenes.bash); FORMAT: text, mermaid or tsv (draw.sh); KEEP, a folder, relative to
# FROM, for what was recorded; AGAINST, 1 to 4, to draw only where the conversation with that step
# begins to differ.
# Status 2 for a word that it does not know; 3 when this machine cannot record (possible.bash); 1 if
# there was nothing to record, or ss did not show the states that the packets lead to. It says so.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
# shellcheck source=docs/language/locale.bash
. "$ROOT/docs/language/locale.bash"
# shellcheck source=tests/helpers/exit.bash
. "$ROOT/tests/helpers/exit.bash"
# shellcheck source=docs/timeline/possible.bash
. "$HERE/possible.bash"

export STEP=${STEP:-} SERVER=${SERVER:-} FROM=${FROM:-$PWD}
SCENE=${SCENE:-talk} FORMAT=${FORMAT:-text} KEEP=${KEEP:-} AGAINST=${AGAINST:-}

# stop STATUS FORMAT [ARGUMENT...]
stop() {
  tell "${@:2}" >&2
  exit "$1"
}

# --- what is asked for

if [[ ! $STEP && ! $SERVER || $STEP && ! $STEP =~ ^[1-4]$ ]]; then
  stop 2 "Which step? make timeline STEP=3, or a server of yours: SERVER=mine/step3/server. \
You said: STEP='%s'" "$STEP"
fi
title=$(describe_scenes "$SCENE") ||
  stop 2 "There is no SCENE=%s. The scenes are:
%s" "$SCENE" "$(describe_scenes)"
if [[ ! $FORMAT =~ ^(text|mermaid|tsv)$ ]]; then
  stop 2 "FORMAT is text, mermaid or tsv. You said: FORMAT='%s'" "$FORMAT"
fi
if problem=$(why_no_timeline "$SCENE"); then
  printf '%s\n' "$problem" >&2
  exit 3
fi

# --- recording

name=$SERVER
if [[ ! $SERVER ]]; then
  "$ROOT/docs/class/written.sh" "$STEP"
  name=$(cd "$ROOT" && echo step"$STEP"_*)/server
  [[ -x $ROOT/$name ]] || make -s --no-print-directory -C "$ROOT/${name%/server}"
fi
[[ -x $HERE/client ]] || make -s --no-print-directory -C "$HERE"
port=888${STEP:-0}
folder=$(mktemp -d)
clean_up() { rm -rf "$folder"; }
at_the_end clean_up

in_own_network "$HERE/record.sh" "$folder" "$port" "$SCENE"
read -r -a clients <"$folder/clients"
# By way of cat: on Ubuntu tcpdump may write only to files that are called *.pcap.
tcpdump -r - -nn -e -tt --nano <"$folder/capture.pcap" 2>/dev/null | cat >"$folder/packets"

"$HERE/source.sh" "$folder/server.strace" >"$folder/lines" 2>/dev/null || true

files=(kind=packets "$folder/packets" kind=rests "$folder/rests" kind=lines "$folder/lines"
  kind=tasks "$folder/server.strace" kind=calls end=server "$folder/server.strace")
for client in "${clients[@]}"; do files+=("end=$client" "$folder/$client.strace"); done
awk -v port="$port" -v clients="${clients[*]}" -f "$HERE/merge.awk" "${files[@]}" |
  sort -s -t $'\t' -k 1,1n >"$folder/merged"
status=0
awk -f "$HERE/events.awk" -f "$HERE/states.awk" "$folder/merged" >"$folder/events" || status=$?

# --- showing

if [[ $KEEP ]]; then
  cd "$FROM"
  mkdir -p "$KEEP"
  cp "$folder"/*.strace "$folder"/*.log "$folder/capture.pcap" "$folder/rests" "$KEEP"
  "$HERE/draw.sh" tsv <"$folder/events" >"$KEEP/events.tsv"
fi
if ((status)); then
  tail -n 1 "$folder/events" | "$HERE/draw.sh" text >&2
  exit 1
fi

# comparable EVENTS: draws them without what differs from run to run, or is a matter of taste.
comparable() {
  awk -f "$HERE/events.awk" -f "$HERE/order.awk" "$1" |
    awk -F '\t' -v OFS='\t' '$2 !~ /^(ms|event|rest|agreed)$/ {
      $1 = ""
      $8 = $9 = $10 = "-"
      if ($2 == "call") sub(/,.*/, ")", $6)
      print
    }' | "$HERE/draw.sh" text
}

if [[ $AGAINST ]]; then
  env STEP="$AGAINST" SERVER= AGAINST= KEEP="$folder/other" "$0" >/dev/null
  difference=$(diff -U 3 <(comparable "$folder/other/events.tsv") <(comparable "$folder/events") |
    awk '/^@@/ { parts++ } parts == 1 && !/^@@/') || true # it has status 1 when there is one
  if [[ $difference ]]; then
    tell "Here they first differ (-: step %s, +: %s):" "$AGAINST" "$name"
    printf '%s\n' "$difference"
  else
    tell "The calls, the packets and the states are those of step %s." "$AGAINST"
  fi
  exit
fi
if [[ $FORMAT == text ]]; then printf '%s\n%s\n\n' "$name" "$title"; fi
"$HERE/draw.sh" "$FORMAT" <"$folder/events"
