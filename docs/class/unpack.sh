#!/usr/bin/env bash
# Unpacks the submissions that Moodle or Canvas hands out as a ZIP: a folder for each student,
# NAME_ID, with the files under the names that the student gave them.
# Argument: the archive, PATH/CLASS.zip. Result: the folder PATH/CLASS; what is in it already stays.
# Moodle: NAME_ID_assignsubmission_file_/FILE, or the same without the slash. Canvas:
# name_ID_NUMBER_FILE, with LATE_ before the ID of who was late, and -1 and so on behind the name of
# a file handed in again.
# Status 1 when it cannot be unpacked.
set -euo pipefail
cd "$(dirname "$0")/../.."
. docs/language/locale.bash

archive=$1 class=${1%.*}
docs/look/doctor.sh unzip
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
(ulimit -f 65536 && unzip -q -o "$archive" -d "$temporary") ||
  stop 1 "%s cannot be unpacked." "$archive"

cd "$temporary"
find . -type f -printf '%P\0' | while IFS= read -r -d '' path; do
  if [[ $path =~ ^(.+_[0-9]+)_assignsubmission_file_/?(.+)$ ]]; then
    student=${BASH_REMATCH[1]} file=${BASH_REMATCH[2]}
  elif [[ $path =~ ^([^/_]+)_(LATE_)?([0-9]+)_[0-9]+_([^/]+)$ ]]; then
    student=${BASH_REMATCH[1]}_${BASH_REMATCH[3]}
    file=$(sed -E 's/^(server)-[0-9]+(\.c)$|^(run)-[0-9]+$/\1\2\3/' <<<"${BASH_REMATCH[4]}")
  elif [[ $path == */* ]]; then
    student=${path%%/*} file=${path#*/}
  else
    continue
  fi
  mkdir -p "$(dirname "$class/$student/$file")"
  [[ -e $class/$student/$file ]] || mv "$path" "$class/$student/$file"
done
