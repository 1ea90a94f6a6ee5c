# The parts of the pages that come from recorded conversations. Sourced by docs/pages/generate.sh, which
# has block() and the folder $scratch, in the root of the repository.
# shellcheck disable=SC2154 # $scratch

# shellcheck source=docs/timeline/possible.bash
. docs/timeline/possible.bash
# shellcheck source=docs/timeline/scenes.bash
. docs/timeline/scenes.bash
# shellcheck source=docs/models/io_uring.bash
. docs/models/io_uring.bash

# record N|MODEL SCENE: sets recording, a variable of the caller, to a folder with that conversation of a
# step, or of a server of docs/models; each is recorded when it is first asked for. 3 where the kernel does
# not let that server run.
record() {
  [[ $1 != io_uring ]] || ! why_no_io_uring >&2 || return 3
  local step=$1 server=''
  recording=$scratch/recording_$1_$2
  if [[ $1 != [1-4] ]]; then step='' server=docs/models/$1_server; fi
  [[ -e $recording ]] || STEP=$step SERVER=$server FROM=$PWD SCENE=$2 KEEP=$recording \
    docs/timeline/timeline.sh >/dev/null
}

# record_again PAGE: forgets what was recorded and shown, so that a stale page is compared once more.
# A machine that was busy for the 40 ms by which a kernel delays an acknowledgement sends one packet
# more, and a demo there asks ss a moment later: no reason to change the page. 1 when the page has no such
# part, or the third time.
again=0
record_again() {
  grep -qE '^<!-- generated: (timeline|demo) ' "$1" && ((again++ < 2)) || return 1
  rm -rf "$scratch"/recording_* "$scratch"/timeline_* "$scratch"/demo_*
}

# timeline N|MODEL SCENE LANGUAGE [text]: drawn by Mermaid; or as on a terminal, with the numbers that are
# different each time replaced.
timeline() {
  local recording draw=docs/timeline/draw.sh
  record "$1" "$2" || return
  if [[ ${4:-} == text ]]; then
    block text "$(tail -n +2 "$recording/events.tsv" | awk -f docs/timeline/order.awk |
      awk 'BEGIN { FS = OFS = "\t" } { $1 = 10 } $8 != "-" { $8 = 100 } { print }' |
      "$draw" text "$3" | sed -e 's/^  10.0 /  NN.N /' -e 's/ 100 ms/ NNN ms/')"
  else
    block mermaid "$(tail -n +2 "$recording/events.tsv" | "$draw" mermaid "$3")"
  fi
}

# packet: what is different each time is replaced, and the long line is broken.
packet() {
  local recording
  record 3 talk || return 1
  block text "$(tcpdump -r - -nn -v -K \
    'tcp[tcpflags] == tcp-syn|tcp-ack' <"$recording/capture.pcap" 2>/dev/null |
    sed -E -e 's/^[0-9:.]+/HH:MM:SS.NNNNNN/' -e 's/\.[0-9]+: Flags/.50001: Flags/' \
      -e 's/(seq|ack|val|ecr|wscale) [0-9]+/\1 NNN/g' -e 's/, options/,\n    options/')"
}

# scenes LANGUAGE: what the clients do.
scenes() { block text "$(SPOKEN=$1 describe_scenes "")"; }
