# Speaking to the reader in English or Chinese. The English sentence is the key, and stays in the
# code; chinese.po has the Chinese, and gettext's tools look after it (sentences.sh). We read it
# ourselves: gettext reads compiled tables only, and nobody should have to install a compiler first.

declare -gA CHINESE=() # English: Chinese

# load_chinese FILE: fills CHINESE from a .po.
load_chinese() {
  local english chinese
  while IFS= read -r english && IFS= read -r chinese; do
    CHINESE[$english]=$chinese
  done < <(pairs "$1")
}

# pairs FILE: prints the entries of a .po, the English on a line, the Chinese on the next. In the
# file, too, each is on one line: sentences.sh keeps it so.
pairs() { sed -nE '1,/^$/d; s/\\(["\\])/\1/g; s/^msg(id|str) "(.*)"$/\2/p' "$1"; }

# translated FORMAT [ARGUMENT...]: prints the sentence, without a newline after it, in the language
# SPOKEN, or in English where the table lacks it. With arguments it is the format of a printf, with
# none it is printed as it is. A Chinese format may take them in another order: %2$s is the second.
translated() {
  local text=$1 number arguments=()
  if [[ $SPOKEN == zh ]]; then text=${CHINESE[$1]:-$1}; fi
  shift
  (($#)) || { printf %s "$text" && return; }
  while [[ $text =~ %([1-9])\$s ]]; do
    number=${BASH_REMATCH[1]}
    arguments+=("${!number}")
    text=${text/"%$number\$s"/%s}
  done
  if ((${#arguments[@]})); then set -- "${arguments[@]}"; fi
  # shellcheck disable=SC2059 # the format is a sentence of ours
  printf "$text" "$@"
}

# tell FORMAT [ARGUMENT...]: prints it as a line.
tell() { printf '%s\n' "$(translated "$@")"; }

# stop STATUS FORMAT [ARGUMENT...]: says it on standard error, and ends the script with this status.
stop() {
  tell "${@:2}" >&2
  exit "$1"
}

# wrap COLUMNS: breaks each line of its input between words, and Chinese between its characters, of
# which each takes two columns. Neither fmt nor fold knows Chinese.
wrap() {
  local wide='[\xC0-\xFF][\x80-\xBF]+' # a character in bytes, as LC_ALL=C has it
  local never_first='[])".,;:!?]|）|］|」|』|”|》|，|。|；|：|！|？|、|…'
  local never_last='[(["]|（|［|「|『|“|《'
  # sed puts each piece that must not be broken on a line, and an empty one after the last.
  sed -E "s/^ +| +$//g
    s/$wide/\n&\n/g; s/\n+($never_first)/\1/g; s/($never_last)\n+/\1/g
    s/\n* +\n*/\n /g; s/\n\n+/\n/g; s/^\n//; s/(.)\n*$/\1\n/" |
    awk -v columns="$1" '
      function width(text) { gsub(/[\300-\377][\200-\277]+/, "xx", text); return length(text) }
      $0 == "" { print line; line = ""; next }
      line != "" && width(line $0) > columns { print line; line = "" }
      { line = line == "" ? substr($0, 1 + /^ /) : line $0 }
      END { if (line != "") print line } # its last line had no newline'
}

[[ $SPOKEN != zh ]] || load_chinese "${BASH_SOURCE[0]%/*}/chinese.po"
