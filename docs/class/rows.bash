# What grade.sh writes down: the result of one submission, its row, and the tables of them all. Sourced
# there. All that a submission has a part in is made clean first: UTF-8, no control characters.

# clean: copies its input without what is not UTF-8, or may not be in XML.
clean() { (iconv -c -f UTF-8 -t UTF-8 || true) | tr -d '\000-\010\013-\037\177' | sed 's/\xEF\xBF[\xBE\xBF]//g'; }

# shown_name FOLDER: prints its name as a person is to read it; if it is not UTF-8, as Windows wrote it.
shown_name() {
  local from=UTF-8
  iconv -f UTF-8 -t UTF-8 <<<"$1" >/dev/null 2>&1 || from=CP1252
  printf '%s' "$1" | (iconv -c -f "$from" -t UTF-8 || true) | tr '\n\t' '  ' | clean
}

# file_name FOLDER NAME: prints the name of its files without .txt or the like: NAME, if that is short
# enough and FOLDER; otherwise what makes it one that no other has is added.
file_name() {
  if [[ $1 == "$2" ]] && ((${#2} < 200)); then
    echo "$2"
  else
    echo "$(cut -b 1-180 <<<"$2" | clean)~$(cksum <<<"$1" | cut -d ' ' -f 1)"
  fi
}

# result_of REPORT TOTAL: prints, with tabs between them: the number of tests passed, failed, and not
# asked; of how many; the percentage; the reason. A test counts unless this machine is why it was skipped.
result_of() {
  local problem=''
  if [[ -s $1/problem ]]; then problem=$(clean <"$1/problem"); fi
  PROBLEM=$problem awk -F '\t' -v total="$2" -v more="$(translated "and %s more")" \
    -v incomplete="$(translated "%s of %s tests were run")" '
    { number[$1]++ }
    $1 == "failed" && first == "" { first = "\"" $2 "\": " $3 }
    $1 == "not_asked" && first_unasked == "" { first_unasked = "\"" $2 "\": " $3 }
    END {
      reason = ENVIRON["PROBLEM"]
      if (first != "") reason = reason (reason == "" ? "" : "; ") first
      if (number["failed"] > 1) reason = reason " (" sprintf(more, number["failed"] - 1) ")"
      if (NR < total) reason = reason (reason == "" ? "" : "; ") sprintf(incomplete, NR, total)
      counted = total - number["skipped"]
      if (reason == "") reason = counted ? first_unasked : $3
      printf "%d\t%d\t%d\t%d\t%d\t%s\n", number["passed"], number["failed"], number["not_asked"], counted,
        counted ? int(100 * number["passed"] / counted) : 0, reason
    }' <(clean <"$1/results")
}

# csv VALUE...: prints a line. A spreadsheet would take what begins like a formula for one.
csv() {
  local value line=''
  for value; do
    [[ $value != [=+@-]* ]] || value="'$value"
    line+=",\"${value//\"/\"\"}\""
  done
  printf '%s\n' "${line:1}"
}

# student_report NAME RESULT REPORT: what is handed back; RESULT is a line of result_of.
student_report() {
  local passed failed unasked counted percent reason
  IFS=$'\t' read -r passed failed unasked counted percent reason <<<"$2"
  # shellcheck disable=SC2154 # of grade.sh
  tell "%s, step %s: %s %%. %s of %s tests passed, %s failed, %s not asked." "$1" "$step" "$percent" "$passed" \
    "$counted" "$failed" "$unasked"
  [[ ! $reason ]] || echo "$reason"
  if [[ -s $3/compiler ]]; then
    echo
    tell "The compiler:"
    head -c 20000 "$3/compiler" | cat -v
  fi
  if [[ -s $3/suite ]]; then
    echo
    tell "The tests:"
    head -c 1000000 "$3/suite" | sed "s|${3%/*}/start|server|g" | clean
  fi
}

# result_rows NAME RESULT SECONDS FILE: writes the row for grades.csv into FILE.csv. What Moodle and Canvas
# call a student is at the end of the name of the folder: FILE.moodle and FILE.canvas are for them.
result_rows() {
  local passed failed unasked counted percent reason name=$1 id=''
  IFS=$'\t' read -r passed failed unasked counted percent reason <<<"$2"
  if [[ $1 =~ ^(.+)_([0-9]+)(_assignsubmission_file_?)?$ ]]; then
    name=${BASH_REMATCH[1]} id=${BASH_REMATCH[2]}
    csv "Participant $id" "$name" "$percent" "" "$reason" >"$4.moodle"
    csv "$name" "$id" "" "$percent" >"$4.canvas"
  fi
  csv "$name" "$id" "$percent" "$passed" "$failed" "$unasked" "$counted" "$3" "$reason" >"$4.csv"
}

# junit_suite NAME RESULT SECONDS RESULTS: prints its part of junit.xml. What was not passed is a failure,
# unless this machine skipped it.
junit_suite() {
  # shellcheck disable=SC2154 # of grade.sh
  NAME=$1 REASON=${2##*$'\t'} awk -F '\t' -v seconds="$3" -v step="$step" -v total="$total" '
    function text(words) {
      gsub(/&/, "\\&amp;", words)
      gsub(/</, "\\&lt;", words)
      gsub(/"/, "\\&quot;", words)
      return words
    }
    function add(word, title, why) {
      tests++
      cases = cases "    <testcase classname=\"step " step "\" name=\"" text(title) "\">"
      if (word == "skipped") {
        skipped++
        cases = cases "<skipped message=\"" text(why) "\"/>"
      } else if (word != "passed") {
        failures++
        cases = cases "<failure message=\"" text(why) "\"/>"
      }
      cases = cases "</testcase>\n"
    }
    { add($1, $2, $3) }
    END {
      if (NR < total) add("failed", "the whole suite is run", ENVIRON["REASON"])
      printf "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" skipped=\"%d\" time=\"%d\">\n%s  </testsuite>\n",
        text(ENVIRON["NAME"]), tests, failures, skipped, seconds, cases
    }' <(clean <"$4")
}

# table TO ENDING HEADER...: writes a table of the rows with that ending, if there is one; FILES are theirs.
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
  table "$grades/grades.csv" csv name id percent passed failed "not asked" "of how many" seconds reason
  table "$grades/moodle.csv" moodle Identifier "Full name" Grade "Last modified (grade)" "Feedback comments"
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
