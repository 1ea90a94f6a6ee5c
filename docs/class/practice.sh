#!/usr/bin/env bash
# Builds one's own step and runs its suite, and again whenever server.c is saved, until Ctrl-C.
# Arguments: STEP, 1 to 4; TEST, as for make test. Status 2 when there is no such folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

source=mine/step${1:-}/server.c
[[ -e $source ]] || stop 2 \
  "%s is not there: make start STEP=1, or 2, 3, 4 makes it. You said: STEP='%s'" "$source" "${1:-}"
trap 'exit 0' INT TERM

# when_saved: prints a word that changes whenever it is saved; an editor may take it away first.
when_saved() { stat -c '%y %i' "$source" 2>/dev/null || true; }

while :; do
  saved=$(when_saved)
  make --no-print-directory -C "mine/step$1" test TEST="${2:-}" || true
  tell "Save %s, and it is built and tested again; Ctrl-C ends this." "$source"
  while [[ $(when_saved) == "$saved" ]]; do sleep 0.3; done
done
