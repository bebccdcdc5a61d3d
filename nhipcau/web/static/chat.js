// The chat's page: what is said goes out, what is told comes in. What was typed is kept until the server has it.
import { at, entry, newId, path, version, words } from "./texts.js";
import { adopt, drop as discard, dropFile, fileOf, flag, forget, keep, keepFile, keepTyped, restore, setFlag, state, typed } from "./history.js";
import { draw, goDown, keepInSight, on, reveal, scrolled, showDown } from "./draw.js";
import { inviteToInstall, startMenu } from "./menu.js";
import { shrink } from "./pictures.js";

// milliseconds until a connection counts as dead: an act, a wait for news (the server answers after 25 s)
const ACT = 15000;
const NEWS = 40000;
// an answer without news in less than this came without a wait; the next question then follows after a pause
const SOON = 1000;
const PAUSE = 3000;
// a picture may take any time, as long as something moves
const SILENCE = 60000;
// what is sent as a document; whether it is taken, the server says
const DOCUMENT = /\.(pdf|docx?|docm)$/i;
let polling = false;
let sending = false;
let uploading = null;
let listening = null;

async function post(where, body, patience, controller = new AbortController()) {
  const clock = setTimeout(() => controller.abort(), patience);
  try {
    return await fetch(path + where, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
      signal: controller.signal,
    });
  } catch {
    return null;
  } finally {
    clearTimeout(clock);
  }
}

const find = (key) => state.bubbles.find((one) => one.mine && one.key === key);

function mark(key, facts) {
  const bubble = find(key);
  if (bubble) Object.assign(bubble, { why: "", phase: "" }, facts);
}

// ---------------------------------------------------------------- saying: words at once, pictures after them

function put(bubble, act) {
  if (bubble) state.bubbles.push({ mine: true, state: "waiting", at: Date.now(), ...bubble });
  if (act) state.unsent.push(act);
  keep();
  draw();
  if (act) flush();
}

function press(bubble, choice, byKeyboard) {
  const id = newId();
  const act = { id, data: choice.data, ref: bubble.key, shown: "" };
  if (choice.stays) return put(null, act); // ticked or not: shown on the same message
  bubble.pressed = true;
  put({ key: id, text: choice.label }, { ...act, shown: id });
  if (byKeyboard) at("text").focus({ preventScroll: true });
}

function say(text) {
  const id = newId();
  put({ key: id, text }, { id, text, shown: id });
}

async function sayFile(file) {
  const id = newId();
  const isDocument = DOCUMENT.test(file.name);
  const name = isDocument ? file.name : words.photo;
  put({ key: id, text: name, document: isDocument, upload: true, phase: isDocument ? "" : words.shrinking }, null);
  const small = isDocument ? { file, thumb: "" } : await shrink(file);
  const bubble = find(id);
  if (!bubble) return; // dropped meanwhile
  mark(id, { state: "waiting" });
  if (small.thumb) redraw(bubble, { thumb: small.thumb });
  await keepFile(id, small.file);
  if (!find(id)) return void dropFile(id);
  put(null, { id, file: true, document: isDocument, name: file.name, shown: id });
}

function redraw(bubble, facts) {
  const place = state.bubbles.indexOf(bubble);
  state.bubbles = state.bubbles.filter((one) => one !== bubble);
  draw();
  state.bubbles.splice(place, 0, Object.assign(bubble, facts));
  draw();
}

function drop(key) {
  const stop = uploading && uploading.act.shown === key ? uploading.stop : null;
  discard(key);
  if (stop) stop();
  draw();
  at("text").focus({ preventScroll: true });
}

function retry(key) {
  mark(key, { state: "waiting" });
  const act = state.unsent.find((one) => one.shown === key);
  if (act) act.held = false;
  draw();
  flush();
}

