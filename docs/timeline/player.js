"use strict";
/*
 * The player: shows a recorded conversation (recording.js) step by step.
 *
 * `view` is all the state there is. What the reader does changes it, and then draw() draws the page
 * anew: as a function of the recording, the step and the language, and of nothing drawn before.
 * Words get into the page as text, never as HTML: a recording may contain anything.
 */

const view = {
  language: navigator.language.startsWith("zh") ? "zh" : "en",
  recording: null, // one of `recordings`
  step: 0,
  playing: null,   // a timer while it plays
  speed: 1,
  quiz: null,      // {right, asked} when it asks before each change of state
  question: null,  // {number, change, choices, answer} while one is asked
  link: null,      // a timer: browsers allow an address to change a few times a second only
};
const STATES = ["LISTEN", "SYN-SENT", "SYN-RECV", "ESTAB", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
  "CLOSING", "LAST-ACK", "TIME-WAIT", "CLOSED"];

const $ = id => document.getElementById(id);
const table = id => lines($(id)).map(line => line.split("\t"));
const chinese = new Map(table("chinese"));
const meanings = table("meanings").map(([state, when, en, zh]) => ({state, when, en, zh}));
const recordings = [...document.querySelectorAll(".recording")].map(parse);

/* ---------------------------------------------------------------- sentences */

/* say FORMAT ARGUMENT...: the sentence in the reader's language. In Chinese there is a space around
 * what is not Chinese. xgettext finds the sentences by the name of this function. */
function say(format, ...values) {
  const text = view.language === "zh" && chinese.get(format) || format;
  let next = 0;
  const said = text.replace(/%(?:(\d)\$)?s/g, (_, number) => values[number ? number - 1 : next++]);
  if (text === format) return said;
  return said.replace(/([\w)])(?=\p{Script=Han})|(\p{Script=Han})(?=[\w(])/gu, "$1$2 ");
}
function capitalized(text) {
  return view.language === "zh" ? text : text.charAt(0).toUpperCase() + text.slice(1);
}
function bytes(number) {
  return number === 1 ? say("%s byte", 1) : say("%s bytes", number.toLocaleString("en"));
}
function nameOf(end) {
  return end === "server" ? say("the server") : end;
}
function kernelOf(end) {
  return say("%s's kernel", nameOf(end));
}
function taskName(task) {
  const [kind, number] = task.split(" ");
  if (kind === "thread") return say("thread %s", number);
  return kind === "child" ? say("child %s", number) : task;
}
/* What the drawings call it (events.awk): "recv(4) = 12, slept 128 ms". */
function phrase(step) {
  return step[view.language === "zh" ? "chinese" : "english"];
}
/* What a task is doing. */
function doing(task) {
  if (task.over) return say("has ended");
  if (task.stopped) return say("is stopped");
  if (task.asleep) return say("sleeps in %s", `${task.call}()`);
  return task.end === "server" ? say("runs") : ""; // a client waits to be told what to do
}

/* All that a step did, for the reader and for who listens to the page. */
function sentence(step) {
  const told = [whatHappened(step)];
  if (/^(packet|lost)$/.test(step.event) && step.waited > 0)
    told.push(say("It is sent again, %s ms after the last time.", Math.round(step.waited)));
  for (const {end, what} of step.changes)
    told.push(say("%s's end is in %s now.", nameOf(end), what));
  if (step.shown) told.push(say("Then nothing moves, and ss shows these lines."));
  return told.map(capitalized).join(view.language === "zh" ? "" : " ");
}
function whatHappened(step) {
  const from = kernelOf(step.end);
  const to = kernelOf(step.end === "server" ? step.connection : "server");
  const joint = view.language === "zh" ? "的" : ", ";
  const task = /^(thread|child)/.test(step.task) ? `${joint}${taskName(step.task)}` : "";
  const who = `${nameOf(step.end)}${task}`;
  switch (step.event) {
    case "call":
      if (step.times > 1) return say("%s calls %s.", who, phrase(step));
      if (step.result === "...") return say("%s calls %s, and sleeps in it.", who, step.what);
      return say("%s calls %s, which returns %s.", who, step.what, step.result);
    case "return": return say("%s goes on: %s.", who, phrase(step));
    case "packet": return say("%s sends %s to %s.", from, phrase(step), to);
    case "lost": return say("%s sends %s to %s; it is lost on the way.", from, phrase(step), to);
    case "task": return say("%s: %s.", who, phrase(step));
    default: return `${phrase(step)}${view.language === "zh" ? "。" : "."}`;
  }
}

