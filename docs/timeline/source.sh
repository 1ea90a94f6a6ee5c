#!/usr/bin/env bash
# The lines of source of the calls that strace -k has recorded. Below each call it writes the stack,
# innermost first:   > /home/you/server(main+0x1b9) [0x1469]
# Argument: the file that strace wrote. Prints each such line once, a tab, and server.c:105; none
# for what is in a library, or has no debug information.
set -euo pipefail
. "${0%/*}/../language/locale.bash"

# place PROGRAM ADDRESS: prints where in the source that is, if not in a library that is inlined
# there. strace counts from the start of the file, addr2line as the program is loaded; and the
# address is the one to which the call returns, one behind it.
place() {
  local segment place
  segment=$(readelf -lW "$1" | awk '$1 == "LOAD" && / R E / { print $3 " - " $2; exit }')
  while read -r place _; do # server.c:105 (discriminator 2)
    if [[ $place == /* && $place != /usr/* && -e ${place%:*} ]]; then
      echo "${place##*/}" && return
    fi
  done < <(addr2line -i -e "$1" "$(printf '%x' $(($2 - 1 + segment)))")
}

grep '^ > /' "$1" | grep -vE '^ > /(usr|lib|lib64)/' | sort -u | while IFS= read -r frame; do
  program=${frame# > } address=${frame##*[}
  where=$(place "${program%%(*}" "${address%]}")
  [[ ! $where ]] || printf '%s\t%s\n' "$frame" "$where"
done
