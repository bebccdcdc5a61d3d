// Drawing the conversation: only what changed, so that nothing jumps and nothing is read aloud twice.
import { at, clock, dayOf, fill, make, path, words } from "./texts.js";
import { state } from "./history.js";

const drawn = new Map();
// what a tap does: set by chat.js
export const on = { press() {}, retry() {}, drop() {} };

const lastHeard = () => state.bubbles.filter((one) => !one.mine).pop();

const newest = () => state.bubbles.length && drawn.get(state.bubbles[state.bubbles.length - 1].key);

export function draw() {
  const log = at("log");
  const last = lastHeard();
  let fresh = null;
  let before = null;
  for (const bubble of state.bubbles) {
    let node = drawn.get(bubble.key);
    if (!node) {
      node = drawBubble(bubble);
      drawn.set(bubble.key, node);
      log.append(node);
      fresh = bubble;
    }
    drawMoment(bubble, before, node);
    drawText(bubble, node);
    if (bubble.mine) drawState(bubble, node.querySelector(".bubble"));
    drawChoices(bubble, node, bubble === last && !bubble.pressed);
    before = bubble;
  }
  for (const [key, node] of drawn) {
    if (!state.bubbles.some((bubble) => bubble.key === key)) {
      node.remove();
      drawn.delete(key);
    }
  }
  if (fresh) reveal();
  showDown();
}

// The whole last bundle, or its first words where it is longer than the screen.
export function reveal() {
  const log = at("log");
  const last = state.bubbles[state.bubbles.length - 1];
  if (!last || log.hidden) return;
  let start = state.bubbles.length - 1;
  const together = (one) => !one.mine && one.at === last.at; // they came with one answer
  while (start > 0 && !last.mine && together(state.bubbles[start - 1])) start--;
  const top = drawn.get(state.bubbles[start].key).offsetTop - log.offsetTop - 8;
  const end = log.scrollHeight - log.clientHeight;
  log.scrollTop = last.mine ? end : Math.min(top, end);
  following = true;
}

let following = true;

// Whether the last words are in sight, as far as they fit.
export function scrolled() {
  const node = newest();
  following = !node || node.getBoundingClientRect().top < at("log").getBoundingClientRect().bottom;
  showDown();
}

export function keepInSight() {
  if (following) reveal();
  showDown();
}

// What lies below the screen is announced by a button: choices nobody sees are never pressed.
export function showDown() {
  const log = at("log");
  const last = newest();
  const choices = last && last.querySelector(".choices");
  const bottom = log.getBoundingClientRect().bottom;
  const hidden = choices ? choices.getBoundingClientRect().top + 24 > bottom : log.scrollHeight - log.scrollTop - log.clientHeight > 60;
  at("down").hidden = log.hidden || !last || !hidden;
  at("down").lastElementChild.textContent = choices ? words.to_choices : words.to_end;
}

export function goDown() {
  const last = newest();
  const target = last && (last.querySelector(".choices") || last);
  if (target) target.scrollIntoView({ block: "end" });
  const button = target && target.querySelector("button");
  if (button) button.focus({ preventScroll: true });
  showDown();
}

function drawBubble(bubble) {
  const node = make("div", "turn");
  const box = make("div", bubble.mine ? "bubble mine" : "bubble");
  if (bubble.photo) box.append(pictureLink(bubble));
  if (bubble.thumb) {
    const small = Object.assign(make("img"), { src: bubble.thumb, alt: "" });
    // only then it has a height, and what stands below it comes into sight
    small.addEventListener("load", () => bubble === state.bubbles[state.bubbles.length - 1] && reveal());
    box.append(small);
  }
  if (bubble.file) {
    // where its time is over the answer is a sentence: the conversation stays
    const link = Object.assign(make("a", "file", bubble.file_name), { href: bubble.file, target: "_blank", rel: "noopener" });
    // made for this person alone, inside the message: no browser opens such an address as a page
    if (bubble.file.startsWith("data:")) link.download = bubble.file_name;
    box.append(link);
  }
  box.append(make("span", "text"));
  if (bubble.links && bubble.links.length) box.append(invitationTools(bubble));
  node.append(box);
  return node;
}

function pictureLink(bubble) {
  const link = Object.assign(make("a"), { href: bubble.photo, target: "_blank", rel: "noopener" });
  const picture = Object.assign(make("img"), { src: bubble.photo, alt: words.picture });
  picture.addEventListener("load", () => bubble === lastHeard() && reveal());
  link.append(picture);
  return link;
}

