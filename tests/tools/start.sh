#!/usr/bin/env bash
# Makes mine/stepN/, a place to write step N oneself: server.c as the step before left it (for
# step 1 a skeleton), and a Makefile whose `make test` grades it.
# Argument: the step, 1 to 4. Status 2 for another one; 1, and nothing is touched, when the folder
# is there already.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash

step=${1:-}
case $step in
  1) source=tests/tools/skeleton.c ;;
  [234]) source=$(echo "step$((step - 1))"_*/server.c) ;;
  *)
    echo "Which step? make start STEP=1, or 2, 3, 4. You said: STEP='$step'" >&2
    exit 2
    ;;
esac

folder=mine/step$step
if [[ -e $folder ]]; then
  echo "$folder is there already, and stays as it is. Move it away to start anew." >&2
  exit 1
fi

mkdir -p "$folder"
cp "$source" "$folder/server.c"
# The Makefile of the finished step, but make test builds and grades the server beside it.
sed -E -e '/^test:/,/^$/d' -e '/^# Step/,/^$/d' "step$step"_*/Makefile >"$folder/Makefile"
cat >>"$folder/Makefile" <<END

test: server # graded by the suite of step $step
	@\$(MAKE) --no-print-directory -C ../.. test-step$step SERVER='\$(CURDIR)/server'
END

echo "$folder/server.c is yours; it starts as $source."
echo "  cd $folder && make test"
echo "When you are done, compare: diff -u $folder/server.c $(echo "step$step"_*/server.c)"
