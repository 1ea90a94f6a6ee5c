# Draws the output of a demo, in English or Chinese, as a terminal of 80 columns: an SVG picture.

{ lines[NR] = $0 }

END {
  height = NR * 18 + 24
  print "<svg xmlns='http://www.w3.org/2000/svg' width='700' height='" height "'" \
    " viewBox='0 0 700 " height "' font-size='13.5'" \
    " font-family='DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, monospace'>"
  print "<rect width='700' height='" height "' rx='8' fill='#1d2129'/>"
  for (i = 1; i <= NR; i++) draw(lines[i], i * 18 + 8)
  print "</svg>"
}

function draw(line, y,    look, text, width) {
  if (line ~ /^(Remember|记住)/) remember = 1 # to the end of that paragraph
  if (line == "") remember = 0
  look = "fill='#d6dae0'"
  if (line ~ /^==/ || remember) look = "fill='#ffffff' font-weight='bold'"
  else if (line ~ /^\$/) look = "fill='#6fd3e3'"
  else if (line ~ /^  \|/) look = "fill='#f0c674'"
  else if (line ~ /^  (CLOSE-WAIT|FIN-WAIT-2|TIME-WAIT) /) { # what the demo marks
    print "<rect x='12' y='" y - 14 "' width='676' height='18' fill='#d6dae0'/>"
    look = "fill='#1d2129'"
  }
  text = line
  gsub(/[\300-\377][\200-\277]+/, "xx", text) # two columns; a Chinese character is three bytes
  width = int(length(text) * 8.3)
  gsub(/&/, "\\&amp;", line)
  gsub(/</, "\\&lt;", line)
  gsub(/>/, "\\&gt;", line)
  if (line != "")
    print "<text x='14' y='" y "' xml:space='preserve' textLength='" width "'" \
      " lengthAdjust='spacingAndGlyphs' " look ">" line "</text>"
}