/* What the state of an end means; the situations are those of docs/look/meaning.bash. */
function meaning(recording, step, end) {
  const now = recording.moments[step];
  const owned = end.holders.length > 0;
  if (!owned && /^(ESTAB|CLOSE-WAIT)$/.test(end.state) && (end.accepted || end.end !== "server"))
    return say("the program has just closed it, and the kernel has not sent anything yet");
  const left = secondsLeft(recording, step, end);
  const recv = unread(end);
  const send = unacknowledged(end);
  return meaningOf(end.state, {
    queued: !owned && end.end === "server",
    blocked: end.state === "ESTAB" && send > 0 && otherEnd(now, end).window === 0,
    unread: recv > 0,
    unacknowledged: send > 0,
    open: owned,
    timed: left !== null,
  }, {recv, send, left, other: end.end === "server" ? say("client") : say("server")});
}
function meaningOfListener(now) {
  const recv = waiting(now);
  const places = now.listener.backlog + 1;
  return meaningOf("LISTEN", {full: recv >= places}, {recv, places});
}
function meaningOf(state, holds, values) {
  const line = meanings.find(one =>
    one.state === state && (one.when === "otherwise" || holds[one.when]));
  return line[view.language].replace(/{(\w+)}/g, (_, name) => values[name]);
}

/* Why an end gets from one state to another. */
function why(before, change, step) {
  if (step.what.includes("RST"))
    return say("A reset ends the connection at both ends at once: no FIN, no TIME-WAIT.");
  return {
    " LISTEN": say("listen() makes it a socket that waits for clients."),
    " SYN-SENT": say("connect() sends a SYN, and this end waits for the answer."),
    " SYN-RECV": say("A SYN has come. The kernel answers it, without asking the program."),
    "SYN-SENT ESTAB": say("The answer to its SYN has come: for this end the handshake is over."),
    "SYN-RECV ESTAB": say("The third packet has come. accept() has nothing to do with it."),
    "ESTAB FIN-WAIT-1": say("This end sends its FIN first."),
    "ESTAB CLOSE-WAIT": say("The other end's FIN has come. This end may still send."),
    "FIN-WAIT-1 FIN-WAIT-2": say("Its FIN is acknowledged, and the other end has not closed."),
    "FIN-WAIT-1 CLOSING": say("The other end's FIN has come before the ACK for its own."),
    "FIN-WAIT-1 TIME-WAIT": say("One packet has brought the ACK for its FIN and the other's FIN."),
    "FIN-WAIT-2 TIME-WAIT": say("Now the other end's FIN has come too. It answers, and remembers."),
    "CLOSING TIME-WAIT": say("Its FIN is acknowledged too. Both closed first; both remember."),
    "CLOSE-WAIT LAST-ACK": say("It closes second: it sends its FIN, and waits for the last ACK."),
    "LAST-ACK CLOSED": say("The last ACK has come, and nothing is left to remember."),
  }[`${before} ${change.what}`] || "";
}

/* ---------------------------------------------------------------- drawing */

/* make TAG CLASS CHILD...: an element; a child that is a string becomes text. */
function make(tag, classes, ...children) {
  const element = document.createElement(tag);
  element.className = classes;
  element.append(...children);
  return element;
}

