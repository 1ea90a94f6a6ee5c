# Speaking to the reader in English or Chinese. The English sentence is the key, and stays in the code;
# chinese.po, beside this file, has the Chinese. That is gettext's format, and gettext's tools look after
# it (docs/language/sentences.sh). We read it ourselves, because gettext reads compiled tables only, and
# nobody should have to install a compiler of tables to be told something.

declare -gA CHINESE=() # English: Chinese

# load_chinese FILE: fills CHINESE from a .po.
load_chinese() {
  local english chinese
  while IFS= read -r english && IFS= read -r chinese; do
    CHINESE[$english]=$chinese
  done < <(pairs "$1")
}

# pairs FILE: prints the entries of a .po that have Chinese, the English on a line, the Chinese on the next.
pairs() {
  awk '
    function text() {
      sub(/^[^"]*"/, "")
      sub(/"$/, "")
      gsub(/\\"/, "\"")
      gsub(/\\\\/, "\\")
      return $0
    }
    function put() { if (english != "" && chinese != "") printf "%s\n%s\n", english, chinese }
    /^msgid / { put(); english = chinese = ""; part = "english" }
    /^msgstr / { part = "chinese" }
    /^(msgid |")/ && part == "english" { english = english text() }
    /^(msgstr |")/ && part == "chinese" { chinese = chinese text() }
    END { put() }' "$1"
}

# translated FORMAT [ARGUMENT...]: prints the sentence, without a newline after it, in the language
# SPOKEN; with arguments it is the format of a printf, with none it is printed as it is. A Chinese format
# may take them in another order: %2$s is the second. A sentence that the table lacks is printed in
# English.
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
# which each takes two columns. Not fmt: each kind breaks elsewhere, and none of them knows Chinese.
wrap() {
  awk -v columns="$1" '
    BEGIN {
      closing = ")]\".,;:!?）］」』”》，。；：！？、…" # never begins a line
      opening = "([\"（［「『“《"                      # never ends one
    }
    # Under LC_ALL=C awk sees bytes: those of a character after its first are 0x80 to 0xBF.
    function next_character(text,    size) {
      size = 1
      while (substr(text, size + 1, 1) ~ /^[\200-\277]$/) size++
      return substr(text, 1, size)
    }
    function add_word() {
      if (line == "") {
        line = word
        width = word_width
      } else if (width + length(gap) + word_width <= columns) {
        line = line gap word
        width += length(gap) + word_width
      } else {
        print line
        line = word
        width = word_width
      }
      word = gap = ""
      word_width = 0
    }
    {
      line = word = gap = before = ""
      width = word_width = 0
      for (rest = $0; rest != ""; rest = substr(rest, length(character) + 1)) {
        character = next_character(rest)
        wide = length(character) > 1
        if (character == " ") {
          if (word != "") add_word()
          gap = " "
        } else {
          if (word != "" && (wide || before_wide) && !index(closing, character) && !index(opening, before)) add_word()
          word = word character
          word_width += 1 + wide
        }
        before = character
        before_wide = wide
      }
      if (word != "") add_word()
      print line
    }'
}

[[ $SPOKEN != zh ]] || load_chinese "${BASH_SOURCE[0]%/*}/chinese.po"
