# From the output of a suite (TAP) to its part of a JUnit file; used by grade.sh.
# Variables: name, the submission; step; seconds, how long it took; reason, what is the matter, or
# empty; total, how many tests the suite has; unfit, an expression for the reason with which tests are
# skipped when the first says all there is to say. The file may be missing: then there is one test, and it
# has failed.
function text(words) {
  gsub(/[\001-\010\013-\037\177]/, "?", words)
  gsub(/&/, "\\&amp;", words)
  gsub(/</, "\\&lt;", words)
  gsub(/>/, "\\&gt;", words)
  gsub(/"/, "\\&quot;", words)
  return words
}
function close_case() {
  if (open == "failure") cases = cases "</failure></testcase>\n"
  open = ""
}
function new_case(title) {
  close_case()
  tests++
  cases = cases "    <testcase classname=\"step " step "\" name=\"" text(title) "\">"
}
function fail(title, message) {
  new_case(title)
  failures++
  cases = cases "<failure message=\"" text(message) "\">"
  open = "failure"
}

BEGIN {
  while ((getline line < ARGV[1]) > 0) read(line)
  if (tests < total) fail("the whole suite is run", reason)
  close_case()
  printf "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" skipped=\"%d\" time=\"%d\">\n%s  </testsuite>\n",
    text(name), tests, failures, skipped, seconds, cases
}

function read(line, title, why) {
  title = why = line
  sub(/^(not )?ok [0-9]+ /, "", title)
  sub(/ # skip.*/, "", title)
  sub(/.*# skip */, "", why)
  if (line ~ /^not ok /) {
    fail(title, "it failed")
  } else if (line ~ "^ok .*# skip " unfit "$") {
    fail(title, "not run: see the first test")
  } else if (line ~ /^ok .*# skip/) {
    new_case(title)
    skipped++
    cases = cases "<skipped message=\"" text(why) "\"/></testcase>\n"
  } else if (line ~ /^ok /) {
    new_case(title)
    cases = cases "</testcase>\n"
  } else if (line ~ /^#/ && open == "failure") {
    cases = cases "\n" text(substr(line, 3))
  } else {
    close_case()
  }
}
