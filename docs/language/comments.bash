# The comments of our programs, and of what the demos put into them, in the language of the reader.
# Each comment of one line or more, and each line of a header, is a sentence of the table.

# joined_comments: copies a program, each comment but the header on one line.
joined_comments() { sed ':a; /\/\* [^*]*$/{N; s/\n *\* */ /; ta}'; }

# comments: prints the sentences.
comments() { joined_comments | sed -nE 's,^.*/\* (.*) \*/$,\1,p; s,^ \* (.*),\1,p'; }

# spoken_comments: copies a program, or lines of one.
spoken_comments() {
  local line before text after
  [[ $SPOKEN == zh ]] || { cat && return; }
  joined_comments | while IFS= read -r line; do
    if [[ $line =~ ^(.*/\*\ |\ \*\ )(.*[^\ ])(\ \*/)$ || $line =~ ^(\ \*\ )(.*)()$ ]]; then
      before=${BASH_REMATCH[1]} text=${BASH_REMATCH[2]} after=${BASH_REMATCH[3]}
      text=$(translated "$text" | wrap 94)
      line=$before${text//$'\n'/$'\n * '}$after
    fi
    printf '%s\n' "$line"
  done
}
