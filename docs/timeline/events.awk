# An event is a line with tabs between its fields, and - in those that do not apply. These are their
# numbers, for every awk program here, and the names under which FORMAT=tsv prints them. What they
# hold is told in docs/timeline.md, "For other tools".

BEGIN {
  FS = OFS = "\t"
  MS = 1      # ms
  EVENT = 2   # event
  SIDE = 3    # end: who calls, who sends, whose state it is; of a cable, whose packets
  TASK = 4    # task
  CLIENT = 5  # connection
  WHAT = 6    # what
  RESULT = 7  # result
  WAITED = 8  # waited
  DETAIL = 9  # detail
  SOURCE = 10 # source
  TIMES = 11  # not printed: how often it has happened (after fold.awk)
}

function is_call() { return $EVENT == "call" || $EVENT == "return" }
function is_of_program() { return is_call() || $EVENT == "task" }
function is_packet() { return $EVENT == "packet" || $EVENT == "lost" }
