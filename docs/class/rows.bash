# What grade.sh writes down: names, the report on one submission, and the tables of the class (their
# rows are made by rows.awk). Sourced there. All that a submission has a part in is made clean
# first: UTF-8, no control characters.

# clean: copies its input without what is not UTF-8, or may not be in XML.
clean() {
  (iconv -c -f UTF-8 -t UTF-8 || true) | tr -d '\000-\010\013-\037\177' | sed 's/\xEF\xBF[\xBE\xBF]//g'
}

# shown_name FOLDER: prints its name as a person is to read it; if it is not UTF-8, as Windows wrote
# it.
shown_name() {
  local from=UTF-8
  iconv -f UTF-8 -t UTF-8 <<<"$1" >/dev/null 2>&1 || from=CP1252
  printf '%s' "$1" | (iconv -c -f "$from" -t UTF-8 || true) | tr '\n\t' '  ' | clean
}

# file_name FOLDER NAME: prints the name of its files without .txt or the like: NAME, if that is
# short enough and FOLDER; otherwise what makes it one that no other has is added.
file_name() {
  if [[ $1 == "$2" ]] && ((${#2} < 200)); then
    echo "$2"
  else
    echo "$(cut -b 1-180 <<<"$2" | clean)~$(cksum <<<"$1" | cut -d ' ' -f 1)"
  fi
}

# student_report NAME PERCENT PASSED REASON REPORT: what is handed back.
student_report() {
  # shellcheck disable=SC2154 # of grade.sh
  tell "%s, step %s: %s tests passed, %s." "$1" "$step" "$3" "$2"
  [[ ! $4 ]] || echo "$4"
  if [[ -s $5/compiler ]]; then
    echo
    tell "The compiler:"
    head -c 20000 "$5/compiler" | cat -v
  fi
  if [[ -s $5/suite ]]; then
    echo
    tell "The tests:"
    head -c 1000000 "$5/suite" | sed "s|${5%/*}/start|server|g" | clean
  fi
}

# csv VALUE...: prints a line of it.
csv() { printf '"%s",' "$@" | sed 's/,$/\n/'; }

# table TO ENDING HEADER...: writes a table of the rows with that ending, if there is one; FILES are
# theirs.
table() {
  local to=$1 parts=("${FILES[@]/%/.$2}")
  shift 2
  cat "${parts[@]}" >"$to.rows" 2>/dev/null || true
  [[ ! -s $to.rows ]] || { csv "$@" && cat "$to.rows"; } >"$to"
  rm "$to.rows"
}

# write_tables GRADES FILE...: from the rows that there are.
write_tables() {
  local grades=$1 FILES=("${@:2}")
  table "$grades/grades.csv" csv name id percent passed failed "not asked" "of how many" seconds \
    reason
  table "$grades/moodle.csv" moodle Identifier "Full name" Grade "Last modified (grade)" \
    "Feedback comments"
  table "$grades/canvas.csv" canvas Student ID Section "Step $step"
  {
    echo '<?xml version="1.0" encoding="UTF-8"?>'
    echo '<testsuites>'
    cat "${FILES[@]/%/.xml}" 2>/dev/null || true
    echo '</testsuites>'
  } >"$grades/junit.xml"
}

# shortened COLUMNS TEXT: prints as much of it as fits; what is not ASCII may take two columns.
shortened() {
  local LC_ALL=C.UTF-8 text=$2 ascii
  while ascii=${text//[!$'\x01'-$'\x7f']/} && ((2 * ${#text} - ${#ascii} > $1)); do text=${text%?}; done
  printf '%s' "$text"
}

# table_row DONE NAME PERCENT PASSED SECONDS REASON: prints a line of at most 80 columns.
table_row() {
  padded 6 "$1"
  padded 18 "$(shortened 18 "$2")"
  padded -4 "$3"
  padded -5 "$4"
  padded -3 "$5"
  printf ' %s\n' "$(shortened 38 "$6")"
}
