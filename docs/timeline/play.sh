#!/usr/bin/env bash
# Records one conversation, as timeline.sh does, and writes a page that steps through it:
# docs/player.html with that conversation in place of its own.
# Environment: STEP, or SERVER and FROM, and SCENE, as for timeline.sh. Writes a page and prints its
# name: mine/play/3-talk.html, or server-talk.html where SERVER is mine/step3/server. When
# timeline.sh records nothing, ends with its status.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
load_chinese docs/language/chinese.po # the page is in both languages
. docs/timeline/player.bash

export STEP=${STEP:-} SERVER=${SERVER:-} FROM=${FROM:-$PWD} SCENE=${SCENE:-talk}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
KEEP=$folder docs/timeline/timeline.sh >/dev/null

name=$STEP
if [[ $SERVER ]]; then name=$(basename "${SERVER%% *}" | tr -c 'A-Za-z0-9_.\n' -); fi
if [[ ! $SERVER ]]; then SERVER=$(echo "step$STEP"_*/server) FROM=$PWD; fi
sources=$(cd "$FROM" && cd "$(dirname "${SERVER%% *}")" 2>/dev/null && pwd || echo "$FROM")
page=mine/play/$name-$SCENE.html
mkdir -p mine/play
recording_block "$name/$SCENE" "$folder" "${SERVER//[$'\n\t']/ }" "$SCENE" "$sources" |
  page >"$page"
if [[ ${SUDO_USER:-} ]]; then chown "$SUDO_USER" mine mine/play "$page"; fi

tell "The page is %s. It is one file: open it in a browser, here or on any other machine." "$page"
echo "file://$PWD/$page"