function draw() {
  const {recording, step} = view;
  document.documentElement.lang = view.language === "zh" ? "zh-CN" : "en";
  document.title = `${recording.name}: ${recording.title[view.language]}`;
  $("title").textContent = document.title;
  $("sentence").textContent = sentence(recording.steps[step]);
  $("sentence").hidden = Boolean(view.question);
  drawControls(recording, step);
  drawSource(recording, step);
  drawQuestion(recording, step);
  $("kernels").replaceChildren(
    drawKernel(recording, step, "server"), drawKernel(recording, step, "client"));
  drawLanes(recording, step);
  drawSockets(recording, step);
  $("lanes").scrollTop = $("lanes").scrollHeight;
}

function drawControls(recording, step) {
  const count = recording.steps.length;
  const labels = {conversation: say("Conversation"), back: say("One step back (left arrow)"),
    next: say("One step on (right arrow)"), speed: say("Speed"), slider: say("Step"),
    source: say("The server's source"), lanes: say("Programs, kernels and packets")};
  for (const [id, label] of Object.entries(labels)) {
    $(id).title = label;
    $(id).setAttribute("aria-label", label);
  }
  $("conversation").replaceChildren(...recordings.map(one =>
    new Option(`${one.name}: ${one.title[view.language]}`, one.id, false, one === recording)));
  $("quiz").textContent = !view.quiz ? say("What happens next?")
    : say("What happens next? %s of %s right", view.quiz.right, view.quiz.asked);
  $("quiz").setAttribute("aria-pressed", Boolean(view.quiz));
  $("language").textContent = view.language === "zh" ? "English" : "中文";
  $("language").lang = view.language === "zh" ? "en" : "zh-CN";
  $("play").textContent = view.playing ? say("Pause") : say("Play");
  $("slider").max = count - 1;
  $("slider").value = step;
  $("slider").setAttribute("aria-valuetext", say("step %s of %s", step + 1, count));
  $("marks").replaceChildren(...recording.steps.flatMap((one, i) => one.changes.map(change => {
    const mark = make("i", sideOf(change.end));
    mark.style.setProperty("--at", i / (count - 1 || 1));
    return mark;
  })));
  $("position").textContent = `${step + 1} / ${count}`;
  $("time").textContent = `${Number(recording.steps[step].ms).toFixed(1)} ms`;
  $("keys").textContent = say("Keys: ← → Home End, space plays");
}

/* The source, with the line at which each task is; without one, the call stands there. */
function drawSource(recording, step) {
  const event = recording.steps[step];
  const all = of("server", recording.moments[step].tasks);
  const tasks = all.every(task => task.over) ? all : all.filter(task => !task.over);
  const active = tasks.find(task => event.end === "server" && task.name === event.task);
  const mark = task =>
    make("span", "mark", tasks.length > 1 ? `${taskName(task.name)}: ` : "", doing(task));
  const files = [...[active, ...tasks].map(task => task ? task.source.split(":")[0] : ""),
    ...recording.files.keys()];
  const file = files.find(name => recording.files.has(name));
  const code = recording.files.get(file);
  const rows = code ? code.map((text, i) => {
    const here = tasks.filter(task => task.source === `${file}:${i + 1}`);
    const row = make("li", here.includes(active) ? "current" : here.length ? "there" : "",
      make("code", "", text), ...here.map(mark));
    row.style.setProperty("--indent", text.search(/\S|$/));
    return row;
  }) : tasks.map(task =>
    make("li", task === active ? "current" : "there", make("code", "", task.what), mark(task)));
  $("source").replaceChildren(
    make("p", "file", code ? file : ""), make("ol", code ? "" : "calls", ...rows));
  const line = $("source").querySelector(".current") || $("source").querySelector(".there");
  if (line) $("source").scrollTop = line.offsetTop - $("source").clientHeight / 2;
}