// An invitation is copied as a whole, or shown to another phone's camera.
function invitationTools(bubble) {
  const tools = make("div", "tools");
  const copy = make("button", "", words.copy);
  copy.addEventListener("click", async () => {
    if (await copied(bubble.text)) copy.textContent = words.copied;
  });
  const show = make("button", "", words.qr);
  show.setAttribute("aria-expanded", "false");
  const codes = make("div", "codes");
  codes.hidden = true;
  show.addEventListener("click", () => {
    if (!codes.children.length) bubble.links.forEach((link) => codes.append(qrCode(bubble.text, link)));
    codes.hidden = !codes.hidden;
    show.setAttribute("aria-expanded", String(!codes.hidden));
    if (!codes.hidden) codes.scrollIntoView({ block: "nearest" });
  });
  tools.append(copy, show);
  const both = make("div");
  both.append(tools, codes);
  return both;
}

function qrCode(text, link) {
  const line = text.split("\n").find((one) => one.includes(link)) || "";
  const name = line.slice(0, line.indexOf(link)).replace(/[:\s]+$/, "");
  const figure = make("figure");
  const picture = make("img");
  Object.assign(picture, { src: path + "/qr?link=" + encodeURIComponent(link), alt: words.qr_of + " " + link });
  figure.append(picture, make("figcaption", "", name));
  return figure;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // no permission, or not over https
    const box = make("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}

// A line for each day, and the time where it changes.
function drawMoment(bubble, before, node) {
  if (!bubble.at) return;
  const day = before && before.at && dayOf(before.at) === dayOf(bubble.at) ? "" : dayOf(bubble.at);
  const sameTurn = !day && before.mine === bubble.mine && clock(before.at) === clock(bubble.at);
  const time = bubble.mine || sameTurn ? "" : clock(bubble.at);
  if (node.dataset.moment === day + "|" + time) return;
  node.dataset.moment = day + "|" + time;
  node.querySelectorAll(".day, .time").forEach((one) => one.remove());
  if (time) node.prepend(make("p", "time", time));
  if (day) node.prepend(make("p", "day", day));
}

function drawText(bubble, node) {
  const text = node.querySelector(".text");
  if (text.dataset.is === bubble.text) return;
  text.dataset.is = bubble.text;
  if (bubble.mine) text.textContent = bubble.text;
  else fill(text, bubble.text);
}

function drawState(bubble, box) {
  const moving = bubble.state === "waiting" && bubble.moved !== undefined;
  const shown = [bubble.state, bubble.why || "", bubble.phase || "", moving].join("|");
  if (box.dataset.state === shown) {
    if (moving) box.querySelector("progress").value = bubble.moved;
    return;
  }
  box.dataset.state = shown;
  const old = box.querySelector(".state");
  if (old) old.remove();
  const line = make("span", "state");
  line.setAttribute("aria-live", "off");
  const time = bubble.at ? clock(bubble.at) + " · " : "";
  if (bubble.state === "failed") line.append(button(bubble.why || words.failed, () => on.retry(bubble.key)));
  else if (bubble.state === "lost") line.textContent = bubble.why;
  else line.textContent = time + (bubble.state === "sent" ? words.sent : bubble.phase || words.waiting);
  if (moving) {
    const progress = Object.assign(make("progress"), { max: 1, value: bubble.moved });
    progress.setAttribute("aria-label", words.sending);
    line.append(progress);
  }
  if (bubble.upload && (bubble.state === "waiting" || bubble.state === "failed")) line.append(" ", button(words.drop, () => on.drop(bubble.key)));
  box.append(line);
}

function button(text, act) {
  const node = make("button", "", text);
  node.addEventListener("click", act);
  return node;
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
  const box = make("div", "choices");
  choices.forEach((choice, index) => {
    const next = choices[index + 1];
    const half = choice.beside || (next && next.beside) ? " half" : "";
    const node = make("button", (choice.weight || "") + half, choice.label);
    // the second tap of two at one place falls on the next question's choices: it is not an answer to it
    node.addEventListener("click", (event) => event.detail > 1 || on.press(bubble, choice, event.detail === 0));
    box.append(node);
  });
  const halves = box.querySelectorAll(".half");
  if (halves.length % 2) halves[halves.length - 1].classList.remove("half");
  node.append(box);
  if (focused >= 0 && box.children[focused]) box.children[focused].focus({ preventScroll: true });
}
