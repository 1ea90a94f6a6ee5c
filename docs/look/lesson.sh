#!/usr/bin/env bash
# Shows the lesson of a step in a terminal, in the reader's language. What is folded on the page
# (pieces, answers) and the drawings are a line each, with a number.
# Arguments: STEP, 1 to 4; OPEN, the number of one of these lines or words of it: only that is
# shown. A drawing is recorded anew, as make timeline does it.
# Status 2 for another STEP, or when nothing goes by that name.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

step=${1:-} open=${2:-}
page=(step"$step"_*/README.md)
[[ $SPOKEN != zh ]] || page=(step"$step"_*/README.zh-CN.md)
if [[ ! $step =~ ^[1-4]$ || ! -e ${page[0]} ]]; then
  stop 2 "Which step? make lesson STEP=1, or 2, 3, 4. You said: STEP='%s'" "$step"
fi

# without_markup: copies a page; outside of code without links and what marks weight.
without_markup() {
  sed -E '/^ *```/,/^ *```/!{ s/\[([^]]*)\]\([^)]*\)/\1/g; s/\*\*|<br>//g }'
}

# page_with OPEN: prints the page, or only what is folded under that number or name. Of a drawing it
# prints a line: DRAWING and its scene.
page_with() {
  tail -n +2 "${page[0]}" | without_markup | # without the link to the other language
    awk -v wanted="$1" -v drawing="$(translated drawing)" '
      function fold(name) {
        number++
        folded = 1
        if (wanted ~ /^[0-9]*$/) shown = wanted == number
        else shown = index(tolower(name), tolower(wanted)) > 0
        found += shown
        if (wanted == "" || shown) print "  [" number "] " name
      }
      /^#+ / && !code { heading = substr($0, index($0, " ") + 1) }
      /^ *<details>/ {
        gsub(/^ *<details><summary>|<\/summary>.*/, "")
        fold(heading ": " $0)
        next
      }
      /^ *<\/details>/ { folded = 0; next }
      /^<!-- generated: timeline / {
        fold(heading ": " drawing)
        if (shown) print "DRAWING " $5
        shown = 0
        timeline = 1
        next
      }
      timeline && /^<!-- end/ { folded = timeline = 0 }
      /^ *<!--/ { next }
      /^ *```/ { code = !code; next }
      folded ? shown : wanted == "" { print code ? "    " $0 : $0 }
      END { exit wanted != "" && !found }'
}

if [[ ! $open ]]; then
  page_with ""
  tell "What has a number is folded: make lesson STEP=%s OPEN=1 shows it; a word of its name does, \
too." "$step"
  exit
fi
text=$(page_with "$open") ||
  stop 2 "Nothing in this lesson is called '%s'. make lesson STEP=%s shows the names." \
    "$open" "$step"
while IFS= read -r line; do
  if [[ $line == DRAWING\ * ]]; then # when it cannot be recorded, timeline.sh says why
    STEP=$step SCENE=${line#* } FORMAT=text docs/timeline/timeline.sh || true
  else
    printf '%s\n' "$line"
  fi
done <<<"$text"
