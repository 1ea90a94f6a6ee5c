#!/usr/bin/env bash
# Looks after chinese.po, the table of the sentences that the reader may be told.
# Argument: --update puts new sentences into it, for somebody to translate, and takes out unused
# ones. Anything else, such as --check, prints what is wrong, with status 1: no Chinese, no use, a
# format that does not take the same, not seen by xgettext. Status 2 when gettext is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
. docs/language/comments.bash
docs/look/doctor.sh xgettext || exit 2

TABLE=docs/language/chinese.po
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The functions that take a sentence as their first argument, or as their second.
FUNCTIONS=(translated tell say title pause remember result note hint happens not_asked skip_the_rest
  ask ended_by is_the_matter end stop:2 lesson:2)

# What only maintainers run speaks English.
shopt -s extglob
SCRIPTS=(tests/*.bats tests/*/*.bash tests/report/*.sh docs/*/*.bash docs/*/!(sentences).sh)

# others: prints, as arguments of a function, the sentences that are none: of make help, the second
# line and the parts of each demo, the tables, the scenes, the comments of the programs that
# make start starts from and of what the demos change, and the names of the suites' tests.
others() {
  {
    sed -nE -e 's/^# --- //p' -e 's/^(# )?[A-Za-z0-9_ -]*:.*## (.*)/\2/p' Makefile
    sed -nE 's/.* tell "(.*)".*/\1/p' Makefile
    sed -sn -e '2s/^# //p' -e 's/^if part "\([^"]*\)".*/\1/p' docs/demos/*.sh
    grep -v '^#' docs/pages/staircase.tsv | cut -f 1,3 | tr '\t' '\n' | grep -v '^–$'
    sed -nE 's/^# ([a-z-]+: .*)/\1/p' docs/timeline/scenes.bash
    sed -nE 's/^[^#].*\t([^-\t][^\t]*)$/\1/p' docs/look/*.tsv docs/pages/{waits,models}.tsv
    cat step[123]_*/server.c <(sed -n 's/^+\([^+]\)/\1/p' docs/demos/patches/*.patch) | comments
    sed -n 's/^@test "\(.*\)" {.*/\1/p' tests/*.bats
  } | sed -e 's/[\\"`$]/\\&/g' -e 's/.*/translated "&"/'
}

# extract LANGUAGE OPTION|FILE...: prints, as a .pot, the sentences that the functions named by
# --keyword take there.
extract() {
  xgettext --language="$1" --from-code=UTF-8 --output=- --keyword "${@:2}" |
    sed 's/charset=CHARSET/charset=UTF-8/'
}

# formats: prints where the Chinese does not take the arguments of the English. msgfmt checks that
# of formats of C (%s) and Python ({name}), and takes for one what is marked so.
formats() {
  sed -e 's/^msgid ".*%.*s/#, c-format\n&/' \
    -e 's/^msgid ".*{[a-z]*}/#, python-brace-format\n&/' "$TABLE" |
    msgfmt --check-format --output-file=/dev/null - || true
}

# overlooked: prints the calls that xgettext does not see: it takes a word for a command only where
# no keyword of the shell or { stands before it, and skips a sentence with a variable in it.
overlooked() {
  local IFS='|'
  grep -nE "^([^#]*[ ;|&(])?(${FUNCTIONS[*]%:2}) [\"'][^\$\"']" "${SCRIPTS[@]}" |
    cut -d : -f 1-2 | sort -u >"$scratch/calls"
  grep '^#:' "$scratch/shell.pot" | tr ' ' '\n' | sort -u >"$scratch/seen"
  comm -23 "$scratch/calls" "$scratch/seen" | sed 's/^/overlooked by xgettext: /'
}

extract Shell "${FUNCTIONS[@]/#/--keyword=}" "${SCRIPTS[@]}" >"$scratch/shell.pot"
extract awk --keyword=words docs/timeline/*.awk >"$scratch/awk.pot"
extract JavaScript --keyword=say docs/timeline/player.js >"$scratch/player.pot"
others | extract Shell --keyword=translated --no-location - >"$scratch/others.pot"
msgcat --sort-by-file --add-location=file "$scratch"/*.pot >"$scratch/all"
if [[ ${1:-} == --update ]]; then
  msgmerge --quiet --no-fuzzy-matching --no-wrap --add-location=file --sort-by-file "$TABLE" \
    "$scratch/all" | msgattrib --no-obsolete --no-wrap |
    sed '/^"POT-Creation-Date\|^"Report-Msgid/d' >"$scratch/table"
  cp "$scratch/table" "$TABLE"
  msgattrib --untranslated --no-wrap "$TABLE"
else
  {
    msgcmp "$TABLE" "$scratch/all" || true
    formats
    overlooked
    sed -n '1,/^$/d; s/^"/not on one line: &/p' "$TABLE"
  } 2>&1 | tee "$scratch/wrong"
  [[ ! -s $scratch/wrong ]]
fi
