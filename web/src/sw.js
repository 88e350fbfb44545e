// Keeps the app itself on the device. Answers of the server are never kept here: what a phone may keep is in IndexedDB, by account.
const version = "gridloom-/*VERSION*/";
const files = [/*FILES*/];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((n) => n.startsWith("gridloom-") && n !== version).map((n) => caches.delete(n)))).then(() => self.clients.claim()));
});
const pages = /^\/(?:$|sign-in|inbox|cases|register|mechanisms|plugins|me|phone)(?:\/|$)/;
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (files.includes(url.pathname) && url.pathname !== "/") event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(event.request)));
  else if (event.request.mode === "navigate" && pages.test(url.pathname)) event.respondWith(fetch(event.request).catch(() => caches.match("/")));
});
