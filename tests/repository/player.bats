#!/usr/bin/env bats
# docs/player.html, and the pages of make play, in a real browser (player.py).

load make
. "$ROOT/docs/timeline/possible.bash"

# in_browser WHAT [PAGE]: looks at it there; skips the test where there is no browser.
in_browser() {
  local python status
  for python in python3 /usr/bin/python3; do # Debian's selenium is for Debian's python
    status=0
    "$python" tests/repository/player.py "$1" "${2:-docs/player.html}" || status=$?
    ((status == 77 || status == 127)) || return "$status" # it has found no browser; no python
  done
  skip "no browser: apt-get install chromium chromium-driver python3-selenium"
}

# play SETTING...: runs make play with them, and prints the name of the page.
play() { SPOKEN=en make -s play "$@" | sed -n 's/^The page is \([^ ]*\)\. .*/\1/p'; }

# bats file_tags=workshop

@test "every conversation, stepped through by keyboard, shows what was recorded, and as ss did" {
  in_browser steps
}

@test "arrows, Home, End and space; links to a step; marks for the changes of state" {
  in_browser keys
}

@test "the page begins in the browser's language, and says everything in both" {
  in_browser languages
}

@test "what happens next? is asked before each change of state, with the reason, and counted" {
  in_browser quiz
}

@test "it fits a phone and a projector, reads well in light and dark, and moves only where wanted" {
  in_browser screens
}

@test "nothing in a recording runs as a script" {
  load_chinese docs/language/chinese.po
  . docs/timeline/player.bash
  recording_block 3/talk tests/repository/hostile '<img src=x onerror="hacked = 1">' talk \
    tests/repository/hostile | page >"$BATS_TEST_TMPDIR/page.html"
  in_browser hostile "$BATS_TEST_TMPDIR/page.html"
}

# bats file_tags=

@test "make play writes a page for a server of one's own, with its source, or with its calls" {
  ! problem=$(why_no_timeline) || skip "$problem"
  in_browser steps "$(play STEP=2 SCENE=reset)"
  page=$(play SERVER=docs/models/poll_server SCENE=half-close)
  grep -q '^<pre class="file">poll_server.c' "$page"
  in_browser steps "$page"
  strip -o "$BATS_TEST_TMPDIR/server" step4_threads/server # without debug information
  page=$(play SERVER="exec $BATS_TEST_TMPDIR/server" SCENE=two)
  [[ $page == mine/play/exec-two.html ]]
  run ! grep '^<pre class="file">' "$page"
  in_browser steps "$page"
}

# conversations FILE...: prints which they show: "3 talk".
conversations() {
  sed -nE 's/^<!-- generated: (timeline|conversation) ([^ ]+ [^ ]+) .*/\2/p' "$@" | sort -u
}

@test "the page has every conversation of the lessons and of the other pages" {
  # Of io_uring strace sees no accept() and no recv(): there is nothing to step through.
  run -0 comm -23 <(conversations step*/*.md docs/*.md | grep -v io_uring) \
    <(conversations docs/player.html)
  [[ ! $output ]]
}

@test "the page is one file below 1 MB; another recording changes it only when an event changes" {
  (($(wc -c <docs/player.html) < 1000000))
  run ! grep -E '(src|href)="[^d]' docs/player.html
  load_chinese docs/language/chinese.po
  . docs/timeline/player.bash
  recorded 3 talk >"$BATS_TEST_TMPDIR/recorded"
  (($(wc -l <"$BATS_TEST_TMPDIR/recorded") > 100))
  # changed SED-SCRIPT: what counts in a comparison, after that change.
  changed() { sed -E "$1" "$BATS_TEST_TMPDIR/recorded" | comparable; }
  [[ $(changed 's/^[0-9.]+\t/7.0\t/; s/slept [0-9]+ ms/slept 7 ms/') == "$(changed '')" ]]
  for change in '0,/\tCLOSE-WAIT/s//\tFIN-WAIT-2/' 's/\tserver.c:[0-9]*\t/\tserver.c:1\t/' \
    's/, slept/, waited/' 's/^int main/int Main/'; do
    [[ $(changed "$change") != "$(changed '')" ]]
  done
}
