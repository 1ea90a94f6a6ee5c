#!/usr/bin/env bash
# Makes mine/stepN/, a place to write step N oneself: server.c as the step before left it, and a
# Makefile whose `make test` grades it. The step before is one's own, if that passes its suite; else
# ours, its comments in the language of the reader. Step 1 starts from a skeleton.
# Argument: the step, 1 to 4. Status 2 for another one; 1, and nothing is touched, when the folder
# is there already, or neither step before.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash
. docs/language/comments.bash

step=${1:-}
[[ $step == [1234] ]] ||
  stop 2 "Which step? make start STEP=1, or 2, 3, 4. You said: STEP='%s'" "$step"
folder=mine/step$step before=$((step - 1)) copy=cat
[[ ! -e $folder ]] ||
  stop 1 "%s is there already, and stays as it is. Move it away to start anew." "$folder"

# own_step N: one's own step N is there and passes its suite; says so, or why it is not used.
own_step() {
  [[ -e mine/step$1/server.c ]] || return 1
  tell "%s is there. Does it pass its suite? Up to half a minute ..." "mine/step$1"
  if make -s -C "mine/step$1" test FIRST=1 >/dev/null 2>&1; then return; fi
  tell "It does not (%s), so this one starts from ours." "make -C mine/step$1 test"
  return 1
}

if ((step == 1)); then
  source=docs/class/skeleton.c
  [[ $SPOKEN != zh ]] || source=docs/class/skeleton.zh-CN.c
elif own_step $before; then
  source=mine/step$before/server.c
else
  source=$(echo "step$before"_*/server.c) copy=spoken_comments
  [[ -e $source ]] ||
    stop 1 "Ours is not in this student's copy: finish your own step %s first (%s)." \
      "$before" "make start STEP=$before"
fi

mkdir -p "$folder"
"$copy" <"$source" >"$folder/server.c"
# The Makefile of the finished step, but make test builds and grades the server beside it.
sed -e '/^test:/,/^$/d' -e '/^# Step/,/^$/d' "step$step"_*/Makefile >"$folder/Makefile"
graded=$(translated "graded by the suite of step %s" "$step")
cat >>"$folder/Makefile" <<END

test: server # $graded
	@\$(MAKE) --no-print-directory -C ../.. test-step$step SERVER='\$(CURDIR)/server' \
	  FIRST='\$(if \$(ALL),,1)'
END

tell "%s is yours; it starts as %s." "$folder/server.c" "$source"
[[ $source == docs/* ]] || ! grep -q "888$before" "$source" ||
  tell "Its default port is still that of step %s: %s." "$before" "888$before"
echo "  cd $folder && make test"
finished=$(echo "step$step"_*)/server.c
[[ ! -e $finished ]] || tell "When you are done, compare: %s" "diff -u $folder/server.c $finished"
