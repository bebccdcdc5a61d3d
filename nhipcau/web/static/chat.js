// The chat's page. The history is this device's own; what was typed is kept until the server has it.
"use strict";
const { words, door, open } = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const KEY = "nhipcau:" + door;
const TYPED = KEY + ":typed";
const SHELL = "shell-1";
const KEPT = 200;
// milliseconds until a connection counts as dead: an act, a picture or a document, a wait for news (the server answers after 25 s)
const ACT = 15000;
const PICTURE = 90000;
const NEWS = 40000;
// what is sent as a document; whether it is taken, the server says
const DOCUMENT = /\.(pdf|docx?|docm)$/i;
const state = { bubbles: [], unsent: [], got: [] };
const files = new Map();
const drawn = new Map();
let polling = false;
let sending = false;
let listening = null;

// ---------------------------------------------------------------- what this device keeps

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY) || "{}");
  } catch {
    return {}; // a damaged history is an empty one
  }
}

function restore() {
  const found = stored();
  for (const name of Object.keys(state)) if (Array.isArray(found[name])) state[name] = found[name];
  // a picture or a document is kept by the open page only
  const going = new Set(state.unsent.map((act) => act.shown));
  for (const bubble of state.bubbles) {
    if (bubble.mine && bubble.state === "waiting" && !going.has(bubble.key)) {
      Object.assign(bubble, { state: "lost", why: bubble.document ? words.file_lost : words.picture_lost });
    }
  }
}

function keep() {
  const mine = new Set(state.bubbles.map((bubble) => bubble.key));
  const others = (stored().bubbles || []).filter((bubble) => !mine.has(bubble.key));
  if (others.length) state.bubbles = [...others, ...state.bubbles];
  state.bubbles = state.bubbles.slice(-KEPT);
  state.got = state.got.slice(-KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...state, unsent: state.unsent.filter((act) => !act.file) }));
  } catch {
    /* private mode: the page works without */
  }
}

