# The parts of docs/player.html, and of the page that `make play` writes. Sourced in the root of the
# repository, after docs/language/locale.bash, by docs/pages/generate.sh and by play.sh.

. docs/timeline/scenes.bash
. docs/timeline/drawing.bash

PLAYER=docs/timeline/player

# for_html: of its input, what can stand in a page as text.
for_html() { sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g'; }

# player policy|style|script|words: the page may load nothing, and run nothing but this one script.
player() {
  case $1 in
    policy)
      echo "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
img-src data:; style-src 'unsafe-inline'; script-src 'sha256-$(hash_of_script)'\">"
      ;;
    style) printf '<style>\n%s\n</style>\n' "$(cat $PLAYER.css)" ;;
    script) printf '<script>%s\n</script>\n' "$(script_text)" ;;
    words)
      printf '<pre hidden id="chinese">%s</pre>\n' "$(sentences | for_html)"
      printf '<pre hidden id="meanings">%s</pre>\n' "$(meanings | for_html)"
      ;;
  esac
}
script_text() { echo && cat docs/timeline/recording.js $PLAYER.js; }
hash_of_script() { script_text | sha256sum | tr a-f A-F | basenc --base16 -d -i | base64; }

# sentences: each that player.js says, and its Chinese, a tab between them.
sentences() {
  pairs <(sed -n '1,/^$/p; /^#:.*player\.js/,/^$/p' docs/language/chinese.po) | paste - - | sort
}

# meanings: the lines of meanings.tsv, with the Chinese behind the English.
meanings() {
  local state situation sentence
  grep -v '^#' docs/look/meanings.tsv | while IFS=$'\t' read -r state situation sentence; do
    printf '%s\t%s\t%s\t' "$state" "$situation" "$sentence"
    SPOKEN=zh tell "$sentence"
  done
}

# conversation N|MODEL SCENE: a recording for docs/player.html (pages.bash). When it differs from
# the one that the page has in nothing but its times, the page keeps that.
conversation() {
  local folder name new
  folder=$(recording "$1" "$2") || return
  name=$(server_of "$1")
  new=$(recording_block "$1/$2" "$folder" "$name" "$2" "${name%/*}")
  if [[ $(comparable <<<"$new") == "$(recorded "$@" | comparable)" ]]; then
    recorded "$@"
  else
    echo "$new"
  fi
}

# recorded N|MODEL SCENE: what docs/player.html has of it. comparable: of such a part, what is the
# same in another recording.
recorded() {
  sed -n "/^<!-- generated: conversation $1 $2 -->/,/^<!-- end -->/{ /^<!-- /!p }" docs/player.html
}
comparable() { in_awk order -v compare=1; }

# recording_block ID FOLDER NAME SCENE SOURCES: the part of a page for what timeline.sh has kept in
# FOLDER. ID is what a link to it says, NAME the server. In SOURCES are the files that events name.
# Events have three fields more: how often it has happened, and those of player.awk.
recording_block() {
  local file
  printf '<div hidden class="recording">\n<pre class="about">'
  printf '%s\n' "$1" "$3" "$(SPOKEN=en title_of "$4")" "$(SPOKEN=zh title_of "$4")" | for_html
  printf '</pre>\n<pre class="events">'
  {
    printf '%s\ttimes\tenglish\tchinese\n' "$(head -n 1 "$2/events.tsv")"
    in_awk fold <"$2/events.tsv" | SPOKEN=zh in_awk player
  } | for_html
  printf '</pre>\n'
  cut -f 10 "$2/events.tsv" | sed -n 's/:[0-9]*$//p' | sort -u | while IFS= read -r file; do
    [[ ! -e $5/$file ]] ||
      printf '<pre class="file">%s\n%s</pre>\n' "$file" "$(for_html <"$5/$file")"
  done
  printf '</div>\n'
}

# title_of SCENE: "talk: two messages, then the client leaves (the default)" without its ends.
title_of() {
  describe_scenes "$1" | sed -E -e 's/^[a-z-]+(:|：) *//' -e 's/ *(\(the default\)|（默认）)//'
}

# page: docs/player.html with the recording of standard input in place of its own; "e cat" prints it
# before that line.
page() {
  sed -e '/^<!-- generated: conversation /,/^<!-- end -->/d' \
    -e '/^<!-- generated: player script/e cat' docs/player.html
}
