#!/usr/bin/env bash
# Fills in the generated parts of the pages: what stands between `<!-- generated: WHAT -->` and
# `<!-- end -->`. What WHAT can be is told in docs/CONTRIBUTING.md, "The generated parts".
# Arguments: --check, to only name the pages that are stale, with status 1; then the pages, none
# means all of them. Status 1 when a WHAT is unknown or a demo fails; that page is not touched.
# A part that cannot be made here stays as it is: a demo that this user may not run (status 3: no
# network of one's own), and conversations where none can be recorded; it says why.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
load_chinese docs/language/chinese.po # the pages are in both languages

. tests/helpers/patches.bash
. docs/pages/tables.bash
. docs/pages/pieces.bash
. docs/timeline/pages.bash
. docs/timeline/player.bash

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# block LANGUAGE TEXT: prints it as a block of code.
block() { printf '```%s\n%s\n```\n' "$1" "$2"; }

# transcript en|zh NAME [PART]: what a demo prints, with what changes from run to run masked.
transcript() {
  SPOKEN=$1 docs/demos/"$2".sh "${@:3}" </dev/null | sed '1{/^$/d}' | awk -f docs/pages/mask.awk
}

# generated WHAT: prints the path of a file with that part and the line that ends it, made when it
# is first asked for; 3 when it cannot be made here.
generated() {
  local file=$scratch/${*//[ \/]/_} output status=0
  if [[ ! -e $file ]]; then
    case $1 in
      staircase | demos | long | broken | models | bench | code | change) "$@" ;;
      timeline | packet | scenes | conversation | player) "$@" ;;
      demo) output=$(transcript "${@:2}") && block text "$output" ;;
      patch) block diff "$(sed '1,/^+++/d' "docs/demos/patches/$2.patch" | grep '^[-+]')" ;;
      *) echo "docs/pages/generate.sh: there is no generated part of this name" >&2 && false ;;
    esac >"$file" || status=$?
    if ((status)); then rm "$file" && return "$status"; fi
    echo '<!-- end -->' >>"$file"
  fi
  echo "$file"
}

# make_ahead PAGE...: runs the demos of the pages, and records the conversations, eight at a time:
# they mostly wait. What fails here is told by fill.
make_ahead() {
  local what
  while read -r -a what; do
    while (($(jobs -rp | wc -l) >= 8)); do wait -n || true; done
    "${what[@]}" >/dev/null 2>&1 &
  done < <(sed -nE -e 's/^<!-- generated: (demo .*) -->$/generated \1/p' \
    -e 's/^<!-- generated: (timeline|conversation) ([^ ]+ [^ ]+) .*/recording \2/p' "$@" | sort -u)
  wait
}

# fill PAGE: prints the page with its generated parts filled in.
fill() {
  local line what old=$scratch/old part status
  while IFS= read -r line; do
    printf '%s\n' "$line"
    [[ $line =~ ^'<!-- generated: '(.*)' -->'$ ]] || continue
    read -r -a what <<<"${BASH_REMATCH[1]}"
    sed -u '/^<!-- end -->$/q' >"$old" # -u: reads no further
    [[ $(tail -n 1 "$old") == '<!-- end -->' ]] ||
      { echo "$1: no '<!-- end -->' after ${what[*]}" >&2 && return 1; }
    # A machine that was busy for the 40 ms by which a kernel delays an acknowledgement sends one
    # packet more, and a demo there asks ss a moment later: no reason to call the page stale.
    for attempt in 1 2 3 4 5; do
      status=0
      part=$(generated "${what[@]}") || status=$?
      if [[ ! $check ]] || ((status || attempt == 5)) || cmp -s "$part" "$old"; then break; fi
      rm -rf "$part" "$scratch/recording_${what[1]:-}_${what[2]:-}"
    done
    case $status in
      0) cat "$part" ;;
      3) cat "$old" ;;
      *) echo "$1: '${what[*]}' cannot be made: status $status" >&2 && return 1 ;;
    esac
  done <"$1"
}

check=''
if [[ ${1:-} == --check ]]; then check=yes && shift; fi
shopt -s nullglob
(($#)) || set -- README*.md step*/README*.md docs/*.md docs/player.html \
  docs/demos/README*.md tests/mistakes/README*.md
docs/look/doctor.sh cc nc ss
make -s --no-print-directory all programs
if problem=$(why_no_timeline); then
  echo "Conversations stay as they are. $problem" >&2
  # shellcheck disable=SC2317 # what records calls it
  recording() { return 3; }
fi
make_ahead "$@"
stale=0
for page in "$@"; do
  fill "$page" >"$scratch/page"
  cmp -s "$scratch/page" "$page" && continue
  if [[ $check ]]; then
    echo "stale: $page (make docs); what it has, and what it should have:"
    diff "$page" "$scratch/page" | head -n 20 || true
    stale=1
  else
    cp "$scratch/page" "$page"
    echo "updated $page"
  fi
done
exit $stale
