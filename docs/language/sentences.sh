#!/usr/bin/env bash
# Prints every sentence that the reader may be told, as a .pot, the template of gettext.
# Argument: --check, to print instead what is wrong with docs/language/chinese.po: sentences without
# Chinese, entries that nothing uses, formats that do not take the same, and sentences that xgettext
# overlooks; status 1 when there is any.
# --update puts new sentences into that file, for somebody to translate, and takes out unused ones.
# Status 2 when gettext's tools are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
# shellcheck source=docs/language/comments.bash
. docs/language/comments.bash

command -v xgettext >/dev/null || {
  echo "gettext's tools are missing: apt-get install gettext" >&2
  exit 2
}
TABLE=docs/language/chinese.po
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The functions that take a sentence as their first argument, and those that take it as their second.
FIRST="translated tell say title pause remember check note hint happens not_asked skip_the_rest
  ask made_by ended_by is_the_matter bad_use give_up end cannot_be_tested"
SECOND="stop:2 lesson:2"

# What only maintainers run speaks English.
shopt -s extglob
SCRIPTS=(tests/*.bats tests/*/*.bash tests/report/*.sh docs/*/*.bash docs/*/!(sentences).sh)

# extract KEYWORD...: from all scripts.
extract() {
  xgettext --language=Shell --from-code=UTF-8 --output=- --keyword "${@/#/--keyword=}" "${SCRIPTS[@]}"
}

# of_player: those of the player's page.
of_player() { xgettext --language=JavaScript --from-code=UTF-8 --keyword=say -o- docs/timeline/player.js; }

# others: sentences that are no argument of a function, each as one: what make help prints, the second
# line of each demo, the staircase, the scenes of make timeline, what each tool is for (make doctor), the names of
# the suites' tests, and the comments of the programs from which make start starts
# and of what the demos change.
others() {
  {
    sed -nE -e 's/^# --- //p' -e 's/^(# )?[A-Za-z0-9_ -]*:.*## (.*)/\2/p' Makefile
    sed -nE 's/.* tell "(.*)".*/\1/p' Makefile
    sed -sn '2s/^# //p' docs/demos/*.sh
    grep -v '^#' docs/pages/staircase.tsv | cut -f 1,3 | tr '\t' '\n' | grep -v '^–$' | sort -u
    sed -nE 's/^# ([a-z-]+: .*)/\1/p' docs/timeline/scenes.bash
    sed -nE 's/^[^ ]*\|.*\|([^"]*)"?$/\1/p' docs/look/doctor.sh | grep -vxE "maintainers|teachers"
    cat step[123]_*/server.c <(sed -n 's/^+\([^+]\)/\1/p' docs/demos/patches/*.patch) | comments | sort -u
    sed -n 's/^@test "\(.*\)" {.*/\1/p' tests/*.bats
  } | sed -e 's/[\\"`$]/\\&/g' -e 's/.*/translated "&"/'
}

sentences() {
  # shellcheck disable=SC2086 # words
  {
    extract $FIRST >"$scratch/first.pot"
    extract $SECOND >"$scratch/second.pot"
    xgettext --language=awk --from-code=UTF-8 --output="$scratch/awk.pot" --keyword=words docs/timeline/*.awk
    of_player >"$scratch/player.pot"
    others | xgettext --language=Shell --from-code=UTF-8 --no-location --keyword=translated \
      --output="$scratch/others.pot" -
    sed -i 's/charset=CHARSET/charset=UTF-8/' "$scratch"/*.pot
    msgcat --sort-by-file --add-location=file "$scratch"/*.pot
  }
}

# formats: prints the entries whose Chinese does not take as many arguments as the English.
formats() {
  msgcat --no-wrap "$TABLE" | awk '
    function arguments(text) { gsub(/%%/, "", text); return gsub(/%([1-9]\$)?[a-z]/, "", text) }
    function look() {
      if (english != "" && arguments(english) != arguments(chinese)) print "other arguments: " english
      if (chinese ~ /%[1-9]\$/ && chinese ~ /%[a-z]/) print "arguments with and without a number: " english
      english = chinese = ""
    }
    /^msgid / { part = 1 }
    /^msgstr / { part = 2 }
    /^(msgid |")/ && part == 1 { english = english $0 }
    /^(msgstr |")/ && part == 2 { chinese = chinese $0 }
    /^$/ { look() }
    END { look() }'
}

# overlooked: prints the calls that xgettext does not see: it takes a word for a command only where no
# keyword of the shell or { stands before it, and skips a sentence with a variable in it.
overlooked() {
  local names
  # shellcheck disable=SC2086 # words
  names=$(echo $FIRST | tr ' ' '|')
  grep -nE "^([^#]*[ ;|&(])?($names) [\"'][^\$\"']" "${SCRIPTS[@]}" | cut -d : -f 1-2 | sort -u >"$scratch/calls"
  grep '^#:' "$scratch/first.pot" | tr ' ' '\n' | sort -u >"$scratch/seen"
  comm -23 "$scratch/calls" "$scratch/seen" | sed 's/^/overlooked by xgettext: /'
}

case ${1:-} in
  '') sentences ;;
  --update)
    sentences >"$scratch/all"
    msgmerge --quiet --no-fuzzy-matching --no-wrap --add-location=file --sort-by-file "$TABLE" "$scratch/all" |
      msgattrib --no-obsolete --no-wrap | sed '/^"POT-Creation-Date\|^"Report-Msgid/d' >"$scratch/table"
    cp "$scratch/table" "$TABLE"
    msgattrib --untranslated --no-wrap "$TABLE"
    ;;
  --check)
    sentences >"$scratch/all"
    {
      msgcmp "$TABLE" "$scratch/all" 2>&1 || true
      formats
      overlooked
    } >"$scratch/wrong"
    cat "$scratch/wrong"
    [[ ! -s $scratch/wrong ]]
    ;;
  *)
    echo "--check, --update or nothing, and not '$1'" >&2
    exit 2
    ;;
esac
