// Opens the page without network. Messages are never cached: the conversation lives in the page's own history.
const SHELL = "shell-VERSION";
const FILES = [];
self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const page = request.mode === "navigate" && /^\/c\/[A-Za-z0-9]+$/.test(url.pathname);
  if (page) event.respondWith(newest(event));
  // a file of a version never changes
  else if (url.pathname.startsWith("/static/")) event.respondWith(caches.match(request).then((found) => found || fetch(request)));
});

async function newest(event) {
  try {
    const response = await fetch(event.request);
    if (response.ok) {
      const copy = response.clone();
      event.waitUntil(caches.open(SHELL).then((cache) => cache.put(event.request, copy)).then(forgetOlder));
    }
    return response;
  } catch (error) {
    const found = await caches.match(event.request);
    if (found) return found;
    throw error;
  }
}

// pages of an earlier version name its files: they go together, once a page of this version is here
async function forgetOlder() {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== SHELL) await caches.delete(name);
}
