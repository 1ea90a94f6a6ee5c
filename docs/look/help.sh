#!/usr/bin/env bash
# Prints what make can do here: the targets with a ## comment in the Makefile, and that comment.
# Argument: what stands there for $(DEMOS), the names of the demos.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash

sed -nE 's/^(# )?([A-Za-z0-9_ -]*):.*## (.*)/\2|\3/p' Makefile | while IFS='|' read -r targets text; do
  echo "make $targets"
  text=$(translated "$text")
  # shellcheck disable=SC2016 # as it stands in the Makefile
  wrap 76 <<<"${text/'$(DEMOS)'/$1}" | sed 's/^/    /'
done
