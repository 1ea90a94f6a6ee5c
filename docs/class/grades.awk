# The tables of a class, from what is known of each submission; used by grade.sh.
# Input: a file for each, empty until it is examined. The first line: its name, how many seconds it
# took, and why it was not tested to the end, or nothing. Then a line for each test (note_result in
# suite.bash).
# Variables: step; total, how many tests there are; incomplete and more, two sentences. Environment:
# ROW, one of the files.
# Writes grades.csv and junit.xml into this folder, and where a name ends in the number that Moodle
# or Canvas gave, moodle.csv and canvas.csv. Prints how many are graded and, of ROW, the percentage,
# "passed/counted" and the reason, with tabs between them.
function quoted(value) { # in CSV; a spreadsheet takes what begins like a formula for one
  if (value ~ /^[=+@-]/) value = "'" value
  gsub(/"/, "\"\"", value)
  return "\"" value "\""
}
function text(words) { # in XML
  gsub(/&/, "\\&amp;", words)
  gsub(/</, "\\&lt;", words)
  gsub(/"/, "\\&quot;", words)
  return "\"" words "\""
}
function testcase(word, title, why) {
  print "<testcase classname=" text(name) " name=" text("step " step ": " title) ">" >"junit.xml"
  if (word != "passed")
    print "<" (word == "skipped" ? word : "failure") " message=" text(why) "/>" >"junit.xml"
  print "</testcase>" >"junit.xml"
}
function join(words) { reason = reason (reason == "" ? "" : "; ") words }

function finish(    counted, percent, id) {
  # A test counts unless this machine is why it was skipped: no server can take one out.
  counted = total - number["skipped"]
  percent = counted ? int(100 * number["passed"] / counted) : 0
  if (number["failed"]) join(first["failed"])
  if (number["failed"] > 1) reason = reason " (" sprintf(more, number["failed"] - 1) ")"
  if (tests < total) join(sprintf(incomplete, tests, total))
  if (reason == "") reason = first[counted ? "not_asked" : "skipped"]
  if (tests < total) testcase("failed", "the whole suite is run", reason)
  if (file == ENVIRON["ROW"]) grade = percent "%\t" number["passed"] + 0 "/" counted "\t" reason

  if (match(name, /_[0-9]+(_assignsubmission_file_?)?$/)) {
    id = substr(name, RSTART + 1) + 0
    name = substr(name, 1, RSTART - 1)
    if (!numbered++) {
      print "Identifier,Full name,Grade,Last modified (grade),Feedback comments" >"moodle.csv"
      print "Student,ID,Section,Step " step >"canvas.csv"
    }
    print quoted("Participant " id), quoted(name), percent, "", quoted(reason) >"moodle.csv"
    print quoted(name), id, "", percent >"canvas.csv"
  }
  print quoted(name), id, percent, number["passed"] + 0, number["failed"] + 0,
    number["not_asked"] + 0, counted, seconds, quoted(reason) >"grades.csv"
}

BEGIN {
  FS = "\t"
  OFS = ","
  print "name,id,percent,passed,failed,not asked,of how many,seconds,reason" >"grades.csv"
  print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" >"junit.xml"
  print "<testsuite name=\"step " step "\">" >"junit.xml"
}
FNR == 1 {
  if (graded++) finish()
  file = FILENAME
  name = $1
  seconds = $2
  reason = $3
  tests = 0
  split("", number)
  split("", first)
  next
}
{
  tests++
  number[$1]++
  if (!($1 in first)) first[$1] = "\"" $2 "\": " $3
  testcase($1, $2, $3)
}
END {
  if (graded) finish()
  print "</testsuite>" >"junit.xml"
  print graded + 0 "\t" grade
}
