#!/usr/bin/env bash
# Draws the pictures of docs/c10k.md from the benchmark's figures, with gnuplot.
# Environment: TSV, the figures (tests/bench/results.tsv); TO, the folder to draw into (docs);
# FORMAT, svg or png.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash

command -v gnuplot >/dev/null || {
  echo "gnuplot is missing: apt-get install gnuplot-nox" >&2
  exit 1
}
gnuplot -c tests/bench/plot.gp "${TSV:-tests/bench/results.tsv}" "${TO:-docs}" "${FORMAT:-svg}"