/* The socket that this step is about; below it what else that kernel has. */
function drawKernel(recording, step, side) {
  const now = recording.moments[step];
  const ends = of(side, now.ends).filter(end => end.state);
  const end = ends.find(one => one.connection === now.client);
  const listens = side === "server" && now.listener && now.listener.holders.length > 0;
  const others = ends.filter(one => one !== end).map(one => `${one.connection}: ${one.state}`);
  if (end && listens) others.unshift(`LISTEN: ${say("%s in the accept queue", waiting(now))}`);
  const client = now.client === "-" ? recording.clients[0] || "" : now.client;
  const who = side === "server" ? "server" : client;
  const parts = end ? drawEnd(recording, step, end)
    : listens ? [make("p", "state", "LISTEN"), make("p", "meaning", meaningOfListener(now)),
      drawBar(say("accept queue"), waiting(now), now.listener.backlog + 1, String(waiting(now)))]
      : [make("p", "state none", "–"), make("p", "meaning", say("no socket of a connection"))];
  return make("section", `kernel ${side}`, make("h2", "", capitalized(kernelOf(who))), ...parts,
    make("p", "others", others.join(" · ")));
}

function drawEnd(recording, step, end) {
  const changed = recording.steps[step].changes.some(one =>
    one.end === end.end && one.connection === end.connection);
  const parts = [make("p", changed ? "state changed" : "state", end.state),
    make("p", "meaning", meaning(recording, step, end))];
  if (end.state === "CLOSED") return parts;
  const most = Math.max(...recording.moments.flatMap(now => now.ends).map(one =>
    Math.max(unread(one), unacknowledged(one))), 1);
  const size = (number, flag) => !flag ? bytes(number)
    : number > 1 ? say("%s and the %s", bytes(number - 1), flag) : say("the %s", flag);
  const fin = end.finCame && !end.finRead ? "FIN" : "";
  const own = end.state === "SYN-SENT" ? "SYN" : end.finSent ? "FIN" : "";
  const left = secondsLeft(recording, step, end);
  const unreadable = isRecord(end) && !end.holders.length;
  parts.push(unreadable ? drawBar(say("unread"), 0, most, bytes(0))
    : drawBar(say("unread"), unread(end), most, size(unread(end), fin)));
  if (isRecord(end) && !unreadable && unread(end) > 0)
    parts.push(make("p", "others", say("ss no longer counts what is left to read")));
  parts.push(drawBar(say("unacknowledged"), unacknowledged(end), most,
    size(unacknowledged(end), unacknowledged(end) > 0 ? own : "")));
  if (left !== null) parts.push(drawBar(say("timer"), left, TIME_WAIT, say("%s s left", left)));
  return parts;
}

function drawBar(label, value, most, text) {
  const fill = make("i", "");
  fill.style.width = `${Math.min(100, 100 * value / most)}%`;
  return make("div", "bar", make("span", "", label), make("b", "", text), make("div", "", fill));
}

function drawLanes(recording, step) {
  const tasks = recording.moments[recording.moments.length - 1].tasks; // all that there will be
  const names = {server: say("server"),
    client: recording.clients.length === 1 ? recording.clients[0] : say("clients")};
  const head = side => make("div", side, make("b", "", names[side]),
    ...of(side, recording.moments[step].tasks).filter(doing).map(task => make("span", "",
      of(side, tasks).length > 1 ? `${taskName(task.name)}: ` : "", doing(task))));
  const kernels = make("div", "wire", make("b", "", say("kernel")), make("b", "", say("kernel")));
  const rows = recording.steps.slice(0, step + 1).map((_, i) => drawRow(recording, i, tasks));
  rows[step].classList.add("current");
  $("lanes").replaceChildren(
    make("div", "head", head("server"), kernels, head("client")), make("ol", "", ...rows));
}

/* One step: what a program did at the left or at the right, or a packet in the middle, with the
 * states beside it. Who listens to the page hears the sentence instead. */
function drawRow(recording, i, tasks) {
  const step = recording.steps[i];
  const now = recording.moments[i];
  const parts = [drawProgram(recording, i, tasks, "server"),
    make("div", `wire ${now.cut.map(end => `cut-${end}`).join(" ")}`),
    drawProgram(recording, i, tasks, "client")];
  if (isOnWire(step)) parts[1].append(drawPacket(step, clientOf(recording, step)));
  for (const part of parts) part.setAttribute("aria-hidden", "true");
  const row = make("li", step.shown ? "rest" : "",
    make("span", "spoken", sentence(step)), ...parts);
  row.onclick = () => go(i);
  return row;
}
function isOnWire(step) {
  return /^(packet|lost|cable)$/.test(step.event);
}
function clientOf(recording, step) {
  return recording.clients.length > 1 && step.connection !== "-" ? `${step.connection}: ` : "";
}