// what stands in the box and is not sent yet outlives a reload
function keepTyped() {
  try {
    localStorage.setItem(TYPED, at("text").value);
  } catch {
    /* private mode */
  }
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(path, body, patience, controller = new AbortController()) {
  const form = body instanceof FormData;
  const clock = setTimeout(() => controller.abort(), patience);
  try {
    return await fetch(door + path, {
      method: "POST",
      headers: form ? {} : { "Content-Type": "application/json" },
      body: form ? body : JSON.stringify(body),
      credentials: "same-origin",
      signal: controller.signal,
    });
  } catch {
    return null;
  } finally {
    clearTimeout(clock);
  }
}

// ---------------------------------------------------------------- drawing: only what changed

function draw() {
  const log = at("log");
  const last = state.bubbles.findLast ? state.bubbles.findLast((one) => !one.mine) : lastHeard();
  let fresh = null;
  for (const bubble of state.bubbles) {
    let node = drawn.get(bubble.key);
    if (!node) {
      node = drawBubble(bubble);
      drawn.set(bubble.key, node);
      log.append(node);
      fresh = bubble;
    }
    drawState(bubble, node);
    drawChoices(bubble, node, bubble === last && !bubble.pressed);
  }
  for (const [key, node] of drawn) {
    if (!state.bubbles.some((bubble) => bubble.key === key)) {
      node.remove();
      drawn.delete(key);
    }
  }
  if (fresh) reveal(fresh);
}

function lastHeard() {
  return state.bubbles.filter((one) => !one.mine).pop();
}

// The newest bubble's first words and as many choices as fit; never a jump when only something inside changed.
function reveal(bubble) {
  const log = at("log");
  const node = drawn.get(bubble.key);
  const whole = node.offsetHeight + 24 <= log.clientHeight;
  log.scrollTop = whole || bubble.mine ? log.scrollHeight : node.offsetTop - log.offsetTop - 8;
}

function drawBubble(bubble) {
  const node = document.createElement("div");
  node.className = "turn";
  const box = document.createElement("div");
  box.className = bubble.mine ? "bubble mine" : "bubble";
  if (bubble.photo) {
    const picture = document.createElement("img");
    const opened = document.createElement("a");
    Object.assign(opened, { href: bubble.photo, target: "_blank", rel: "noopener" });
    picture.src = bubble.photo;
    picture.alt = words.picture;
    picture.addEventListener("load", () => bubble === lastHeard() || reveal(lastHeard()));
    opened.append(picture);
    box.append(opened);
  }
  if (bubble.file) {
    const link = document.createElement("a");
    link.className = "file";
    link.href = bubble.file;
    link.target = "_blank"; // where its time is over the answer is a sentence: the conversation stays
    link.rel = "noopener";
    link.textContent = bubble.file_name;
    box.append(link);
  }
  const text = document.createElement("span");
  text.className = "text";
  text.textContent = bubble.text;
  box.append(text);
  node.append(box);
  return node;
}

function drawState(bubble, node) {
  const box = node.firstChild;
  if (!bubble.mine) {
    const text = box.querySelector(".text");
    if (text.textContent !== bubble.text) text.textContent = bubble.text;
    return;
  }
  const shown = bubble.state + (bubble.why || "");
  if (box.dataset.state === shown) return;
  box.dataset.state = shown;
  let line = box.querySelector(".state");
  if (line) line.remove();
  line = document.createElement("span");
  line.className = "state";
  line.setAttribute("aria-live", "off");
  if (bubble.state === "failed") {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = bubble.why || words.failed;
    again.addEventListener("click", () => retry(bubble.key));
    line.append(again);
  } else if (bubble.state === "lost") {
    line.textContent = bubble.why;
  } else {
    line.textContent = bubble.state === "sent" ? words.sent : words.waiting;
  }
  box.append(line);
}

function drawChoices(bubble, node, wanted) {
  const choices = wanted ? bubble.choices || [] : [];
  const shown = JSON.stringify(choices);
  if ((node.dataset.choices || "[]") === shown) return;
  node.dataset.choices = shown;
  const old = node.querySelector(".choices");
  const focused = old && old.contains(document.activeElement) ? [...old.children].indexOf(document.activeElement) : -1;
  if (old) old.remove();
  if (!choices.length) return;
  const box = document.createElement("div");
  box.className = "choices";
  choices.forEach((choice, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice.label;
    const next = choices[index + 1];
    if (choice.beside || (next && next.beside && !choice.beside)) button.className = "half";
    // the second tap of two at one place falls on the next question's choices: it is not an answer to it
    button.addEventListener("click", (event) => event.detail > 1 || press(bubble, choice, event.detail === 0));
    box.append(button);
  });
  const halves = box.querySelectorAll(".half");
  if (halves.length % 2) halves[halves.length - 1].className = "";
  node.append(box);
  if (focused >= 0 && box.children[focused]) box.children[focused].focus({ preventScroll: true });
}

// ---------------------------------------------------------------- saying

function put(bubble, act) {
  if (bubble) state.bubbles.push({ mine: true, state: "waiting", ...bubble });
  state.unsent.push(act);
  keep();
  draw();
  flush();
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

function sayPicture(file) {
  const id = newId();
  const isDocument = DOCUMENT.test(file.name);
  files.set(id, file);
  const text = isDocument ? file.name : words.photo;
  put({ key: id, text, document: isDocument }, { id, file: true, document: isDocument, shown: id });
}

function mark(key, how, why) {
  const bubble = state.bubbles.find((one) => one.mine && one.key === key);
  if (bubble) Object.assign(bubble, { state: how, why: why || "" });
}

function retry(key) {
  mark(key, "waiting");
  const act = state.unsent.find((one) => one.shown === key);
  if (act) act.held = false;
  draw();
  flush();
}

function deliver(act) {
  if (!act.file) return post("/send", { id: act.id, text: act.text || "", data: act.data || "", ref: act.ref || "" }, ACT);
  const form = new FormData();
  form.append("id", act.id);
  form.append("file", files.get(act.id));
  return post(act.document ? "/file" : "/photo", form, PICTURE);
}

async function flush() {
  if (sending) return;
  sending = true;
  try {
    for (;;) {
      const act = state.unsent.find((one) => !one.held);
      if (!act) break;
      const response = await deliver(act);
      if (response && response.ok) {
        state.unsent = state.unsent.filter((one) => one !== act);
        files.delete(act.id);
        mark(act.shown, "sent");
        online(true);
      } else if (response && response.status === 401) {
        welcome();
        break;
      } else if (response && response.status >= 400 && response.status < 500) {
        const body = await response.json().catch(() => ({}));
        act.held = true;
        mark(act.shown, "failed", words.error + " " + (body.error || words.failed));
      } else {
        online(false);
        break;
      }
      keep();
      draw();
    }
  } finally {
    sending = false;
  }
}

// ---------------------------------------------------------------- hearing

function hear(message) {
  if (state.got.includes(message.key)) return;
  state.got.push(message.key);
  const old = message.edit && state.bubbles.find((one) => !one.mine && one.key === message.edit);
  if (old) Object.assign(old, { text: message.text, choices: message.choices, pressed: false });
  else {
    const { key, text, choices, photo, file, file_name } = message;
    state.bubbles.push({ key, text, choices, photo, file, file_name });
  }
}

async function listen() {
  if (polling) return;
  polling = true;
  while (!at("log").hidden) {
    if (document.hidden && Date.now() - seen > 300000) break;
    listening = new AbortController();
    const response = await post("/messages", { got: state.got.slice(-50) }, NEWS, listening);
    if (at("log").hidden) break;
    if (response && response.ok) {
      online(true);
      const body = await response.json().catch(() => ({ messages: [] }));
      if (body.messages.length) {
        body.messages.forEach(hear);
        keep();
        draw();
      }
    } else if (response && response.status === 401) {
      welcome();
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
  for (const id of ["log", "composer", "leave"]) at(id).hidden = !inside;
  at("welcome").hidden = inside;
}

function welcome() {
  online(true);
  show(false);
}

function enter() {
  show(true);
  draw();
  at("log").scrollTop = at("log").scrollHeight;
  listen();
  flush();
}

at("start").addEventListener("click", async () => {
  at("start").disabled = true;
  const response = await post("/start", {}, ACT);
  at("start").disabled = false;
  online(Boolean(response && response.ok));
  if (response && response.ok) enter();
});

at("leave").addEventListener("click", async () => {
  if (!confirm(words.leave_sure)) return;
  const response = await post("/leave", {}, ACT);
  if (!response || !response.ok) {
    alert(words.leave_failed);
    return;
  }
  localStorage.removeItem(KEY);
  at("text").value = "";
  keepTyped();
  Object.assign(state, { bubbles: [], unsent: [], got: [] });
  draw();
  welcome();
  if (listening) listening.abort();
  if ("caches" in window) caches.delete(SHELL).catch(() => {});
});

function fit() {
  at("text").style.height = "auto";
  at("text").style.height = at("text").scrollHeight + 2 + "px";
}

at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text) return;
  at("text").value = "";
  fit();
  keepTyped();
  say(text);
});

at("text").addEventListener("input", () => {
  fit();
  keepTyped();
});
at("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("composer").requestSubmit();
  }
});

