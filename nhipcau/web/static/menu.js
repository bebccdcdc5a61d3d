// The ⋮ menu, the size of the text, and the one invitation to the home screen.
import { at, make, words } from "./texts.js";
import { flag, setFlag } from "./history.js";

const SIZES = 3;
let offer = null;

function open(yes) {
  at("extras").hidden = !yes;
  at("more").setAttribute("aria-expanded", String(yes));
}

function resize(step) {
  const size = Math.min(SIZES - 1, Math.max(0, Number(flag("size")) + step));
  setFlag("size", String(size));
  document.documentElement.dataset.size = String(size);
  at("larger").disabled = size === SIZES - 1;
  at("smaller").disabled = size === 0;
}

async function install() {
  open(false);
  if (at("invitation")) at("invitation").remove();
  if (!offer) return;
  const asked = offer;
  offer = null;
  at("install").hidden = true;
  await asked.prompt();
}

// Once, in words, to somebody who comes back: only then is it of use.
export function inviteToInstall() {
  const onApple = navigator.standalone === false;
  if (flag("invited") || !(offer || onApple)) return;
  setFlag("invited", "yes");
  const note = Object.assign(make("div", "note"), { id: "invitation" });
  const tools = make("div", "tools");
  if (offer) tools.append(Object.assign(make("button", "", words.install), { onclick: install }));
  tools.append(Object.assign(make("button", "way", words.not_now), { onclick: () => note.remove() }));
  note.append(make("span", "text", offer ? words.install_ask : words.install_ios), tools);
  at("log").append(note);
}

export function startMenu(leave) {
  resize(0);
  at("more").addEventListener("click", () => open(at("extras").hidden));
  at("larger").addEventListener("click", () => resize(1));
  at("smaller").addEventListener("click", () => resize(-1));
  at("install").addEventListener("click", install);
  at("leave").addEventListener("click", () => {
    open(false);
    leave();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || at("extras").hidden) return;
    open(false);
    at("more").focus();
  });
  document.addEventListener("click", (event) => {
    if (!at("extras").contains(event.target) && event.target !== at("more")) open(false);
  });
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
    at("install").hidden = false;
    document.dispatchEvent(new Event("installable"));
  });
}
