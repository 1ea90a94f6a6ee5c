#!/usr/bin/env bash
# Is the program of a step here? In a student's copy (handout.sh) it is not, from some step on.
# Argument: the step. Status 1 when it is not: then a sentence says what to do.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

[[ ! -e $(echo "step$1"_*/server.c) ]] || exit 0
tell "This needs our step %s, which is yours to write in this copy: make start STEP=%s. Your \
teacher can show it to you." "$1" "$1" | wrap 78 >&2
exit 1
