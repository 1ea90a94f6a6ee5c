# The parts of the pages that come from recorded conversations. Sourced by docs/pages/generate.sh,
# which has block() and the folder $scratch, in the root of the repository.

. docs/timeline/possible.bash
. docs/timeline/scenes.bash
. docs/timeline/drawing.bash
. docs/models/io_uring.bash

# recording N|MODEL SCENE: prints the folder with that conversation of a step, or of a server of
# docs/models, recorded when it is first asked for. 3 where the kernel does not let that server run.
recording() {
  [[ $1 != io_uring ]] || ! why_no_io_uring >&2 || return 3
  local folder=$scratch/recording_$1_$2
  [[ -e $folder ]] || STEP=${1//[!1-4]/} SERVER=$(server_of "$1") FROM=$PWD SCENE=$2 KEEP=$folder \
    docs/timeline/timeline.sh >/dev/null || return 1
  echo "$folder"
}
server_of() { compgen -G "step$1_*/server" || echo "docs/models/$1_server"; }

# timeline N|MODEL SCENE LANGUAGE [text|lost]: drawn by Mermaid; text: as on a terminal, with the
# numbers that are different each time replaced; lost: from where the first packets are lost.
timeline() {
  local events
  local -x SPOKEN=$3
  events=$(recording "$1" "$2")/events.tsv || return
  case ${4:-} in
    text)
      block text "$(in_awk order <"$events" |
        awk -v FS='\t' -v OFS='\t' '{ $1 = 10 } $8 != "-" { $8 = 100 } { print }' |
        draw text | sed -e 's/^  10.0 /  NN.N /' -e 's/ 100 ms/ NNN ms/')"
      ;;
    lost) block mermaid "$(sed -n '/\tcable\t/,$p' "$events" | draw mermaid)" ;;
    *) block mermaid "$(draw mermaid <"$events")" ;;
  esac
}

# packet: what is different each time is replaced, and the long line is broken.
packet() {
  local capture
  capture=$(recording 3 talk)/capture.pcap || return
  block text "$(tcpdump -r - -nn -v -K 'tcp[tcpflags] == tcp-syn|tcp-ack' <"$capture" 2>/dev/null |
    sed -E -e 's/^[0-9:.]+/HH:MM:SS.NNNNNN/' -e 's/\.[0-9]+: Flags/.50001: Flags/' \
      -e 's/(seq|ack|val|ecr|wscale) [0-9]+/\1 NNN/g' -e 's/, options/,\n    options/')"
}

# scenes LANGUAGE: what the clients do.
scenes() { block text "$(SPOKEN=$1 describe_scenes "")"; }