/* The part of one side: a call, a new state, and for each task a bar that tells if it sleeps. */
function drawProgram(recording, i, tasks, side) {
  const step = recording.steps[i];
  const cell = make("div", side);
  if (!isOnWire(step) && sideOf(step.end) === side) {
    const task = step.task === "main" ? "" : `${taskName(step.task)}: `;
    const who = side === "client" ? clientOf(recording, step) : task;
    cell.append(make("span", "call", who, phrase(step)));
  }
  cell.append(...of(side, step.changes).map(change => make("b", "enters", change.what)));
  for (const task of of(side, recording.moments[i].tasks).filter(one => !one.over)) {
    const bar = make("i", task.stopped ? "stopped" : task.asleep ? "asleep" : "runs");
    bar.style.setProperty("--n", of(side, tasks).findIndex(one =>
      one.end === task.end && one.name === task.name));
    cell.append(bar);
  }
  return cell;
}

function drawPacket(step, client) {
  const again = step.waited > 0
    ? make("small", "", say("again after %s ms", Math.round(step.waited))) : "";
  return make("div", `${step.event} ${step.end === "server" ? "right" : "left"}`,
    make("span", "label", client, phrase(step), again), make("i", "shaft"), make("i", "dot"));
}

/* What ss prints. What was another one a step ago is set off, and so is a line that is gone. */
function drawSockets(recording, step) {
  const before = step > 0 ? sockets(recording, step - 1) : [];
  const after = sockets(recording, step);
  const find = (list, key) => list.find(line => line.key === key);
  const row = (line, old, classes) => make("tr", classes, ...line.columns.map((text, i) =>
    make("td", old && String(old.columns[i]) === String(text) ? "" : "changed", String(text))));
  const heads = ["State", "Recv-Q", "Send-Q", "Local", "Peer", "Process"];
  $("sockets").replaceChildren(
    make("p", "command", make("code", "", "$ ss -tanpo"), recording.steps[step].shown
      ? make("span", "asked", say("✓ ss has shown these lines"))
      : make("span", "", say("what ss would print now"))),
    make("table", "",
      make("thead", "", make("tr", "", ...heads.map(text => make("th", "", text)))),
      make("tbody", "", ...after.map(line => row(line, find(before, line.key), "")),
        ...before.filter(line => !find(after, line.key)).map(line => row(line, line, "gone")))));
}

/* ---------------------------------------------------------------- what happens next? */

function stateBefore(change) {
  const end = view.recording.moments[view.step].ends.find(one =>
    one.end === change.end && one.connection === change.connection);
  return end ? end.state : "";
}

/* ask NUMBER: about that change of the next step; false when there is none. The wrong answers are
 * where the connection is now, and the states that are near the right one. */
function ask(number) {
  const next = view.recording.steps[view.step + 1];
  const change = next && next.changes[number];
  view.question = null;
  if (!change) return false;
  const distance = state => Math.abs(STATES.indexOf(state) - STATES.indexOf(change.what));
  const near = STATES.slice(1).sort((a, b) => distance(a) - distance(b));
  const now = view.recording.moments[view.step].ends.map(end => end.state);
  const wrong = [stateBefore(change), ...now, ...near].filter(state => state !== change.what);
  const four = [change.what, ...new Set(wrong.filter(Boolean))].slice(0, 4);
  const choices = STATES.filter(state => four.includes(state));
  view.question = {number, change, choices, answer: null};
  return true;
}

function answer(state) {
  if (view.question.answer) return;
  view.question.answer = state;
  view.quiz.asked++;
  if (state === view.question.change.what) view.quiz.right++;
  draw();
  $("question").querySelector(".reason button").focus();
}

