#!/usr/bin/env bash
# Makes docs/pictures/demo.svg, the picture of a demo, and fills in the generated parts of the pages: what
# stands between `<!-- generated: WHAT -->` and `<!-- end -->`. WHAT is one of
#   staircase en|zh     the table of docs/tools/staircase.tsv
#   demo NAME [PART]    the output of a demo, with what changes from run to run masked (mask.awk)
#   timeline N SCENE en|zh [text]   a conversation with step N, drawn by Mermaid, or as on a terminal
#   packet              the server's answer to a SYN, as tcpdump -v prints it
#   scenes en|zh        the list of the scenes of make timeline
#   code N FUNCTION [FIRST LAST]    a function of step N, or some lines of it (pieces.bash)
#   change N FUNCTION [WORD]        what step N changed in it, or one hunk of that
#   demos               the list of the demos
#   broken              the table of the broken servers
#   bench WHAT          figures of tests/bench/results.tsv: machine, rates, latency, memory, cost, others
# Arguments: --check, to only name the pages that are stale, with status 1; then the pages, none means
# all of the repository. Status 1 when a WHAT is unknown or a demo fails; then no page is touched.
# Where no conversation can be recorded, --check leaves those parts out, and says why. A demo that this
# user may not run (status 3: no network of one's own) leaves its part of the page as it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/helpers/locale.bash
. tests/helpers/locale.bash

# shellcheck source=tests/helpers/patches.bash
. tests/helpers/patches.bash
# shellcheck source=docs/tools/pieces.bash
. docs/tools/pieces.bash
# shellcheck source=docs/tools/timeline/pages.bash
. docs/tools/timeline/pages.bash

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

FENCE=$'\x60\x60\x60' # what opens and closes a block of code

# block LANGUAGE TEXT
block() { printf '%s\n' "$FENCE$1" "$2" "$FENCE"; }

staircase() {
  awk -F '\t' -v language="$1" '
    BEGIN {
      page = language == "zh" ? "README.zh-CN.md" : "README.md"
      split(language == "zh" ? "单次收发,循环,检测断开,多线程" : "single shot,loop,close detect,threads", name, ",")
      split("step1_single_shot,step2_loop,step3_close_detect,step4_threads", folder, ",")
      step = language == "zh" ? "第 %d 步" : "step %d"
      printf "|"
      for (i = 1; i <= 4; i++) printf " | [" step "](%s/%s) %s", i, folder[i], page, name[i]
      print " |"
      print "| --- | --- | --- | --- | --- |"
    }
    /^#/ { next }
    $2 == 1 { printf "| %s", language == "zh" ? $3 : $1 }
    { printf " | %s", language == "zh" ? $5 : $4 }
    $2 == 4 { print " |" }
  ' docs/tools/staircase.tsv
}

# transcript NAME [STEP]: what a demo prints, with what changes from run to run masked.
transcript() { docs/demos/"$1".sh "${@:2}" </dev/null | awk -f docs/tools/mask.awk; }

demo() {
  local output
  output=$(transcript "$@") || return
  block text "${output#$'\n'}"
}

