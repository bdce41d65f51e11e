// Which page this is, and what wakes up on it.
const net = document.getElementById("net");

function connected(yes) {
  document.body.classList.toggle("offline", !yes);
  if (!net) return;
  for (const line of net.children) line.hidden = yes || line.dataset.keeps !== String(Boolean(canSeal && seal && storageKeeps));
}

function changedElsewhere() {
  const notice = document.getElementById("elsewhere");
  if (notice) notice.hidden = false;
  const form = main.querySelector("form[data-key]");
  if (!ready || document.body.inert) return;
  if (form && formAt(shownPlace).dataset.key !== form.dataset.key) showQuestion(shownPlace, isEditing(form));
  else if (form) fill(form);
  else if (shownReview) showReview();
}

// Where the service was busy, or the questions did not come, the page stays a plain form and asks again: only for a page
// the service has given to one child, and only with its word that this child is still the one. Not before its first
// turn: a page that has somebody's go to end does not open it meanwhile.
let waking = true;

async function wakeUp(late = false) {
  waking = true;
  try {
    await startGo(late);
  } finally {
    waking = false;
  }
}

async function startGo(late) {
  if ((await waitingBatches()).length) await deliver(); // a tab that died has left them
  await hold();
  const [answer, left] = await Promise.all([ask("/s/draft"), openBox()]);
  if (locking || go.over) return; // the tablet has locked itself meanwhile
  const mark = document.body.dataset.mark ?? answer.body.mark; // the page knows whose it is also where the service is busy
  const box = left && mark && left.mark !== mark ? await partFrom(left) : left;
  const nextIsHere = answer.status === 200 && answer.body.mark !== mark; // a ticket shown while this page was on its way
  if (nextIsHere || ENDED.includes(answer.status)) {
    if (box && answer.body.code !== "ticket_spent") await handIn(box);
    if (box || nextIsHere) return endedElsewhere(nextIsHere ? NEXT_IS_HERE : answer);
    letGo();
    if (answer.status === 401) location.replace("/"); // the ticket's cookie went while the page was on its way
    return;
  }
  if (answer.status !== 200 && (late || !box)) {
    letGo();
    return connected(answer.status !== 0);
  }
  const server = answer.status === 200 ? answer.body : null;
  adopt(server, box);
  if (!screensAddress()) return void setTimeout(askAgainForPage, ONLINE_AGAIN);
  sayBegun();
  screens = await loadScreens();
  if (!screens || locking || go.over) return;
  if (canSeal && go.key) [seal, putAside] = await Promise.all([sealerFor(go.key), asideSealer()]);
  if (document.body.dataset.page === "away") dressShell();
  connected(Boolean(server));
  ready = true;
  open();
  save();
  if (go.pending.size) sendSoon();
  document.body.dataset.ready = "1";
}

// The network came back while the page without it loaded.
const ONLINE_AGAIN = 1000;
function askAgainForPage() {
  if (locking || go.over) return;
  if (location.pathname.startsWith("/s/")) location.reload();
  else location.replace("/");
}

// What the box has of taps, sealed for their own draft: what was put aside as a page was left is in no batch yet.
async function handIn({ key, token, taps }) {
  if (!key || !taps.length) return;
  const sealed = await (await sealerFor(key))({ go: token, device: deviceId(), taps, finished: false });
  await inStore("readwrite", (out) => void out.put({ id: randomId(), sealed, finished: false }));
}

// The child before has left this tab as it was: what was tapped waits sealed for its own draft; the rest goes.
async function partFrom(left) {
  await handIn(left);
  await inStore("readwrite", (_, own) => void own.delete(tabId()));
  sessionStorage.clear();
  return null;
}

// What the server knows, and over it what this tab has tapped since.
function adopt(server, box) {
  const known = server ?? box;
  Object.assign(go, { answers: { ...known.answers }, version: known.version, bank: known.bank, key: known.key, mark: known.mark });
  go.token = server ? server.go : box.token;
  if (!box) return;
  go.lastAt = box.lastAt;
  if (!server || !screensAddress()) document.body.dataset.screens = box.screens;
  for (const tap of box.taps) {
    go.pending.set(tap.item, tap);
    if (tap.value === null) delete go.answers[tap.item];
    else go.answers[tap.item] = tap.value;
  }
}

// What was ticked or written on the page while it still woke up. What was ticked last stands; where nobody can tell
// which of two that exclude each other that was, the child is asked.
function keepEarly(form) {
  const words = form.elements.text, boxes = [...form.querySelectorAll("input[name=a]")];
  if (words && words.value !== words.defaultValue) keepWords();
  const early = boxes.filter((box) => box.checked && !box.defaultChecked), alone = early.some((box) => "alone" in box.dataset);
  for (const box of boxes) {
    const excluded = early.length && !early.includes(box) && (alone || "alone" in box.dataset);
    if (excluded) box.checked = false;
  }
  if (clashes(form)) return;
  if (boxes.some((box) => box.checked !== box.defaultChecked)) tapped(form.dataset.key, tickedIn(form), secondsHere());
  fill(form);
}

// A page that came by itself is guarded from the moment it was seen: it may have been there long before it woke up.
const firstSeen = () => performance.getEntriesByType("paint")[0]?.startTime ?? performance.now();

