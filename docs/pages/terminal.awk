# Draws the output of a demo, in English or Chinese, as a terminal of 80 columns: an SVG picture.

# columns TEXT: how many it takes; under LC_ALL=C a Chinese character is three bytes, and takes two.
function columns(text,    wide) {
  wide = gsub(/[\200-\377]/, "", text)
  return length(text) + wide / 3 * 2
}

{ lines[NR] = $0 }

END {
  height = NR * 18 + 24
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"700\" height=\"%d\" viewBox=\"0 0 700 %d\"", height, height
  print " font-family=\"DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, monospace\" font-size=\"13.5\">"
  printf "<rect width=\"700\" height=\"%d\" rx=\"8\" fill=\"#1d2129\"/>\n", height
  for (i = 1; i <= NR; i++) {
    line = lines[i]
    y = i * 18 + 8
    style = "fill=\"#d6dae0\""
    if (line ~ /^==|^Remember|^记住/ || remember) {
      style = "fill=\"#ffffff\" font-weight=\"bold\""
      remember = line ~ /^(Remember|记住)/ || (remember && line != "")
    } else if (line ~ /^\$/)
      style = "fill=\"#6fd3e3\""
    else if (line ~ /^  \|/)
      style = "fill=\"#f0c674\""
    else if (line ~ /^  (CLOSE-WAIT|FIN-WAIT-2|TIME-WAIT) /) { # what the demo marks
      printf "<rect x=\"12\" y=\"%d\" width=\"676\" height=\"18\" fill=\"#d6dae0\"/>\n", y - 14
      style = "fill=\"#1d2129\""
    }
    gsub(/&/, "\\&amp;", line)
    gsub(/</, "\\&lt;", line)
    gsub(/>/, "\\&gt;", line)
    if (line != "")
      printf "<text x=\"14\" y=\"%d\" xml:space=\"preserve\" textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\" %s>%s</text>\n", y, columns(lines[i]) * 8.3, style, line
  }
  print "</svg>"
}