at("photo").addEventListener("change", () => {
  const file = at("photo").files[0];
  at("photo").value = "";
  if (file) sayPicture(file);
});

window.addEventListener("online", () => {
  flush();
  listen();
});
// another tab of this phone: its history is ours too
window.addEventListener("storage", (event) => {
  if (event.key !== KEY || !event.newValue || at("log").hidden) return;
  const known = new Set(state.bubbles.map((bubble) => bubble.key));
  const found = stored();
  for (const bubble of found.bubbles || []) if (!known.has(bubble.key)) state.bubbles.push(bubble);
  for (const key of found.got || []) if (!state.got.includes(key)) state.got.push(key);
  draw();
});
// the keyboard came up or went: what stands last stays in sight
if ("ResizeObserver" in window) {
  new ResizeObserver(() => state.bubbles.length && !at("log").hidden && reveal(state.bubbles[state.bubbles.length - 1])).observe(at("log"));
}
setInterval(() => state.unsent.length && flush(), 3000);
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
  if ("caches" in window) caches.open(SHELL).then((cache) => cache.add(door)).catch(() => {});
}

restore();
try {
  at("text").value = localStorage.getItem(TYPED) || "";
  fit();
} catch {
  /* private mode */
}
if (open || state.bubbles.length) {
  enter();
  if (!state.bubbles.length) post("/open", { id: newId() }, ACT);
} else {
  welcome();
}
