#!/usr/bin/env bash
# Reads what can be read without running it: shellcheck on the scripts; clang-format, cppcheck and
# gcc -fanalyzer on the programs; and that no built program is in git.
# Ends at the first complaint, with a status that is not 0.
set -euo pipefail
cd "$(dirname "$0")/.."
. docs/language/locale.bash
docs/look/doctor.sh shellcheck clang-format cppcheck

git ls-files .ci/run '*.sh' '*.bash' '*.bats' | xargs shellcheck -x
git ls-files '*.c' '*.h' | grep -v 'zh-CN' | xargs clang-format --dry-run --Werror
git ls-files '*.c' | grep -v skeleton | xargs cppcheck --quiet --std=c11 --error-exitcode=1 \
  --enable=warning,performance,portability
for program in step?_*/server.c; do
  gcc -std=c11 -O2 -Wall -Wextra -fanalyzer -Werror -pthread -o /dev/null "$program"
done
echo "built files, or other binaries, in git"
! git ls-files --eol ':!*.png' | grep '^i/-text'
