// The chat's page. The history is this device's own; what was typed is kept until the server has it.
"use strict";
const { words, door, open } = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const KEY = "nhipcau:" + door;
const KEPT = 200;
const state = { bubbles: [], last: 0, unsent: [] };
const files = new Map();
let polling = false;
let sending = false;
let controller = null;

function restore() {
  try {
    Object.assign(state, JSON.parse(localStorage.getItem(KEY) || "{}"));
  } catch {
    /* a damaged history is an empty one */
  }
}

function keep() {
  state.bubbles = state.bubbles.slice(-KEPT);
  const kept = { ...state, unsent: state.unsent.filter((act) => !act.file) };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    /* private mode: the page works without */
  }
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(path, body, signal) {
  return fetch(door + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    credentials: "same-origin",
    signal,
  });
}

// ---------------------------------------------------------------- drawing

function draw() {
  const log = at("log");
  const focused = document.activeElement && document.activeElement.closest(".choices");
  const nodes = state.bubbles.map((bubble, index) => drawBubble(bubble, index));
  log.replaceChildren(...nodes.flat());
  log.scrollTop = log.scrollHeight;
  if (focused) {
    const first = log.querySelector(".choices:last-child button");
    if (first) first.focus({ preventScroll: true });
  }
}

function drawBubble(bubble, index) {
  const node = document.createElement("div");
  node.className = bubble.mine ? "bubble mine" : "bubble";
  if (bubble.photo) {
    const picture = document.createElement("img");
    picture.src = bubble.photo;
    picture.alt = words.picture;
    node.append(picture);
  }
  node.append(document.createTextNode(bubble.text));
  if (bubble.mine) node.append(drawState(bubble));
  const isLast = !state.bubbles.slice(index + 1).some((later) => !later.mine);
  if (!isLast || bubble.pressed || !bubble.choices || !bubble.choices.length) return [node];
  return [node, drawChoices(bubble)];
}

function drawState(bubble) {
  const node = document.createElement("span");
  node.className = "state";
  if (bubble.state === "failed") {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = bubble.why || words.failed;
    again.addEventListener("click", () => retry(bubble.id));
    node.append(again);
  } else {
    node.textContent = bubble.state === "sent" ? words.sent : words.waiting;
  }
  return node;
}

function drawChoices(bubble) {
  const box = document.createElement("div");
  box.className = "choices";
  bubble.choices.forEach((choice, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice.label;
    const next = bubble.choices[index + 1];
    if (choice.beside || (next && next.beside && !choice.beside)) button.className = "half";
    button.addEventListener("click", () => press(bubble, choice));
    box.append(button);
  });
  const halves = box.querySelectorAll(".half");
  if (halves.length % 2) halves[halves.length - 1].className = "";
  return box;
}

// ---------------------------------------------------------------- saying

function isToggle(data) {
  return data.startsWith("s:");
}

function press(bubble, choice) {
  const act = { id: newId(), data: choice.data, ref: String(bubble.id), shown: "" };
  if (!isToggle(choice.data)) {
    bubble.pressed = true;
    act.shown = act.id;
    state.bubbles.push({ mine: true, id: act.id, text: choice.label, state: "waiting" });
  }
  state.unsent.push(act);
  keep();
  draw();
  flush();
}

function say(text) {
  const id = newId();
  state.bubbles.push({ mine: true, id, text, state: "waiting" });
  state.unsent.push({ id, text, shown: id });
  keep();
  draw();
  flush();
}

function sayPicture(file) {
  const id = newId();
  files.set(id, file);
  state.bubbles.push({ mine: true, id, text: words.photo, state: "waiting" });
  state.unsent.push({ id, file: true, shown: id });
  draw();
  flush();
}

function mark(id, how, why) {
  const bubble = state.bubbles.find((one) => one.mine && one.id === id);
  if (bubble) Object.assign(bubble, { state: how, why: why || "" });
}

function retry(id) {
  mark(id, "waiting");
  const act = state.unsent.find((one) => one.shown === id);
  if (act) act.held = false;
  draw();
  flush();
}

async function deliver(act) {
  if (!act.file) return post("/send", { id: act.id, text: act.text || "", data: act.data || "", ref: act.ref || "" });
  const form = new FormData();
  form.append("id", act.id);
  form.append("file", files.get(act.id));
  return fetch(door + "/photo", { method: "POST", body: form, credentials: "same-origin" });
}

async function flush() {
  if (sending) return;
  sending = true;
  try {
    for (;;) {
      const act = state.unsent.find((one) => !one.held);
      if (!act) break;
      const response = await deliver(act).catch(() => null);
      if (response && response.ok) {
        state.unsent = state.unsent.filter((one) => one !== act);
        mark(act.shown, "sent");
        online(true);
      } else if (response && response.status === 401) {
        welcome();
        break;
      } else if (response && response.status >= 400 && response.status < 500) {
        const body = await response.json().catch(() => ({}));
        act.held = true;
        mark(act.shown, "failed", "Lỗi: " + (body.error || words.failed));
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
  if (message.id <= state.last) return;
  state.last = message.id;
  const old = message.edit && state.bubbles.find((one) => !one.mine && String(one.id) === message.edit);
  if (old) Object.assign(old, { text: message.text, choices: message.choices, pressed: false });
  else state.bubbles.push({ id: message.id, text: message.text, choices: message.choices, photo: message.photo });
}

async function listen() {
  if (polling) return;
  polling = true;
  while (!at("log").hidden) {
    if (document.hidden && Date.now() - seen > 300000) break;
    controller = new AbortController();
    const response = await post("/messages", { after: state.last }, controller.signal).catch(() => null);
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

function welcome() {
  for (const id of ["log", "composer", "leave"]) at(id).hidden = true;
  at("welcome").hidden = false;
}

function enter() {
  at("welcome").hidden = true;
  for (const id of ["log", "composer", "leave"]) at(id).hidden = false;
  draw();
  listen();
  flush();
}

at("start").addEventListener("click", async () => {
  at("start").disabled = true;
  const response = await post("/start", {}).catch(() => null);
  at("start").disabled = false;
  online(Boolean(response && response.ok));
  if (response && response.ok) enter();
});

at("leave").addEventListener("click", async () => {
  if (!confirm(words.leave_sure)) return;
  await post("/leave", {}).catch(() => null);
  localStorage.removeItem(KEY);
  Object.assign(state, { bubbles: [], last: 0, unsent: [] });
  if (controller) controller.abort();
  welcome();
});

at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text) return;
  at("text").value = "";
  say(text);
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
setInterval(() => state.unsent.length && flush(), 3000);
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});

restore();
if (open) {
  enter();
  if (!state.bubbles.length) post("/open", { id: newId() }).catch(() => null);
} else if (state.bubbles.length) {
  enter();
} else {
  welcome();
}
