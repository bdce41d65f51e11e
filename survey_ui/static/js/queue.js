// The queue: keys while the list has focus, the reasons of the row in focus beside it on a wide screen, and a bar for
// what has arrived. Rows never move under the cursor.
const EVERY = 60000;
const table = document.getElementById("queue");
const bar = document.querySelector(".arrivals");

function links() { return [...table.querySelectorAll("tbody th a")]; }

function step(by) {
  const all = links();
  const here = all.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = all[Math.min(all.length - 1, Math.max(0, here + by))];
  if (next) next.focus();
}

function link() { return document.activeElement.closest("tr")?.querySelector("th a"); }

function open(place) {
  const here = link();
  if (here) location.assign(here.href + place);
}

function box() { return document.activeElement.closest("tr")?.querySelector("input[name=case]"); }

const DEEDS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => { const one = box(); if (one) one.checked = !one.checked; },
  a: () => {
    const one = box();
    if (!one) return;
    for (const other of table.querySelectorAll("input[name=case]")) other.checked = other === one;
    const form = document.getElementById("bulk");
    form.elements.owner.value = "";
    form.requestSubmit();
  },
  c: () => open("#do-contact"),
  h: () => open("/sheet"),
  z: () => open("#do-later"),
  "/": () => {
    const filter = document.querySelector(".filter");
    filter.open = true;
    filter.querySelector("select").focus();
  },
  "?": () => {
    const help = document.querySelector(".keys");
    help.tabIndex = -1;
    help.focus();
  },
};

if (table && document.body.dataset.keys !== "off") {
  document.querySelector(".keys").hidden = false;
  table.closest(".scroller").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const deed = DEEDS[event.key.toLowerCase()];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
}

const pane = document.querySelector(".pane");
const WIDE = matchMedia("(min-width: 80rem)");
const REST = 400;
let shown = "", soon = 0;

async function glance(href) {
  if (!WIDE.matches || href === shown) return;
  shown = href;
  try {
    const answer = await fetch(`${href}/glance`, { redirect: "error" });
    const text = answer.ok ? await answer.text() : "";
    if (shown !== href) return;
    pane.innerHTML = text;
    pane.hidden = !text;
  } catch {
    pane.hidden = true; // the row itself still says why
  }
}

if (table) {
  const named = location.hash.startsWith("#c-") && document.getElementById(location.hash.slice(1));
  if (named) named.focus(); // the link itself: a row cannot hold the focus, and the browser would take it away again
  glance((named || table.querySelector("tbody th a")).href);
  table.addEventListener("focusin", (event) => {
    const here = event.target.closest("tr")?.querySelector("th a");
    clearTimeout(soon);
    if (here) soon = setTimeout(() => glance(here.href), REST);
  });
}

async function look() {
  const known = new Set(bar.dataset.known.split(" "));
  try {
    const answer = await fetch("/counselor/waiting.json", { redirect: "error" });
    if (!answer.ok) return;
    const fresh = (await answer.json()).waiting.filter((id) => !known.has(id)).length;
    if (fresh && bar.querySelector("b").textContent !== String(fresh)) {
      bar.querySelector("b").textContent = String(fresh);
      bar.hidden = false;
    }
  } catch {
    // the line is down: the page stays as it is and looks again later
  }
}

setInterval(() => { if (!document.hidden) look(); }, EVERY);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
