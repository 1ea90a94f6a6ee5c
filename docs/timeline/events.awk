# An event is a line with tabs between its fields, and - in those that do not apply. These are their
# numbers, for every awk program here, and the names under which FORMAT=tsv prints them.

BEGIN {
  FS = OFS = "\t"
  MS = 1      # ms: milliseconds since the first event (in merge.awk, since some second)
  EVENT = 2   # event: call; return, of a call that slept; packet; lost, one that does not arrive;
              #   cable; state; task; rest; ss, a line of it; agreed or disagreed, the last one
  SIDE = 3    # end: server, or the name of a client: who calls, who sends, whose state it is; of
              #   cable server or client: whose packets
  TASK = 4    # task: of the server main, thread 1, child 1 ...; of a client its name
  CLIENT = 5  # connection: the client whose it is
  WHAT = 6    # what: the call; the flags; the state; of a task what becomes of it; of cable cut or
              #   mended; of ss its line; of disagreed the state that the packets lead to
  RESULT = 7  # result: what the call returned, or ... when it sleeps; bytes of data; of a task its
              #   status, the signal or the task that it starts; of agreed, at how many rests ss was
              #   asked; of disagreed, the state that ss showed
  WAITED = 8  # waited: how many milliseconds a call slept; of a packet that is sent again, how many
              #   since it was sent last
  DETAIL = 9  # detail: of a packet, the numbers of its first byte, of the byte expected next, and
              #   its window
  SOURCE = 10 # source: of a call of the server, the line that made it: server.c:105
  TIMES = 11  # not printed: how often it has happened (after fold.awk)
}

function is_call() { return $EVENT == "call" || $EVENT == "return" }
function is_of_program() { return is_call() || $EVENT == "task" }
function is_packet() { return $EVENT == "packet" || $EVENT == "lost" }
