#!/usr/bin/env bash
# Shows the lesson of a step in a terminal, in the reader's language. What is folded on the page
# (pieces, answers) and the drawings are a line each, with a number.
# Arguments: STEP, 1 to 4; OPEN, the number of one of these lines or words of it: only that is
# shown. A drawing is recorded anew, as make timeline does it.
# Status 2 for another STEP, or when nothing goes by that name.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

page=$(echo "step$1"_*/README.md)
[[ $1 == [1-4] && -e $page ]] ||
  stop 2 "Which step? make lesson STEP=1, or 2, 3, 4. You said: STEP='%s'" "$1"
[[ $SPOKEN != zh ]] || page=${page%.md}.zh-CN.md
open=${2:-}
[[ ! $open =~ ^[0-9]+$ ]] || open="[$open]"
export STEP=$1 FORMAT=text # for timeline.sh

# Without the link to the other language, and outside of code without links and marks of weight.
sed -E -e 1d -e '/^ *```/,/^ *```/!{ s/\[([^]]*)\]\([^)]*\)/\1/g; s/\*\*|<br>//g }' "$page" |
  awk -v open="$open" -v drawing="$(translated drawing)" '
    # opens NAME: gives what is folded its line, and says whether it is to be shown.
    function opens(name,    line, asked) {
      line = "[" ++number "] " heading ": " name
      asked = open != "" && index(tolower(line), tolower(open))
      if (open == "" || asked) print "  " line
      found += asked
      return asked
    }
    /^#+ / && !code { heading = substr($0, index($0, " ") + 1) }
    /^ *<details>/ {
      gsub(/^ *<details><summary>|<\/summary>.*/, "")
      folded = 1
      shown = opens($0)
      next
    }
    /^ *<\/details>/ { folded = 0; next }
    /^<!-- generated: timeline /, /^<!-- end/ {
      if ($2 == "generated:" && opens(drawing)) {
        fflush()
        system("SCENE=" $5 " docs/timeline/timeline.sh </dev/null") # says why when it cannot
      }
      next
    }
    /^ *<!--/ { next }
    /^ *```/ { code = !code; next }
    folded ? shown : open == "" { print code ? "    " $0 : $0 }
    END { exit open != "" && !found ? 3 : 0 }' || (($? != 3)) ||
  stop 2 "Nothing in this lesson is called '%s'. make lesson STEP=%s shows the names." "$2" "$1"
[[ $open ]] ||
  tell "What has a number is folded: make lesson STEP=%s OPEN=1 shows it; a word of its name does, \
too." "$1"
