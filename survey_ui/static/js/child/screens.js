// Every question of the child's bank, loaded once: which one comes next, and how it is put into the page.
const GO_CACHE = "kizuki-go";
let screens = null;

const main = document.getElementById("main");
const screensAddress = () => document.body.dataset.screens;

async function loadScreens() {
  const html = await screensHtml();
  if (!html) return null;
  const page = new DOMParser().parseFromString(html, "text/html").querySelector("[data-bank]");
  if (!page || (go.bank && page.dataset.bank !== go.bank)) return null;
  const found = { of: Number(page.dataset.of), band: page.dataset.band, lang: page.dataset.lang, look: page.dataset.look, at: new Map(), views: {} };
  const { speak: src, listen, stop } = page.dataset;
  if (src) found.voice = { src, listen, stop };
  for (const template of page.querySelectorAll("template")) {
    const { place, view, on, form, codes } = template.dataset;
    if (view) found.views[view] = template.content;
    else if ("other" in template.dataset) found.at.get(Number(place)).other = template.content;
    else found.at.set(Number(place), { main: template.content, on, form, codes: codes ? codes.split(" ") : [] });
  }
  return found;
}

// From this child's cache where there is one (it goes with the child), else from the network.
async function screensHtml() {
  const address = screensAddress();
  if (!address) return null;
  try {
    const cache = await globalThis.caches?.open(GO_CACHE).catch(() => null);
    const kept = cache && (await cache.match(address));
    if (kept) return kept.text();
    const fresh = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    if (!fresh.ok) return null;
    await cache?.put(address, fresh.clone()).catch(() => null); // full: then these questions are not here without network
    return fresh.text();
  } catch {
    return null;
  }
}

// The same decision as the server's: from the answers so far; わからない and こたえたくない never open a follow-up.
function holds({ on, form, codes }) {
  const given = go.answers[on];
  if (form === "unless_skipped") return given !== "skip";
  const chosen = [given ?? []].flat().filter((code) => code !== "dont_know" && code !== "declined");
  return chosen.some((code) => codes.includes(code) === (form === "answered"));
}

const contentAt = (place) => {
  const screen = screens.at.get(place);
  return screen.on && !holds(screen) ? screen.other : screen.main;
};

const formAt = (place) => contentAt(place).querySelector("form");

// Show what was answered in a form of the page.
function fill(form) {
  const given = go.answers[form.dataset.key], chosen = [given ?? []].flat();
  for (const button of form.querySelectorAll("button[aria-pressed]")) {
    button.setAttribute("aria-pressed", String(chosen.includes(button.value)));
  }
  for (const box of form.querySelectorAll("input[name=a]")) box.checked = chosen.includes(box.value);
  const lines = [...form.querySelectorAll("[data-whom]")], whom = go.answers.talk_whom ?? "";
  const known = lines.some((line) => line.dataset.whom === whom) ? whom : "";
  for (const line of lines) line.hidden = line.dataset.whom !== known;
  const words = form.querySelector("textarea");
  if (words && words !== document.activeElement) words.value = typeof given === "string" ? given : "";
  if (words) dressWords(words);
}

let shownAt = 0, guardedUntil = 0, shownPlace = 0, shownReview = false;

function showQuestion(place, editing = false) {
  swapView("question");
  const content = contentAt(place).cloneNode(true), form = content.querySelector("form");
  if (editing) form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name: "back", value: "review" }));
  fill(form);
  main.replaceChildren(content);
  setBar(place, editing);
  nameTab(placeOf(place));
  settle(place, false);
  focusOn(main.querySelector("h1"));
  rehearse(place + 1);
}

// The same stroke as on the page that came: a wide one only beside wide letters.
function placeOf(place) {
  return `${place}${/^(ja|zh)/.test(screens.lang) ? "／" : "/"}${screens.of}`;
}

// A tab's title goes through the whole browser and costs as much as the question itself: it follows the question.
function nameTab(title) {
  afterPaint(() => {
    if (before) before.title = title; // covered meanwhile
    else document.title = title;
  });
}

// Once it is on the screen: before that it would cost the page a layout of its own. A child whose own key has moved
// the focus meanwhile keeps it there.
function focusOn(element, preventScroll = true) {
  const before = document.activeElement;
  afterPaint(() => {
    if (element.isConnected && document.activeElement === before) element.focus({ preventScroll });
  });
}

function setBar(place, editing) {
  const bar = document.querySelector(".bar");
  bar.querySelector(".back").href = editing ? "/s/review" : place > 1 ? `/s/q/${place - 1}` : "/s/welcome";
  const reading = bar.querySelector(".aa");
  if (reading) reading.href = `/s/reading?at=${place}`;
  bar.querySelector(".stop").href = `/s/forget?at=${place}`;
  bar.querySelector(".place span").textContent = placeOf(place);
  bar.querySelector("progress").value = place;
  bar.querySelector("progress").max = screens.of;
}

function showReview(from = 0) {
  swapView("review");
  main.replaceChildren(...reviewed().childNodes);
  nameTab(main.querySelector("h1").textContent);
  settle(screens.of, true);
  const back = from && document.getElementById(`line-${from}`);
  focusOn(back || main.querySelector("h1"), !back);
}

// The lines of what was answered and what was not, and nothing of the answers.
function reviewed() {
  const page = screens.views.review.querySelector("main").cloneNode(true);
  for (const line of page.querySelectorAll("[data-line]")) {
    const form = formAt(Number(line.dataset.line));
    line.hidden = form.classList.contains("notice");
    if (line.hidden) continue;
    const answered = form.dataset.key in go.answers;
    line.querySelector("[data-answered]").hidden = !answered;
    line.querySelector("[data-skipped]").hidden = answered;
  }
  return page;
}

// The bar of the other view, when it is not there yet.
function swapView(name) {
  if (document.body.dataset.page === name) return;
  const bar = screens.views[name].querySelector(".bar").cloneNode(true);
  const here = document.querySelector(".bar");
  const listen = document.querySelector(".listen"); // in the bar, or above a page that has none
  if (listen) bar.prepend(listen);
  if (here) here.replaceWith(bar);
  else main.before(bar);
  document.body.dataset.page = name;
}

// While the child reads, the tablet lays the next screen out once where nobody sees it: the tap then finds letters and
// code ready. Nothing of it is left in the page.
function rehearse(place) {
  globalThis.requestIdleCallback?.(() => {
    if (go.over || place !== shownPlace + 1) return;
    const stage = document.createElement("div");
    stage.className = "stage";
    if (place <= screens.of) {
      stage.append(contentAt(place).cloneNode(true));
      fill(stage.querySelector("form"));
    } else stage.append(...reviewed().childNodes);
    main.append(stage);
    stage.getBoundingClientRect();
    stage.remove();
  });
}

function settle(place, review) {
  shownAt = performance.now();
  guardedUntil = shownAt + DOUBLE_TAP;
  shownPlace = place;
  shownReview = review;
  scrollTo(0, 0);
}