// The page as it came, made to agree with what is known here.
function open() {
  const form = main.querySelector("form[data-key]"), place = /^\/s\/q\/(\d+)$/.exec(location.pathname);
  if (form && place && formAt(Number(place[1])).dataset.key === form.dataset.key) {
    keepEarly(form);
    settle(Number(place[1]), false);
    guardedUntil = firstSeen() + DOUBLE_TAP;
    rehearse(shownPlace + 1);
  } else if (document.body.dataset.page === "away") openWithoutNetwork();
  else if ((form || document.body.dataset.page === "review") && !follow(location.href, { push: false })) follow("/s/q/1");
}

// Reloaded without network: the questions are all here, the pages before them are not. Who has not begun stays in
// front of what is told first.
function openWithoutNetwork() {
  if (follow(location.href, { push: false })) return;
  const at = new URLSearchParams(location.search).get("at");
  if (location.pathname === "/s/forget") return showStop(at);
  if (/^\d+$|^review$/.test(at) && follow(at === "review" ? "/s/review" : `/s/q/${at}`)) return;
  if (Object.keys(go.answers).length) return follow("/s/q/1");
  main.replaceChildren(...screens.views.away.querySelector("main").cloneNode(true).childNodes);
  main.querySelector("a").href = location.pathname + location.search;
}

// やめる needs no network either.
function showStop(at) {
  main.replaceChildren(...screens.views.forget.querySelector("main").cloneNode(true).childNodes);
  if (/^\d+$/.test(at)) main.querySelector("a").href = `/s/q/${at}`;
  nameTab(main.querySelector("h1").textContent);
  focusOn(main.querySelector("h1"));
}

// Reloaded without network: the empty page takes on the child's band and language, and so does what it holds ready.
function dressShell() {
  document.documentElement.lang = screens.lang;
  document.documentElement.className = screens.look;
  document.body.className = `child band-${screens.band}`;
  document.body.dataset.band = screens.band;
  if (screens.voice) readAloud(screens.voice);
  const sheets = screens.views.sheets?.querySelectorAll("[data-said]") ?? []; // kept before an upgrade: without
  for (const said of sheets) {
    document.querySelector(`[data-said=${said.dataset.said}]`)?.replaceChildren(...said.cloneNode(true).childNodes);
  }
}

function readAloud({ src, ...words }) {
  const script = document.createElement("script");
  Object.assign(script.dataset, words);
  script.src = src;
  document.head.append(script);
}

// Between two children: what is sealed is sent, what was open is gone, and the tablet says what still waits.
async function startBetween() {
  go.over = true;
  connected(navigator.onLine);
  sessionStorage.clear();
  await whileNobodyAnswers(async () => {
    await inStore("readwrite", (_, own) => void own.clear());
    await dropScreens();
  });
  if (shutHere()) await shut(shutHere());
  document.addEventListener("submit", goesOn);
  await deliver();
  await sayUnsent();
}

// A guest's storage goes with its browser: whoever closes it while something waits is asked first. Not whoever goes on
// from here: the next child never sees a question about the last one's sheet.
async function sayUnsent() {
  const corner = document.getElementById("unsent");
  if (!corner) return;
  corner.hidden = !(await tellUnsent(corner));
  if (corner.hidden) goesOn();
  else addEventListener("beforeunload", askBeforeClosing);
}

const goesOn = () => removeEventListener("beforeunload", askBeforeClosing);

// This tablet has locked or finished the go of this page while the server could not be told: do it now, and nothing
// of the page is seen meanwhile. The page of another child: the ticket shown since has told it.
async function stillShut() {
  const shutGo = shutHere();
  if (document.body.dataset.mark !== shutGo.mark) {
    localStorage.removeItem(SHUT);
    return false;
  }
  emptyPage();
  await shut(shutGo);
  location.replace("/");
  return true;
}

function again() {
  const { screens: questions, mark } = document.body.dataset;
  if (waiting) keepTrying();
  else if (ready) send().then(deliver);
  else if (!questions || !mark) {
    connected(navigator.onLine);
    deliver().then(sayUnsent);
  } else if (!waking && !locking && !go.over) wakeUp(true);
}

addEventListener("online", again);
addEventListener("offline", () => connected(false));
addEventListener("pagehide", () => { keepWords(); address = null; workOff(); send({ leaving: true }); saveAside(); });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") return again();
  keepWords();
  workOff();
  send({ leaving: true });
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  cover();
  main.replaceChildren();
  location.reload();
});
setInterval(again, TRY_AGAIN);

// A QR code that let nobody in, or without network: its secret stays nowhere, and the next one is read. For the browser
// that one is a place on this page, so its page has to be asked for.
function readNextCode() {
  history.replaceState(null, "", "/t");
  addEventListener("hashchange", () => {
    const { hash } = location;
    history.replaceState(null, "", "/t");
    go.over = true; // what this page still asks leads nowhere else
    goesOn();
    location.replace(`/t?next${hash}`);
  });
}

async function begin() {
  const page = document.body.dataset.page;
  if (page === "question") guardedUntil = firstSeen() + DOUBLE_TAP;
  if (location.pathname === "/t") readNextCode();
  if (globalThis.navigator.serviceWorker && isSecureContext) navigator.serviceWorker.register("/sw.js").catch(() => {});
  if (page === "away" && !location.pathname.startsWith("/s/")) sessionStorage.clear(); // who asks for the first page shows a ticket
  if (shutHere() && document.body.dataset.screens && (await stillShut())) return;
  if (page === "away" && (await waitingBatches()).some((one) => one.finished) && !(await openBox())) return showWaiting();
  startCover();
  if (document.body.dataset.screens || page === "away") await wakeUp();
  else await startBetween();
}

begin();