function drawQuestion(recording, step) {
  const {question} = view;
  $("question").hidden = !question;
  if (!question) return;
  const next = recording.steps[step + 1];
  const right = question.change.what;
  const button = (state, i) => {
    const one = make("button", "", make("kbd", "", String(i + 1)), ` ${state}`);
    one.disabled = Boolean(question.answer);
    if (question.answer && state === right) one.className = "right";
    else if (state === question.answer) one.className = "wrong";
    one.onclick = () => answer(state);
    return one;
  };
  $("question").replaceChildren(
    make("p", "", `${capitalized(whatHappened(next))} `,
      make("b", "", say("Which state does %s's end enter?", nameOf(question.change.end)))),
    make("div", "choices", ...question.choices.map(button)));
  if (!question.answer) return;
  const onwards = make("button", "", say("Go on"));
  onwards.onclick = forward;
  $("question").append(make("p", "reason",
    make("b", "", question.answer === right ? say("Right.") : say("No, it is %s.", right)),
    ` ${why(stateBefore(question.change), question.change, next)} `, onwards));
}

/* ---------------------------------------------------------------- what the reader does */

/* go STEP: of this conversation, or of another one. */
function go(step, recording = view.recording) {
  view.recording = recording;
  view.step = Math.max(0, Math.min(recording.steps.length - 1, step));
  view.question = null;
  clearTimeout(view.link);
  view.link = setTimeout(() =>
    history.replaceState(null, "", `#${recording.id}/${view.step + 1}`), 300);
  draw();
}

/* One step on; in the quiz the questions about it come first. */
function forward() {
  if (view.question && !view.question.answer) return;
  if (view.quiz && ask(view.question ? view.question.number + 1 : 0)) {
    pause();
    draw();
  } else {
    if (view.step + 2 >= view.recording.steps.length) pause();
    go(view.step + 1);
  }
}

function pause() {
  clearInterval(view.playing);
  view.playing = null;
}
function play() {
  view.playing = setInterval(forward, 1400 / view.speed);
  if (view.step + 1 === view.recording.steps.length) go(0);
  else draw();
}

/* A link to a step: #3/talk/34. */
function follow() {
  const [, id, step] = decodeURIComponent(location.hash).match(/^#(.*)\/(\d+)$/) || [];
  const recording = recordings.find(one => one.id === id);
  pause();
  go(recording ? step - 1 : 0, recording || view.recording || recordings[0]);
}

const actions = {
  ArrowRight: forward,
  ArrowLeft: () => go(view.step - 1),
  Home: () => go(0),
  End: () => go(view.recording.steps.length - 1),
};
document.addEventListener("keydown", event => {
  const {key, target} = event;
  if (event.ctrlKey || event.altKey || event.metaKey || target.matches("select")) return;
  if (view.question && /^[1-4]$/.test(key)) return answer(view.question.choices[key - 1]);
  if (key === " " && !target.matches("button")) $("play").onclick();
  else if (actions[key]) {
    pause();
    actions[key]();
  } else return;
  event.preventDefault();
});
const byHand = action => event => { pause(); action(event); };
$("next").onclick = byHand(forward);
$("back").onclick = byHand(actions.ArrowLeft);
$("play").onclick = () => {
  if (!view.playing) return play();
  pause();
  draw();
};
$("slider").oninput = byHand(event => go(Number(event.target.value)));
$("conversation").onchange = byHand(event =>
  go(0, recordings.find(one => one.id === event.target.value)));
$("speed").onchange = event => {
  view.speed = Number(event.target.value);
  document.documentElement.style.setProperty("--pace", 1 / view.speed);
  if (view.playing) { pause(); play(); }
};
$("language").onclick = () => {
  view.language = view.language === "zh" ? "en" : "zh";
  draw();
};
$("quiz").onclick = () => {
  view.quiz = view.quiz ? null : {right: 0, asked: 0};
  view.question = null;
  draw();
};
window.addEventListener("hashchange", follow);
follow();
