// What this device keeps: the conversation, what is not sent yet, and the pictures among that.
import { path, words } from "./texts.js";

const KEY = "nhipcau:" + path;
const TYPED = KEY + ":typed";
const KEPT = 200;
// small pictures of what was sent: the newest only, since they would fill the storage
const THUMBS = 12;
export const state = { bubbles: [], unsent: [], got: [] };
const dropped = new Set();

function read(key) {
  try {
    return localStorage.getItem(key) || "";
  } catch {
    return ""; // private mode
  }
}

function write(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    /* private mode, or full: the page works without */
  }
}

function stored() {
  try {
    return JSON.parse(read(KEY) || "{}");
  } catch {
    return {}; // a damaged history is an empty one
  }
}

export function keep() {
  const mine = new Set(state.bubbles.map((bubble) => bubble.key));
  const others = (stored().bubbles || []).filter((bubble) => !mine.has(bubble.key) && !dropped.has(bubble.key));
  if (others.length) state.bubbles = [...others, ...state.bubbles];
  state.bubbles = state.bubbles.slice(-KEPT);
  state.got = state.got.slice(-KEPT);
  state.bubbles.filter((bubble) => bubble.thumb).slice(0, -THUMBS).forEach((bubble) => delete bubble.thumb);
  write(KEY, JSON.stringify(state));
}

// what another tab of this phone did is ours too
export function adopt(event) {
  if (event.key !== KEY || !event.newValue) return false;
  const known = new Set(state.bubbles.map((bubble) => bubble.key));
  const found = stored();
  for (const bubble of found.bubbles || []) if (!known.has(bubble.key)) state.bubbles.push(bubble);
  for (const key of found.got || []) if (!state.got.includes(key)) state.got.push(key);
  return true;
}

// what stands in the box and is not sent yet outlives a reload
export const typed = () => read(TYPED);
export const keepTyped = (text) => write(TYPED, text);
export const flag = (name) => read("nhipcau:" + name);
export const setFlag = (name, value) => write("nhipcau:" + name, value);

// ---------------------------------------------------------------- pictures and documents under way

const files = new Map();
const opened = new Promise((done) => {
  try {
    const request = indexedDB.open("nhipcau", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files");
    request.onsuccess = () => done(request.result);
    request.onerror = request.onblocked = () => done(null);
  } catch {
    done(null); // private mode: a file then lives as long as the page
  }
});

async function inStore(mode, what) {
  const database = await opened;
  if (!database) return null;
  return new Promise((done) => {
    try {
      const request = what(database.transaction("files", mode).objectStore("files"));
      request.onsuccess = () => done(request.result);
      request.onerror = () => done(null);
    } catch {
      done(null);
    }
  });
}

const nameOf = (id) => KEY + ":" + id;

export async function keepFile(id, file) {
  files.set(id, file);
  await inStore("readwrite", (store) => store.put(file, nameOf(id)));
}

export async function fileOf(id) {
  return files.get(id) || (await inStore("readonly", (store) => store.get(nameOf(id))));
}

export function dropFile(id) {
  files.delete(id);
  return inStore("readwrite", (store) => store.delete(nameOf(id)));
}

export async function restore() {
  const found = stored();
  for (const name of Object.keys(state)) if (Array.isArray(found[name])) state[name] = found[name];
  for (const act of state.unsent.filter((one) => one.file)) {
    if (!(await fileOf(act.id))) state.unsent = state.unsent.filter((one) => one !== act);
  }
  // what was chosen and could not be kept is said to be lost
  const going = new Set(state.unsent.map((act) => act.shown));
  for (const bubble of state.bubbles) {
    if (bubble.mine && bubble.state === "waiting" && !going.has(bubble.key)) {
      Object.assign(bubble, { state: "lost", why: bubble.document ? words.file_lost : words.picture_lost });
    }
  }
}

export function drop(key) {
  dropped.add(key);
  state.bubbles = state.bubbles.filter((bubble) => bubble.key !== key);
  state.unsent = state.unsent.filter((act) => act.shown !== key);
  keep();
  return dropFile(key);
}

export async function forget() {
  for (const act of state.unsent.filter((one) => one.file)) await dropFile(act.id);
  Object.assign(state, { bubbles: [], unsent: [], got: [] });
  write(KEY, "");
  keepTyped("");
}
