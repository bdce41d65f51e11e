// Only where the network is away: an empty page and its script. No page of a child is ever kept here.
const FILES = SHELL_FILES;
const SHELL = `kizuki-shell-${FILES.join()}`;
const PAGES = /^\/($|t$|s\/)/, FORMS = /^\/(t$|language$|s\/)/;

addEventListener("install", (event) => {
  // What a page sends while it is left would otherwise come to this script first, and be lost when the page is gone before.
  event.addRoutes?.({ condition: { requestMethod: "POST", requestMode: "cors" }, source: "network" });
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("kizuki-shell-") && name !== SHELL);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event, { pathname } = new URL(request.url);
  if (request.mode === "navigate" && request.method === "POST" && FORMS.test(pathname)) {
    event.respondWith(fetch(request).catch(() => notSent(request)));
  }
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && PAGES.test(pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match("/s/away")));
  } else if (FILES.includes(pathname) && pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});

// A form that got nowhere leads to the page that says so, not to the browser's own, whose Reload would send it again
// for whoever holds the tablet then.
function notSent(request) {
  const { pathname, search } = new URL(request.url);
  return Response.redirect(pathname === "/language" ? "/" : pathname + search, 303);
}
