# Cuts a piece out of a C program: a function or a struct of that name, with the comment above it;
# or what=loop, the endless loop of main.
#   awk -f code.awk -v what=serve_client step4_threads/server.c
# Status 1 when there is no such piece.

/^\/\*/ { comment = ""; in_comment = 1 }
in_comment {
  comment = comment $0 "\n"
  if (/\*\//) in_comment = 0
  next
}
$0 ~ "^[a-z].*[ *]" what "\\(.*[^;]$" || $0 == "struct " what " {" { end = "^}" }
what == "loop" && /^    for \(;;\)/ { end = /{$/ ? "^    }" : ";$" }
end {
  printf "%s%s\n", comment, what == "loop" ? substr($0, 5) : $0
  comment = ""
  if ($0 ~ end) exit
}
/^}/ || /^$/ { comment = "" }
END { if (!end) exit 1 }
