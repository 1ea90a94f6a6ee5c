#!/usr/bin/env bash
# Makes the pictures of a demo, docs/pictures/demo*.svg, and fills in the generated parts of the pages:
# what stands between `<!-- generated: WHAT -->` and `<!-- end -->`. WHAT is one of
#   staircase en|zh     the table of docs/pages/staircase.tsv
#   demo en|zh NAME [PART]   the output of a demo, with what changes from run to run masked (mask.awk)
#   timeline N|MODEL SCENE en|zh [text|lost]   a conversation with step N or a model of docs/models, drawn by Mermaid; or as on a terminal; or from where packets are lost
#   packet              the server's answer to a SYN, as tcpdump -v prints it
#   conversation N|MODEL SCENE      the same, for docs/player.html
#   player PART         a part of docs/player.html (docs/timeline/player.bash)
#   scenes en|zh        the list of the scenes of make timeline
#   code N|FILE FUNCTION [FIRST LAST]   a function of step N or of the file, or some lines of it
#   change N FUNCTION [WORD]        what step N changed in it, or one hunk of that
#   patch NAME          the lines that a patch of docs/demos/patches takes out and puts in
#   demos en|zh         the list of the demos
#   long en|zh          what takes a minute or longer, and how long, from docs/pages/long.tsv
#   broken en|zh        the table of the broken servers
#   bench machine       what docs/models/bench/results.tsv says of its run
#   bench SCENARIO FIGURE en|zh     a table of its figures (docs/models/bench/table.awk)
#   models en|zh        the table of the models
# Arguments: --check, to only name the pages that are stale, with status 1; then the pages, none means
# all of the repository. Status 1 when a WHAT is unknown or a demo fails; then no page is touched.
# Where no conversation can be recorded, --check leaves those parts out, and says why. A demo that this
# user may not run (status 3: no network of one's own) leaves its part of the page as it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docs/language/locale.bash
. docs/language/locale.bash
load_chinese docs/language/chinese.po # the pages are in both languages

# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=docs/pages/pieces.bash
. docs/pages/pieces.bash
# shellcheck source=docs/timeline/pages.bash
. docs/timeline/pages.bash
# shellcheck source=docs/timeline/player.bash
. docs/timeline/player.bash

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

FENCE=$'\x60\x60\x60' # what opens and closes a block of code

# block LANGUAGE TEXT
block() { printf '%s\n' "$FENCE$1" "$2" "$FENCE"; }

# staircase en|zh: the table that begins the README.
staircase() {
  local SPOKEN=$1 page=README.md row step cell
  [[ $1 == en ]] || page=README.zh-CN.md
  printf '| | [%s](step1_single_shot/%s) %s | [%s](step2_loop/%s) %s | [%s](step3_close_detect/%s) %s |' \
    "$(translated "step 1")" $page "$(translated "single shot")" \
    "$(translated "step 2")" $page "$(translated "loop")" \
    "$(translated "step 3")" $page "$(translated "close detect")"
  printf ' [%s](step4_threads/%s) %s |\n' "$(translated "step 4")" $page "$(translated "threads")"
  echo "| --- | --- | --- | --- | --- |"
  while IFS=$'\t' read -r row step cell _; do
    if ((step == 1)); then printf '| %s' "$(translated "$row")"; fi
    printf ' | %s' "$(translated "$cell")"
    if ((step == 4)); then echo " |"; fi
  done < <(grep -v '^#' docs/pages/staircase.tsv)
}

# transcript en|zh NAME [PART]: what a demo prints, with what changes from run to run masked.
transcript() { SPOKEN=$1 docs/demos/"$2".sh "${@:3}" </dev/null | awk -f docs/pages/mask.awk; }

demo() {
  local output
  output=$(transcript "$@") || return
  block text "${output#$'\n'}"
}

