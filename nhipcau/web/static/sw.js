// Opens the shell without network. Messages are never cached: the conversation lives in the page's own history.
const SHELL = "shell-1";
const FILES = ["/static/chat.css", "/static/chat.js", "/static/icon.svg"];
self.addEventListener("install", (event) => event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES))));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const page = event.request.mode === "navigate" && /^\/c\/[A-Za-z0-9]+$/.test(url.pathname);
  if (event.request.method !== "GET" || (!page && !url.pathname.startsWith("/static/"))) return;
  event.respondWith(
    fetch(event.request)
      .then((response) => {
        if (response.ok) {
          const copy = response.clone();
          event.waitUntil(caches.open(SHELL).then((cache) => cache.put(event.request, copy)));
        }
        return response;
      })
      .catch(() => caches.match(event.request).then((found) => found || Response.error())),
  );
});