// Returns whether the next act may follow.
async function settle(act, status, read) {
  if (!state.unsent.includes(act)) return true;
  if (status >= 200 && status < 300) {
    state.unsent = state.unsent.filter((one) => one !== act);
    mark(act.shown, { state: "sent", moved: undefined });
    if (act.file) dropFile(act.id);
    online(true);
  } else if (status === 401) {
    ended();
    return false;
  } else if (status >= 400 && status < 500) {
    const body = await read().catch(() => ({}));
    // what stands nowhere can't be tried again
    if (find(act.shown)) act.held = true;
    else state.unsent = state.unsent.filter((one) => one !== act);
    mark(act.shown, { state: "failed", moved: undefined, why: words.error + " " + (body.error || words.failed) });
  } else {
    mark(act.shown, { state: "waiting", moved: undefined });
    online(false);
    draw();
    return false;
  }
  keep();
  draw();
  return true;
}

async function flush() {
  if (sending) return;
  sending = true;
  try {
    for (;;) {
      const act = state.unsent.find((one) => !one.held && !one.file);
      if (!act) break;
      const body = { id: act.id, text: act.text || "", data: act.data || "", ref: act.ref || "" };
      const response = await post("/send", body, ACT);
      if (!(await settle(act, response ? response.status : 0, () => response.json()))) return;
    }
  } finally {
    sending = false;
  }
  flushFiles();
}

async function flushFiles() {
  while (!uploading && !at("log").hidden) {
    const act = state.unsent.find((one) => one.file && !one.held);
    // words written meanwhile go first; they call us again
    if (!act || state.unsent.some((one) => !one.file && !one.held)) return;
    uploading = { act, stop() {} };
    let answer;
    try {
      answer = await upload(act);
    } finally {
      uploading = null;
    }
    if (!(await settle(act, answer.status, async () => JSON.parse(answer.body)))) return;
  }
}

async function upload(act) {
  const file = await fileOf(act.id);
  if (!file) {
    state.unsent = state.unsent.filter((one) => one !== act);
    mark(act.shown, { state: "lost", why: act.document ? words.file_lost : words.picture_lost });
    return { status: 0, body: "" };
  }
  const form = new FormData();
  form.append("id", act.id);
  form.append("file", file, act.name || "picture.jpg");
  const request = new XMLHttpRequest(); // fetch does not say how much has gone out
  const bubble = find(act.shown);
  let clock;
  return new Promise((done) => {
    const alive = () => {
      clearTimeout(clock);
      clock = setTimeout(() => request.abort(), SILENCE);
    };
    request.upload.onprogress = (event) => {
      alive();
      if (bubble) Object.assign(bubble, { moved: event.total ? event.loaded / event.total : 0, phase: words.sending });
      draw();
    };
    request.onloadend = () => {
      clearTimeout(clock);
      done({ status: request.status, body: request.responseText });
    };
    if (uploading) uploading.stop = () => request.abort();
    request.open("POST", path + (act.document ? "/file" : "/photo"));
    request.send(form);
    alive();
  });
}

// ---------------------------------------------------------------- hearing

function hear(message, moment) {
  if (state.got.includes(message.key)) return;
  state.got.push(message.key);
  const old = message.edit && state.bubbles.find((one) => !one.mine && one.key === message.edit);
  if (old) Object.assign(old, { text: message.text, choices: message.choices, pressed: false });
  else {
    const { key, text, choices, photo, file, file_name, links } = message;
    // when it came to this phone: held messages would else stand before what was said meanwhile
    state.bubbles.push({ key, text, choices, photo, file, file_name, links, at: moment });
  }
}

