# From the results of one submission to its rows in the tables of the class; used by grade.sh.
# Input: results, a line for each test (note_result in suite.bash). Variables: step; total, how many
# tests there are; seconds, how long it took; incomplete and more, two sentences. Environment: NAME,
# of the submission; PROBLEM, why it was not tested to the end, or nothing; ROW, the file to write,
# without its ending.
# Writes ROW.csv and ROW.xml, and where NAME ends in the number that Moodle or Canvas gave,
# ROW.moodle and ROW.canvas. Prints the percentage, "passed/counted" and the reason, with tabs
# between them.
function add(value) { # to the line of a CSV; a spreadsheet takes what begins like a formula for one
  if (value ~ /^[=+@-]/) value = "'" value
  gsub(/"/, "\"\"", value)
  line = line (line == "" ? "" : ",") "\"" value "\""
}
function write(ending) {
  print line >(ENVIRON["ROW"] "." ending)
  line = ""
}
function join(words) { reason = reason (reason == "" ? "" : "; ") words }
function text(words) { # in XML
  gsub(/&/, "\\&amp;", words)
  gsub(/</, "\\&lt;", words)
  gsub(/"/, "\\&quot;", words)
  return words
}
function testcase(word, title, why) {
  cases = cases "    <testcase classname=\"step " step "\" name=\"" text(title) "\">"
  if (word != "passed")
    cases = cases "<" (word == "skipped" ? word : "failure") " message=\"" text(why) "\"/>"
  cases = cases "</testcase>\n"
}

BEGIN { FS = "\t" }
{
  number[$1]++
  if (!($1 in first)) first[$1] = "\"" $2 "\": " $3
  testcase($1, $2, $3)
}
END {
  # A test counts unless this machine is why it was skipped: nothing that a server does takes it out.
  counted = total - number["skipped"]
  percent = counted ? int(100 * number["passed"] / counted) : 0
  reason = ENVIRON["PROBLEM"]
  if (number["failed"]) join(first["failed"])
  if (number["failed"] > 1) reason = reason " (" sprintf(more, number["failed"] - 1) ")"
  if (NR < total) join(sprintf(incomplete, NR, total))
  if (reason == "") reason = first[counted ? "not_asked" : "skipped"]
  print percent "%\t" number["passed"] + 0 "/" counted "\t" reason

  name = ENVIRON["NAME"]
  if (match(name, /_[0-9]+(_assignsubmission_file_?)?$/)) {
    id = substr(name, RSTART + 1) + 0
    name = substr(name, 1, RSTART - 1)
    add("Participant " id); add(name); add(percent); add(""); add(reason); write("moodle")
    add(name); add(id); add(""); add(percent); write("canvas")
  }
  add(name); add(id); add(percent); add(number["passed"] + 0); add(number["failed"] + 0)
  add(number["not_asked"] + 0); add(counted); add(seconds); add(reason); write("csv")

  if (NR < total) testcase("failed", "the whole suite is run", reason)
  tests = NR + (NR < total)
  line = sprintf("  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" skipped=\"%d\" time=\"%d\">\n",
    text(ENVIRON["NAME"]), tests, tests - number["passed"] - number["skipped"], number["skipped"], seconds)
  line = line cases "  </testsuite>"
  write("xml")
}
