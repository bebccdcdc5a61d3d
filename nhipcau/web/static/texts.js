// What the page was given, and how text and moments are shown.
export const { words, path, state: entry, version } = JSON.parse(document.getElementById("data").textContent);
export const at = (id) => document.getElementById(id);

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function make(kind, className, text) {
  const node = document.createElement(kind);
  if (className) node.className = className;
  if (text) node.textContent = text;
  if (kind === "button") node.type = "button";
  return node;
}

const ADDRESS = /https?:\/\/[^\s<>"“”]+/;
// of this country: ten digits, or eleven with an area code, in groups or not; and those that cost nothing
const NUMBER = /(?:\+84|\b0)(?:[ .-]?\d){8,10}\b|\b1[89]00(?:[ .-]?\d){4,6}\b/;
const SHORT = /\b11[1-5]\b/;
// a report's or an issue's code is read as one word
const CODE = /\b[A-Z]{2}-[0-9A-Z]{6,}\b/;
const ALL = new RegExp([ADDRESS, NUMBER, SHORT, CODE].map((each) => "(" + each.source + ")").join("|"), "g");
// 113 is a telephone number where somebody is to be called, and a count of households elsewhere
const CALLING = /gọi|số máy|điện thoại|đường dây|cứu|công an|cháy|cấp cứu|call|phone|hotline|police|fire|ambulance|rescue/i;
const PART_OF_MORE = /[\d/.,:-]$|[A-ZĐ]{2}-$/;
const COUNTED = /^(?:[.,/:-]\d|\s*%|\s*(?:người|hộ|nhà|ngày|phản ánh|báo cáo|ý kiến|phiếu|thôn|km|m|ha|con|triệu|nghìn|people|households|reports|days)(?![\p{L}]))/u;

// The text with its addresses and telephone numbers to tap; never as HTML. Returns the node.
export function fill(node, text) {
  node.textContent = "";
  let done = 0;
  for (const found of text.matchAll(ALL)) {
    const part = partOf(found, text);
    if (!part) continue;
    node.append(text.slice(done, found.index), part);
    done = found.index + part.textContent.length;
  }
  node.append(text.slice(done));
  return node;
}

function partOf(found, text) {
  if (found[4]) return make("span", "code", found[4]);
  return found[1] ? addressLink(found[1]) : callLink(found[0], Boolean(found[3]), text, found.index);
}

function addressLink(found) {
  const address = found.replace(/[.,;:!?)\]»'’…]+$/, "");
  try {
    new URL(address);
  } catch {
    return null;
  }
  const link = make("a", "", address);
  Object.assign(link, { href: address, target: "_blank", rel: "noopener noreferrer" });
  return link;
}

function callLink(number, short, text, index) {
  const before = text.slice(text.lastIndexOf("\n", index) + 1, index);
  const rest = text.slice(index + number.length);
  const line = before + number + rest.split("\n")[0];
  if (PART_OF_MORE.test(before) || (short && (COUNTED.test(rest) || !CALLING.test(line)))) return null;
  const link = make("a", "call", number);
  link.href = "tel:" + number.replace(/[^\d+]/g, "");
  return link;
}

const twoDigits = (number) => String(number).padStart(2, "0");
export const clock = (moment) => twoDigits(new Date(moment).getHours()) + ":" + twoDigits(new Date(moment).getMinutes());
const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);

// "Hôm nay", "Hôm qua", "thứ Sáu 27/11", and with its year where that is another
export function dayOf(moment, now = Date.now()) {
  const days = Math.round((midnight(now) - midnight(moment)) / 86400000);
  if (days === 0) return words.today;
  if (days === 1) return words.yesterday;
  const day = new Date(moment);
  const year = day.getFullYear() === new Date(now).getFullYear() ? "" : "/" + day.getFullYear();
  return words.days[day.getDay()] + " " + day.getDate() + "/" + (day.getMonth() + 1) + year;
}
