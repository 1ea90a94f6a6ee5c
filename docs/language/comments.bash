# The comments of our programs in Chinese, for somebody who starts from one: from the table of sentences.
# The header's lines and each other comment, of one line or more, are a sentence of that table.

# joined_comments PROGRAM...: prints them, each comment but the header on one line.
joined_comments() { sed -s ':a; /\/\* [^*]*$/{N; s/\n *\* */ /; ba}' "$@"; }

# comments PROGRAM...: prints the sentences.
comments() { joined_comments "$@" | sed -nE 's,^.*/\* (.*) \*/$,\1,p; s,^ \* (.*),\1,p'; }

# with_chinese_comments PROGRAM: prints the program.
with_chinese_comments() {
  local line before text after
  joined_comments "$1" | while IFS= read -r line; do
    if [[ $line =~ ^(.*/\*\ |\ \*\ )(.*[^\ ])(\ \*/)$ || $line =~ ^(\ \*\ )(.*)()$ ]]; then
      before=${BASH_REMATCH[1]} text=${BASH_REMATCH[2]} after=${BASH_REMATCH[3]}
      text=$(translated "$text" | wrap 94)
      line=$before${text//$'\n'/$'\n * '}$after
    fi
    printf '%s\n' "$line"
  done
}