async function listen() {
  if (polling) return;
  polling = true;
  while (!at("log").hidden) {
    if (document.hidden && Date.now() - seen > 300000) break;
    listening = new AbortController();
    const asked = Date.now();
    const response = await post("/messages", { got: state.got.slice(-50) }, NEWS, listening);
    if (at("log").hidden) break;
    if (response && response.ok) {
      online(true);
      const body = await response.json().catch(() => ({ messages: [] }));
      if (body.messages.length) {
        const now = Date.now();
        body.messages.forEach((message) => hear(message, now));
        keep();
        draw();
      } else if (Date.now() - asked < SOON) {
        // no room to wait there: many phones behind one address, or many windows of this one
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    } else if (response && response.status === 401) {
      ended();
    } else {
      online(false);
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
  polling = false;
}

let seen = Date.now();
document.addEventListener("visibilitychange", () => {
  seen = Date.now();
  if (!document.hidden && !at("log").hidden) listen();
});

function online(yes) {
  at("offline").hidden = yes;
}

// ---------------------------------------------------------------- coming and going

function show(inside) {
  for (const id of ["log", "composer", "menu", "more"]) at(id).hidden = !inside;
  at("welcome").hidden = inside;
  if (!inside) at("down").hidden = true;
  if (at("slow")) at("slow").remove();
}

function enter() {
  show(true);
  draw();
  reveal();
  showDown();
  listen();
  flush();
  // the page as it is now, for the next time without network
  if ("caches" in window) caches.open("shell-" + version).then((cache) => cache.add(path)).catch(() => {});
}

function ended() {
  online(true);
  show(false);
  at("other").hidden = false;
  if (at("about")) at("about").textContent = words.ended;
  else location.reload(); // the server says what this code still opens
}

if (at("start")) {
  at("start").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = at("start").querySelector("button");
    button.disabled = true;
    const response = await post("/start", {}, ACT);
    button.disabled = false;
    const refused = response && response.status === 429 && (await response.json()).error;
    at("trouble").textContent = response && response.ok ? "" : refused || words.unreachable;
    if (response && response.ok) enter();
  });
}

async function leave() {
  if (!confirm(words.leave_sure)) return;
  const response = await post("/leave", {}, ACT);
  if (!response || !response.ok) {
    alert(words.leave_failed);
    return;
  }
  if (uploading) uploading.stop();
  if (listening) listening.abort();
  await forget();
  at("text").value = "";
  draw();
  if ("caches" in window) for (const name of await caches.keys()) if (name.startsWith("shell-")) await caches.delete(name);
  location.reload();
}

function fit() {
  at("text").style.height = "auto";
  at("text").style.height = at("text").scrollHeight + 2 + "px";
}

function send() {
  const text = at("text").value.trim();
  if (!text) return;
  at("text").value = "";
  fit();
  keepTyped("");
  say(text);
}

Object.assign(on, { press, retry, drop });
startMenu(leave);
at("menu").addEventListener("click", () => say("menu"));
at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
at("text").addEventListener("input", () => {
  fit();
  keepTyped(at("text").value);
});
at("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
at("photo").addEventListener("change", () => {
  const file = at("photo").files[0];
  at("photo").value = "";
  if (file) sayFile(file);
});
at("log").addEventListener("scroll", scrolled, { passive: true });
at("down").addEventListener("click", goDown);
window.addEventListener("online", () => {
  flush();
  listen();
});
// another tab of this phone: its history is ours too
window.addEventListener("storage", (event) => {
  if (!at("log").hidden && adopt(event)) draw();
});
// the keyboard came up or went: what stands last stays in sight, unless somebody reads further up
if ("ResizeObserver" in window) new ResizeObserver(keepInSight).observe(at("log"));
// on an iPhone the keyboard lies over the page, which has to make room itself
if (window.visualViewport) {
  visualViewport.addEventListener("resize", () => {
    if (visualViewport.scale === 1) document.body.style.height = visualViewport.height + "px";
  });
}
setInterval(() => state.unsent.length && flush(), 3000);
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});

async function begin() {
  await restore();
  at("text").value = typed();
  const known = entry === "open" || (entry === "new" && state.bubbles.length > 0);
  if (!known) return show(false);
  const returning = state.bubbles.length > 0;
  enter();
  fit();
  if (!returning) post("/open", { id: newId() }, ACT);
  if (returning && flag("seen")) inviteToInstall();
  if (returning) setFlag("seen", "yes");
}

document.addEventListener("installable", () => flag("seen") && !at("log").hidden && inviteToInstall());
begin();