demos() {
  local script SPOKEN=$1
  for script in docs/demos/*.sh; do
    script=$(basename "$script" .sh)
    [[ $script != tour ]] || continue
    echo "make demo-$script"
    tell "$(sed -n '2s/^# //p' "docs/demos/$script.sh")" | sed 's/^/    /'
  done
}

long() {
  local SPOKEN=$1
  echo "| $(translated "what ends") | $(translated "setting, with its default") | $(translated "after") |"
  echo "| --- | --- | --- |"
  long_row time-wait "$(translated "a TIME-WAIT")" "–"
  long_row fin-wait-2 "$(translated "a FIN-WAIT-2 after close()")" "tcp_fin_timeout 60"
  long_row syn-recv "$(translated "a SYN-RECV whose client is gone")" "tcp_synack_retries 5"
  long_row fin-wait-1-vanished "$(translated "a FIN-WAIT-1 whose peer has vanished")" "tcp_orphan_retries 0 (8)"
  long_row connect "$(translated "connect() without a reply")" "tcp_syn_retries 6"
  long_row fin-wait-1-unread "$(translated "a FIN-WAIT-1 whose peer acknowledges and does not read")" \
    "tcp_orphan_retries 0 (8)"
  long_row unacknowledged "$(translated "a connection whose bytes are not acknowledged")" "tcp_retries2 15"
}

# long_row NAME TEXT SETTING: a line of that table.
long_row() {
  echo "| $2 | $3 | $(awk -F '\t' -v name="$1" '$1 == name { print $2 }' docs/pages/long.tsv) s |"
}

# broken en|zh: the table of the broken servers, from the headers of their patches.
broken() {
  local patch SPOKEN=$1
  tell "| step | broken server | the mistake | what you see | the test that fails |"
  echo "| --- | --- | --- | --- | --- |"
  for patch in tests/mistakes/*.patch; do
    printf '| %s | [%s](%s) | %s | %s | %s |\n' "$(header step "$patch")" "$(basename "$patch" .patch)" \
      "$(basename "$patch")" "$(spoken_header mistake "$patch")" "$(spoken_header symptom "$patch")" \
      "$(translated "$(header test "$patch")")"
  done | sort --stable --field-separator='|' --key=2,2n
}

# bench machine, bench SCENARIO FIGURE en|zh: what docs/models/bench/results.tsv says of its run; a table.
bench() {
  if [[ $1 == machine ]]; then
    block text "$(sed -n 's/^# \([a-z]*: .*\)/\1/p' docs/models/bench/results.tsv)"
  else
    awk -f docs/models/bench/table.awk -v scenario="$1" -v figure="$2" -v language="$3" docs/models/bench/results.tsv
  fi
}

# generated WHAT: the path of a file with that part, made when it is first asked for; 3 when it cannot
# be made here.
generated() {
  local file=$scratch/${*//[ \/]/_} status=0
  if [[ ! -e $file ]]; then
    case $1 in
      staircase) staircase "$2" ;;
      demo) demo "${@:2}" ;;
      timeline | packet | scenes | conversation | player) "$@" ;;
      code | change) "$@" ;;
      patch) block diff "$(sed '1,/^+++/d' "docs/demos/patches/$2.patch" | grep '^[-+]')" ;;
      demos) block text "$(demos "$2")" ;;
      long) long "$2" ;;
      broken) broken "$2" ;;
      bench) bench "${@:2}" ;;
      models) docs/pages/models.sh "$2" ;;
      *)
        echo "docs/pages/generate.sh: there is no generated part called '$*'" >&2
        return 1
        ;;
    esac >"$file.new" || status=$?
    if ((status)); then
      echo "docs/pages/generate.sh: '$*' $( ((status == 3)) && echo "is not made here" || echo failed)" >&2
      return "$status"
    fi
    mv "$file.new" "$file"
  fi
  echo "$file"
}

# make_ahead PAGE...: runs the demos of the pages, and records the conversations, eight at a time: they
# mostly wait. What fails here is told by fill.
make_ahead() {
  local what
  while read -r -a what; do
    while (($(jobs -rp | wc -l) >= 8)); do wait -n || true; done
    if [[ ${what[0]} == demo ]]; then
      generated "${what[@]}" >/dev/null 2>&1 &
    elif [[ ! $unrecorded ]]; then
      recording "${what[1]}" "${what[2]}" >/dev/null 2>&1 &
    fi
  done < <(sed -nE -e 's/^<!-- generated: (demo .*) -->$/\1/p' \
    -e 's/^<!-- generated: (timeline|conversation) ([^ ]+ [^ ]+) .*/timeline \2/p' "$@" | sort -u)
  wait
}

# fill PAGE: prints the page with its generated parts filled in.
fill() {
  local line inside=0 what file status
  while IFS= read -r line; do
    if [[ $line == '<!-- end -->' ]]; then inside=0; fi
    ((inside)) || printf '%s\n' "$line"
    if [[ $line =~ ^'<!-- generated: '(.*)' -->'$ ]]; then
      read -r -a what <<<"${BASH_REMATCH[1]}"
      [[ ${what[0]} =~ ^(timeline|conversation|packet)$ && $unrecorded ]] && continue # what it has stays
      status=0
      file=$(generated "${what[@]}") || status=$?
      ((status != 3)) || continue
      ((status == 0)) || return 1
      inside=1
      cat "$file"
    fi
  done <"$1"
  ((inside == 0)) || { echo "docs/pages/generate.sh: $1: a generated part has no '<!-- end -->'" >&2 && return 1; }
}

check=0
if [[ ${1:-} == --check ]]; then check=1 && shift; fi
shopt -s nullglob
if (($# == 0)); then set -- docs/pictures/demo.svg docs/pictures/demo.zh-CN.svg README*.md step*/README*.md docs/*.md docs/player.html docs/demos/README*.md tests/mistakes/README*.md; fi
make -s --no-print-directory all programs
unrecorded=''
if ((check)) && problem=$(why_no_timeline); then
  unrecorded=yes
  echo "Pictures of conversations are not checked. $problem" >&2
fi
make_ahead "$@"
for page in "$@"; do
  mkdir -p "$scratch/pages/$(dirname "$page")"
  if [[ $page == docs/pictures/demo*.svg ]]; then
    transcript "$([[ $page == *zh-CN* ]] && echo zh || echo en)" tour 2 | sed 1d | awk -f docs/pages/terminal.awk >"$scratch/pages/$page"
  else
    fill "$page" >"$scratch/pages/$page"
    while ((check)) && ! cmp -s "$scratch/pages/$page" "$page" && record_again "$page"; do
      fill "$page" >"$scratch/pages/$page"
    done
  fi
done
stale=0
for page in "$@"; do
  cmp -s "$scratch/pages/$page" "$page" && continue
  if ((check)); then
    echo "stale: $page (make docs); what it has, and what it should have:"
    diff "$page" "$scratch/pages/$page" | head -n 20 || true
    stale=1
  else
    cp "$scratch/pages/$page" "$page"
    echo "updated $page"
  fi
done
exit $stale
