# What the timeline says in both languages; the names of calls, flags and states belong to neither.
# Takes language=en|zh. words(KEY) is the text; label() and what_happened() tell the event in $0.

BEGIN {
  en["server"] = "server";                zh["server"] = "服务端"
  en["client"] = "client %s";             zh["client"] = "客户端 %s"
  en["clients"] = "clients";              zh["clients"] = "客户端"
  en["its kernel"] = "its kernel";        zh["its kernel"] = "内核"
  en["server's kernel"] = "server's kernel"; zh["server's kernel"] = "服务端内核"
  en["client's kernel"] = "client's kernel"; zh["client's kernel"] = "客户端内核"
  en["byte"] = "%s byte";                 zh["byte"] = "%s 字节"
  en["bytes"] = "%s bytes";               zh["bytes"] = "%s 字节"
  en["packets"] = "%s packets";           zh["packets"] = "%s 个包"
  en["window"] = "window 0";              zh["window"] = "窗口 0"
  en["again"] = "%s, again and again";    zh["again"] = "%s，一遍又一遍"
  en["many packets"] = "many packets";    zh["many packets"] = "许多包"
  en["times"] = "%s, %s times";           zh["times"] = "%s，共 %s 次"
  en["bulk"] = "%s, %s times, %s";        zh["bulk"] = "%s，共 %s 次，%s"
  en["slept"] = "%s, slept %s ms";        zh["slept"] = "%s，睡眠 %s ms"
  en["thread"] = "thread %s";             zh["thread"] = "线程 %s"
  en["child"] = "child %s";               zh["child"] = "子进程 %s"
  en["starts"] = "starts %s";             zh["starts"] = "启动%s"
  en["ends"] = "ends";                    zh["ends"] = "结束"
  en["ends with"] = "ends with status %s"; zh["ends with"] = "结束，状态 %s"
  en["killed"] = "is ended by %s";        zh["killed"] = "被 %s 结束"
  en["signal"] = "is sent %s";            zh["signal"] = "收到信号 %s"
  en["stopped"] = "is stopped (%s)";      zh["stopped"] = "被暂停（%s）"
  en["agreed"] = "At each of %s moments of rest ss showed the same states."
  zh["agreed"] = "在 %s 次停顿时用 ss 核对过，状态都与图中一致。"
  en["disagree"] = "At %s ms the packets say of the %s of %s's connection: %s, and ss says: %s.\n" \
    "Nothing is drawn, because one of the two is wrong. KEEP=folder keeps what was recorded."
  zh["disagree"] = "%s 毫秒时，从包推出%s（%s 的连接）的状态是 %s，而 ss 显示的是 %s。\n" \
    "两者必有一错，所以不画图。用 KEEP=目录 可以保留记录下来的内容。"
  en["server's end"] = "server's end";    zh["server's end"] = "服务端一侧"
  en["client's end"] = "client's end";    zh["client's end"] = "客户端一侧"
}

function words(key) { return language == "zh" ? zh[key] : en[key] }

# label: of a packet, its flags and bytes.
function label(    text) {
  if ($10 > 1) return sprintf(words("packets"), $10)
  text = $6
  gsub(/,/, ", ", text)
  if ($7 > 0) return text ", " number_of_bytes($7)
  return $6 == "ACK" && $9 ~ / 0$/ ? text ", " words("window") : text
}

# what_happened: of a program.
function what_happened(    text) {
  if ($2 == "task" && $6 == "starts") return sprintf(words("starts"), task_name($7))
  if ($2 == "task" && $6 == "ends" && $4 ~ /^thread/) return words("ends")
  if ($2 == "task" && $6 == "ends") return sprintf(words("ends with"), $7)
  if ($2 == "task") return sprintf(words($6), $7)
  if ($9 == "bytes") return sprintf(words("bulk"), $6, thousands($10), number_of_bytes($7))
  text = $6 ($7 == "..." ? " ..." : " = " $7)
  if ($8 > 0) text = sprintf(words("slept"), text, int($8 + 0.5))
  if ($10 > 1) text = sprintf(words("times"), text, thousands($10))
  return text
}

function number_of_bytes(number) {
  return sprintf(words(number == 1 ? "byte" : "bytes"), thousands(number))
}

# task_name NAME: "thread 1", "child 1" in the reader's language.
function task_name(name,    part) {
  split(name, part, " ")
  return part[2] == "" ? name : sprintf(words(part[1]), part[2])
}

# thousands NUMBER: with commas.
function thousands(number) {
  number = sprintf("%d", number)
  while (match(number, /^[0-9]+[0-9][0-9][0-9](,|$)/))
    number = substr(number, 1, match(number, /[0-9][0-9][0-9](,|$)/) - 1) "," substr(number, RSTART)
  return number
}
