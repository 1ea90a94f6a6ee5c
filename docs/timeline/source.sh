#!/usr/bin/env bash
# The line of source of each call that strace -k has recorded: the innermost one that is not of a
# library. A program without debug information has none.
# Argument: the file that strace wrote. Prints for each call the number of its line in that file, a
# tab, and server.c:105.
set -euo pipefail
# shellcheck source=docs/language/locale.bash
. "${0%/*}/../language/locale.bash"

# frames: prints the stack below each call, innermost first: the number of the call's line, the
# program, the address in it. strace writes:   > /home/you/server(main+0x1b9) [0x1469]
frames() {
  awk -v OFS='\t' '
    !/^ > / { call = FNR }
    /^ > \// && !/^ > \/(usr|lib|lib64)\// {
      address = substr($0, index($0, "[") + 1)
      sub(/^ > /, "")
      sub(/\(.*/, "")
      print call, $0, substr(address, 1, length(address) - 1)
    }' "$1"
}

# place PROGRAM ADDRESS: prints where in the source that is, if not in a library that is inlined
# there. strace counts from the start of the file, addr2line as the program is loaded; and the
# address is the one to which the call returns, one behind it.
place() {
  local segment place
  segment=$(readelf -lW "$1" | awk '$1 == "LOAD" && / R E / { print $3 " - " $2; exit }')
  while read -r place; do
    place=${place%% *} # of "server.c:105 (discriminator 2)"
    if [[ $place == /* && $place != /usr/* && -e ${place%:*} ]]; then
      echo "${place##*/}" && return
    fi
  done < <(addr2line -i -e "$1" "$(printf '%x' $(($2 - 1 + segment)))")
}

declare -A known=() # PROGRAM ADDRESS: its place
before=''
while IFS=$'\t' read -r call program address; do
  [[ $call != "$before" ]] || continue
  [[ ${known[$program $address]+yes} ]] || known[$program $address]=$(place "$program" "$address")
  if [[ ${known[$program $address]} ]]; then
    printf '%s\t%s\n' "$call" "${known[$program $address]}"
    before=$call
  fi
done < <(frames "$1")
