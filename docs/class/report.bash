# What grade.sh writes for people: names, and the report on one submission. Sourced there. All that
# a submission has a part in is made clean first: UTF-8, no control characters.

# clean: copies its input without what is not UTF-8, or may not be in XML.
clean() {
  (iconv -c -f UTF-8 -t UTF-8 || true) |
    tr -d '\000-\010\013-\037\177' | sed 's/\xEF\xBF[\xBE\xBF]//g'
}

# shown_name FOLDER: prints its name as a person is to read it; if it is not UTF-8, as Windows wrote
# it.
shown_name() {
  local name=${1##*/} from=UTF-8
  iconv -f UTF-8 -t UTF-8 <<<"$name" >/dev/null 2>&1 || from=CP1252
  printf '%s' "$name" | (iconv -c -f "$from" -t UTF-8 || true) | tr '\n\t' '  ' | clean
}

# file_name FOLDER: prints the name of its files without .txt or the like: its own, if that is clean
# and short enough; otherwise what makes it one that no other has is added.
file_name() {
  local folder=${1##*/} name
  name=$(shown_name "$1")
  if [[ $name != "$folder" ]] || ((${#name} > 200)); then
    name=$(cut -b 1-180 <<<"$name" | clean)~$(cksum <<<"$folder" | cut -d ' ' -f 1)
  fi
  echo "$name"
}

# student_report NAME REPORT PERCENT PASSED [REASON]: what is handed back.
student_report() {
  tell "%s, step %s: %s tests passed, %s." "$1" "$step" "$4" "$3"
  printf '%s\n\n' "${5:-}"
  head -qc 1000000 "$2"/{compiler,suite} 2>/dev/null | sed "s|${2%/*}/start|server|g" | clean
}

# shortened COLUMNS TEXT: prints as many of its words as fit; a long one may be broken.
shortened() { sed -E 's/[!-~]{40}/& /g' <<<"$2" | wrap "$1" | sed -n 1p; }
