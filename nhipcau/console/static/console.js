// What the console does beyond plain pages: keys in lists, selecting many, what was typed survives a lost page.
// Every page works without this file.
"use strict";

// -- keys in a list: j and k move, x selects, Enter opens, / goes to the search
const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
let at = -1;

function moveTo(place) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(all.length - 1, place));
  all.forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
  (all[at].querySelector("a") || all[at]).focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
}

function isTyping(target) {
  return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const all = rows();
  if (event.key === "j") moveTo(at + 1);
  else if (event.key === "k") moveTo(at - 1);
  else if (event.key === "x" && all[at]) {
    const box = all[at].querySelector("input[type=checkbox]");
    if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
  } else if (event.key === "/" && document.querySelector("input[type=search]")) {
    document.querySelector("input[type=search]").focus();
  } else {
    const keyed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!keyed) return;
    keyed.matches("textarea, input, select") ? keyed.focus() : keyed.click();
  }
  event.preventDefault();
});

// -- "chọn tất cả" above a list
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-all]");
  if (all) for (const box of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) box.checked = all.checked;
  const chosen = document.querySelectorAll("[data-rows] input[type=checkbox]:checked").length;
  for (const place of document.querySelectorAll("[data-chosen]")) place.textContent = String(chosen);
});

// -- what counts down says how many seconds are left; then the page is read again
for (const clock of document.querySelectorAll("[data-seconds]")) {
  const until = Date.now() + 1000 * Number(clock.dataset.seconds);
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    clock.textContent = String(left);
    if (left) setTimeout(tick, 1000);
    else if (!document.activeElement || !isTyping(document.activeElement)) setTimeout(() => location.reload(), 1500);
  };
  tick();
}

// -- a long form is kept in this tab until it was sent
const kept = document.querySelector("form[data-kept]");
if (kept) {
  const key = `nc:${location.pathname}:${kept.dataset.kept}`;
  const fields = () => [...kept.elements].filter((each) => each.name && each.name !== "token" && each.type !== "file" && each.type !== "submit");
  try {
    const saved = JSON.parse(sessionStorage.getItem(key) || "null");
    if (saved && !kept.dataset.filled) {
      for (const each of fields()) {
        const value = saved[each.name];
        if (value === undefined || each.type === "checkbox" || each.type === "radio" || each.type === "hidden") continue;
        if (!each.value) each.value = value;
      }
    }
  } catch { /* a full or forbidden store: the form works without it */ }
  kept.addEventListener("input", () => {
    try {
      sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(fields().map((each) => [each.name, each.value]))));
    } catch { /* as above */ }
  });
  kept.addEventListener("submit", () => sessionStorage.removeItem(key));
}

// -- one press sends once
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  setTimeout(() => { delete event.target.dataset.sent; }, 4000);
});