demos() {
  local script
  for script in docs/demos/*.sh; do
    script=$(basename "$script" .sh)
    [[ $script != tour ]] || continue
    echo "make demo-$script"
    sed -n '2s/^# /    /p' "docs/demos/$script.sh"
  done
}

# broken: the table of the broken servers, from the headers of their patches.
broken() {
  local patch
  echo "| step | broken server | the mistake | what you see | the test that fails |"
  echo "| --- | --- | --- | --- | --- |"
  for patch in tests/broken/*.patch; do
    printf '| %s | [%s](%s) | %s | %s | %s |\n' "$(header step "$patch")" "$(basename "$patch" .patch)" \
      "$(basename "$patch")" "$(header mistake "$patch")" "$(header symptom "$patch")" "$(header test "$patch")"
  done | sort --stable --field-separator='|' --key=2,2n
}

# bench WHAT: a table of the committed figures; t is a thread per client (step 4), e is epoll.
bench() {
  awk -F '\t' -v what="$1" '
    function mib(kib) { return sprintf("%.1f", kib / 1024) }
    /^#/ { if (what == "machine" && !/Written by/ && NR > 1) print substr($0, 3); next }
    $1 == "mode" { for (i = 1; i <= NF; i++) column[$i] = i; next }
    $1 == "roundtrips" && /step4_threads|epoll_server/ {
      if (!($3 in seen)) counts[++n] = $3
      seen[$3] = 1
      for (name in column) figure[$2, $3, name] = $column[name]
      next
    }
    what == "others" && $column["problem"] == "-" {
      printf "%-10s  %-18s  %5d client%s  %10.0f %s\n", $1, $2, $3, $3 == 1 ? " " : "s", $column["rate"], $column["unit"]
    }
    what == "others" && $column["problem"] != "-" {
      printf "%-10s  %-18s  %5d client%s  %s\n", $1, $2, $3, $3 == 1 ? " " : "s", $column["problem"]
    }
    END {
      if (what == "rates") print "clients     a thread each (lowest to highest)   one epoll thread (lowest to highest)   ratio"
      if (what == "latency") print "clients          a thread each: 50%, 99%, 99.9%     one epoll thread: 50%, 99%, 99.9%"
      if (what == "memory") print "clients     threads   reserved     in use   kernel stacks   in use, a client      epoll: in use"
      if (what == "cost") print "clients     switches a round trip: threads, epoll     CPU a round trip: threads, epoll"
      for (i = 1; i <= n; i++) {
        c = counts[i]; t = "step4_threads"; e = "epoll_server"
        if (what == "rates")
          printf "%7d  %11.0f/s (%7.0f to %7.0f)  %16.0f/s (%7.0f to %7.0f)  %6.2f\n", c,
            figure[t, c, "rate"], figure[t, c, "rate_min"], figure[t, c, "rate_max"],
            figure[e, c, "rate"], figure[e, c, "rate_min"], figure[e, c, "rate_max"],
            figure[e, c, "rate"] / figure[t, c, "rate"]
        if (what == "latency")
          printf "%7d  %12.2f %8.2f %8.2f ms           %10.2f %8.2f %8.2f ms\n", c,
            figure[t, c, "latency_50_us"] / 1000, figure[t, c, "latency_99_us"] / 1000,
            figure[t, c, "latency_99.9_us"] / 1000, figure[e, c, "latency_50_us"] / 1000,
            figure[e, c, "latency_99_us"] / 1000, figure[e, c, "latency_99.9_us"] / 1000
        if (what == "memory")
          printf "%7d  %10d  %6s MiB  %5s MiB   %8s MiB      %9.1f KiB      %9s MiB\n", c,
            figure[t, c, "threads"], sprintf("%.0f", figure[t, c, "reserved_kib"] / 1024),
            mib(figure[t, c, "resident_kib"]), mib(figure[t, c, "kernel_stacks_kib"]),
            figure[t, c, "resident_kib"] / c, mib(figure[e, c, "resident_kib"])
        if (what == "cost")
          printf "%7d  %26.2f %8.2f     %24.1f %7.1f us\n", c,
            figure[t, c, "switches_per_roundtrip"], figure[e, c, "switches_per_roundtrip"],
            figure[t, c, "cpu_us_per_roundtrip"], figure[e, c, "cpu_us_per_roundtrip"]
      }
    }
  ' tests/bench/results.tsv
}

# generated WHAT: the path of a file with that part, made when it is first asked for; 3 when it cannot
# be made here.
generated() {
  local file=$scratch/${*// /_} status=0
  if [[ ! -e $file ]]; then
    case $1 in
      staircase) staircase "$2" ;;
      demo) demo "${@:2}" ;;
      timeline | packet | scenes) "$@" ;;
      code | change) "$@" ;;
      demos) block text "$(demos)" ;;
      broken) broken ;;
      bench) block text "$(bench "$2")" ;;
      *)
        echo "docs/tools/generate.sh: there is no generated part called '$*'" >&2
        return 1
        ;;
    esac >"$file.new" || status=$?
    if ((status)); then
      echo "docs/tools/generate.sh: '$*' $( ((status == 3)) && echo "is not made here" || echo failed)" >&2
      return "$status"
    fi
    mv "$file.new" "$file"
  fi
  echo "$file"
}

# fill PAGE: prints the page with its generated parts filled in.
fill() {
  local line inside=0 what file status
  while IFS= read -r line; do
    if [[ $line == '<!-- end -->' ]]; then inside=0; fi
    ((inside)) || printf '%s\n' "$line"
    if [[ $line =~ ^'<!-- generated: '(.*)' -->'$ ]]; then
      read -r -a what <<<"${BASH_REMATCH[1]}"
      [[ ${what[0]} =~ ^(timeline|packet)$ && $unrecorded ]] && continue # what it has stays
      status=0
      file=$(generated "${what[@]}") || status=$?
      ((status != 3)) || continue
      ((status == 0)) || return 1
      inside=1
      cat "$file"
    fi
  done <"$1"
  ((inside == 0)) || { echo "docs/tools/generate.sh: $1: a generated part has no '<!-- end -->'" >&2 && return 1; }
}

check=0
if [[ ${1:-} == --check ]]; then check=1 && shift; fi
shopt -s nullglob
if (($# == 0)); then set -- docs/pictures/demo.svg README*.md step*/README*.md docs/*.md tests/broken/README.md; fi
make -s all
unrecorded=''
if ((check)) && ! find_network; then
  unrecorded=yes
  echo "Pictures of conversations are not checked. $PROBLEM" >&2
fi
for page in "$@"; do
  mkdir -p "$scratch/pages/$(dirname "$page")"
  if [[ $page == docs/pictures/demo.svg ]]; then
    transcript tour 2 | sed 1d | awk -f docs/tools/terminal.awk >"$scratch/pages/$page"
  else
    fill "$page" >"$scratch/pages/$page"
    while ((check)) && ! cmp -s "$scratch/pages/$page" "$page" && record_again "$page"; do
      fill "$page" >"$scratch/pages/$page"
    done
  fi
done
stale=0
for page in "$@"; do
  cmp -s "$scratch/pages/$page" "$page" && continue
  if ((check)); then
    echo "stale: $page (make docs); what it has, and what it should have:"
    diff "$page" "$scratch/pages/$page" | head -n 20 || true
    stale=1
  else
    cp "$scratch/pages/$page" "$page"
    echo "updated $page"
  fi
done
exit $stale
