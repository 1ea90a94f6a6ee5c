"use strict";
/*
 * A recorded conversation, and what can be known of each moment of it.
 *
 * parse()    the text of a recording, which player.bash wrote into the page -> its steps
 * replay()   its steps -> the moment after each: sockets with their queues, tasks with their calls
 * sockets()  a moment -> the lines that ss prints then
 *
 * Of the states nothing is worked out here: they are those of states.awk. "end" is always the name
 * of who is there: "server", or a client's. Nothing here knows of the page.
 */

const TIME_WAIT = 60; // seconds

function sideOf(end) {
  return end === "server" ? "server" : "client";
}
/* Those of a list that are the server's, or those that are the clients'. */
function of(side, list) {
  return list.filter(one => sideOf(one.end) === side);
}

function lines(element) {
  return element.textContent.replace(/\n$/, "").split("\n");
}

/* A step is an event (its fields: events.awk), with the changes of state that it led to; when
 * nothing more happened for a moment, ss was asked, and `shown` has what it printed. */
function parse(element) {
  const [id, name, en, zh] = lines(element.querySelector(".about"));
  const [header, ...rows] = lines(element.querySelector(".events")).map(line => line.split("\t"));
  const steps = [];
  for (const row of rows) {
    const event = Object.fromEntries(header.map((field, i) => [field, row[i]]));
    const last = steps[steps.length - 1];
    if (event.event === "state") last.changes.push(event);
    else if (event.event === "rest") last.shown = [];
    else if (event.event === "ss") last.shown.push(event);
    else if (event.event !== "agreed") steps.push({...event, changes: []});
  }
  const files = new Map([...element.querySelectorAll(".file")].map(lines)
    .map(([file, ...text]) => [file, text]));
  const clients = [...new Set(steps.map(step => step.connection))].filter(name => name !== "-");
  const program = name.replace(/ .*/, "").replace(/.*\//, "");
  const recording = {id, name, program, title: {en, zh}, steps, files, clients};
  recording.moments = replay(recording);
  return recording;
}

/* ---------------------------------------------------------------- from step to step */

/* The queues are counted from calls and packets, as the kernel does it. Where ss has shown others,
 * those are right: a send() that sleeps may have given some of its bytes. `corrected` counts it. */
function replay(recording) {
  let now = {listener: null, bound: "", ends: [], tasks: [], cut: [], client: "-", corrected: 0};
  return recording.steps.map(step => {
    now = structuredClone(now);
    if (step.connection !== "-") now.client = step.connection;
    if (/^(call|return)$/.test(step.event)) calls(now, step);
    else if (/^(packet|lost)$/.test(step.event)) sends(now, step);
    else if (step.event === "task") becomes(now, step);
    else if (step.what === "cut") now.cut.push(step.end);
    else now.cut = now.cut.filter(end => end !== step.end);
    for (const change of step.changes.filter(one => one.what !== "LISTEN"))
      Object.assign(endOf(now, change.end, change.connection),
        {state: change.what, since: change.ms});
    for (const line of step.shown || []) compare(now, line);
    return now;
  });
}

/* One end of a connection, made when it is first asked for. */
function endOf(now, name, connection) {
  let found = now.ends.find(one => one.end === name && one.connection === connection);
  if (!found) now.ends.push(found = {end: name, connection, state: "", since: 0,
    came: 0, read: 0, finCame: false, finRead: false, // bytes that have come, and that were read
    written: 0, acked: 0, finSent: false, // bytes that were sent, and those that are acknowledged
    window: 1, accepted: false,
    holders: []}); // "main 4": which process has it, as which descriptor
  return found;
}
function otherEnd(now, end) {
  return endOf(now, end.end === "server" ? end.connection : "server", end.connection);
}

/* As ss counts: a FIN is one more. */
function unread(end) {
  return end.came - end.read + (end.finCame && !end.finRead ? 1 : 0);
}
function unacknowledged(end) {
  if (/^SYN/.test(end.state)) return end.state === "SYN-SENT" ? 1 : 0;
  return Math.max(0, end.written + (end.finSent ? 1 : 0) - end.acked);
}

/* Threads share the descriptors of their process; a child has its own. */
function processOf(step) {
  return step.task.startsWith("thread") ? "main" : step.task;
}

function taskOf(now, step) {
  let task = now.tasks.find(one => one.end === step.end && one.name === step.task);
  if (!task) now.tasks.push(task =
    {end: step.end, name: step.task, call: "", what: "", source: "-"});
  return task;
}

function calls(now, step) {
  const [, call, descriptor] = step.what.match(/^(\w+)\((\d*)/);
  const result = parseInt(step.result, 10); // not a number while it sleeps
  const holder = `${processOf(step)} ${descriptor}`;
  const task = taskOf(now, step);
  task.asleep = step.result === "...";
  if (step.event === "call") Object.assign(task, {call, what: step.what, source: step.source});
  const end = step.connection === "-" ? null : endOf(now, step.end, step.connection);
  if (call === "connect") end.holders = [holder];
  if (!(result >= 0)) return;
  if (call === "bind") now.bound = step.what.replace(/^.*, |\)$/g, "");
  else if (call === "listen")
    now.listener = {end: "server", holders: [holder], backlog: parseInt(step.what.split(", ")[1])};
  else if (/^accept/.test(call))
    Object.assign(end, {accepted: true, holders: [`${processOf(step)} ${result}`]});
  else if (call === "close") release(now, step, held => held === holder);
  else if (end && /^(send|write)/.test(call)) end.written += result;
  else if (end && /^(recv|read)/.test(call) && !step.what.includes("MSG_PEEK")) {
    end.read += result;
    if (end.finCame && end.read === end.came) end.finRead = true; // it is taken with the last bytes
  }
}

function socketsOf(now, name) {
  return [now.listener, ...now.ends].filter(socket => socket && socket.end === name);
}
function release(now, step, given) {
  for (const socket of socketsOf(now, step.end))
    socket.holders = socket.holders.filter(held => !given(held));
}

function becomes(now, step) {
  const task = taskOf(now, step);
  const own = held => held.startsWith(`${step.task} `);
  if (step.what === "stopped" || step.result === "SIGCONT")
    for (const one of now.tasks)
      if (one.end === step.end) one.stopped = step.what === "stopped";
  if (step.what === "starts" && step.result.startsWith("child"))
    for (const socket of socketsOf(now, step.end))
      socket.holders.push(...socket.holders.filter(own).map(held =>
        held.replace(step.task, step.result)));
  if (step.what === "ends" || step.what === "killed") {
    Object.assign(task, {over: true, asleep: false, stopped: false});
    if (processOf(step) === step.task) release(now, step, own);
  }
}

/* The numbers of a packet count from 1 behind the SYN. */
function sends(now, step) {
  const from = endOf(now, step.end, step.connection);
  const to = otherEnd(now, from);
  const size = Number(step.result);
  const [first, next, window] = step.detail.split(" ").map(Number); // not a number for none
  const last = first - 1 + size;
  if (size > 0) from.written = Math.max(from.written, last);
  if (step.what.includes("FIN")) from.finSent = true;
  from.window = window;
  if (step.event === "lost") return;
  if (size > 0) to.came = Math.max(to.came, last);
  if (step.what.includes("FIN")) {
    to.finCame = true;
    if (to.state === "TIME-WAIT") to.since = step.ms; // its minute begins again
  }
  if (!step.what.includes("SYN") && next > 0) to.acked = Math.max(to.acked, next - 1);
}

/* compare LINE: of ss, with the socket that it is about. */
function compare(now, line) {
  const [state, recvQueue, sendQueue, local, peer] = line.what.split(" ");
  if (state === "LISTEN" && recvQueue < waiting(now)) { // accepted by no call, as io_uring does it
    Object.assign(now.ends.find(isWaiting), {accepted: true, holders: ["main ?"]});
    now.corrected++;
  }
  const end = now.ends.find(one =>
    one.state === state && one.end === line.end && one.connection === line.connection);
  if (!end) return;
  end.addresses = [local, peer];
  const wrong = [recvQueue - unread(end), sendQueue - unacknowledged(end)];
  if (isRecord(end) || wrong.every(difference => difference === 0)) return;
  end.came += wrong[0];
  end.written += wrong[1];
  now.corrected++;
}

/* ---------------------------------------------------------------- a moment */

/* What is left of the end is a record in the kernel, without a queue. */
function isRecord(end) {
  return end.state === "TIME-WAIT" || end.state === "FIN-WAIT-2" && !end.holders.length;
}

/* Seconds that the kernel still keeps the end; null where nothing limits it. */
function secondsLeft(recording, step, end) {
  if (!isRecord(end)) return null;
  return Math.max(0, Math.ceil(TIME_WAIT - (recording.steps[step].ms - end.since) / 1000));
}

/* How many connections wait for accept(). */
function waiting(now) {
  return now.ends.filter(isWaiting).length;
}
function isWaiting(end) {
  return end.end === "server" && !end.accepted && /^(ESTAB|CLOSE-WAIT)$/.test(end.state);
}

/* The lines of ss -Htanpo: of each, whose it is, and its columns. */
function sockets(recording, step) {
  const now = recording.moments[step];
  const users = socket => {
    const name = socket.end === "server" ? recording.program : "client";
    return socket.holders.map(held => `${name},fd=${held.replace(/.* /, "")}`).join(" ");
  };
  const found = [];
  if (now.listener && now.listener.holders.length)
    found.push({key: "listener", columns: ["LISTEN", waiting(now), now.listener.backlog, now.bound,
      now.bound.startsWith("[") ? "*:*" : "0.0.0.0:*", users(now.listener)]});
  for (const end of [...of("server", now.ends), ...of("client", now.ends)]) {
    if (!end.state || end.state === "CLOSED") continue;
    const queues = isRecord(end) ? [0, 0] : [unread(end), unacknowledged(end)];
    const left = secondsLeft(recording, step, end);
    const last = left === null ? users(end) : `timer:(timewait,${left}sec,0)`;
    found.push({key: `${end.end} ${end.connection}`,
      columns: [end.state, ...queues, ...addressesOf(recording, end), last]});
  }
  return found;
}

/* Local and peer, as ss has shown them at some moment. */
function addressesOf(recording, end) {
  const shown = recording.moments.flatMap(moment => moment.ends).find(one =>
    one.addresses && one.end === end.end && one.connection === end.connection);
  const both = [recording.moments[recording.moments.length - 1].bound,
    `127.0.0.1:${50001 + recording.clients.indexOf(end.connection)}`]; // as on all pages
  return shown ? shown.addresses : end.end === "server" ? both : both.reverse();
}
