// Nothing readable stays on the tablet: when a child has sent, stops, hands over, or the tablet locks itself.
const others = globalThis.BroadcastChannel ? new BroadcastChannel("kizuki") : null;

// While a tab answers, it holds a lock with all that answer; a page between two children clears the tablet only under the
// same lock alone. So the one never takes away what the other has just laid down.
const ANSWERING = "kizuki-go", HELD_WITHIN = 5e3;
let letGo = () => {};

// Resolves when this tab holds it, or where a browser does not say.
function hold() {
  return new Promise((held) => {
    if (!navigator.locks) return held();
    setTimeout(held, HELD_WITHIN);
    const answering = () => {
      letGo(); // what a page held that did not wake up the first time
      held();
      return new Promise((done) => { letGo = done; });
    };
    navigator.locks.request(ANSWERING, { mode: "shared" }, answering).catch(held);
  });
}

// While nobody answers; else not at all.
async function whileNobodyAnswers(work) {
  if (!navigator.locks) return work();
  await navigator.locks.request(ANSWERING, { ifAvailable: true }, (alone) => alone && work()).catch(work);
}

// Everything of this go except what is sealed and still has to be sent. With the next child here already, only what
// this tab has of its own.
async function wipe({ keepSealed = true, nextIsHere = false } = {}) {
  go.over = true;
  ready = false;
  go.answers = {};
  go.pending.clear();
  await saving;
  await inStore("readwrite", (out, own) => {
    if (nextIsHere) own.delete(tabId());
    else own.clear();
    if (keepSealed) return;
    const id = batchId(); // a doubled tab has the same: what it has said at the end stays
    out.get(id).onsuccess = ({ target }) => { if (!target.result?.since) out.delete(id); };
  });
  sessionStorage.clear();
  letGo();
  if (nextIsHere) return;
  localStorage.removeItem("kizuki.device");
  await dropScreens();
}

// Where a browser denies its cache nothing was kept there, and the page still has to go on.
const dropScreens = () => globalThis.caches?.delete(GO_CACHE).catch(() => false);

// The cookie is the server's to take: until it could be told, no page of this tablet opens the go again.
const SHUT = "kizuki.shut";

function shutHere() {
  const [where, mark, band] = (localStorage.getItem(SHUT) ?? "").split(" ");
  return mark ? { where, mark, band } : null;
}

// Where the service leads whoever has finished. A network that answers with its own sign-in page says nothing about
// a sheet.
function lastPage(answer) {
  const path = answer.redirected ? new URL(answer.url).pathname : "";
  return answer.ok && /^\/s\/(thanks|late|quiet)\/[LMH]$/.test(path) ? path : null;
}

// Where whoever has finished is led when its sheet came without the page that presses.
const thanksOrLate = (band = document.body.dataset.band) => `/s/${tooLate ? "late" : "thanks"}/${band}`;

// A page that has not woken up knows whose it is, too.
async function shut({ where = "/s/later", mark = go.mark || document.body.dataset.mark, band = document.body.dataset.band } = {}) {
  localStorage.setItem(SHUT, `${where} ${mark} ${band}`);
  try {
    const told = { method: "POST", body: new URLSearchParams({ go: mark }) };
    const answer = await fetch(where, { ...told, signal: AbortSignal.timeout(PATIENCE) });
    // Told before, by a page that was left before it heard the answer: then nobody's go is open here.
    if (lastPage(answer) || (await ask("/s/draft")).status === 401) localStorage.removeItem(SHUT);
  } catch {
    // no network: the next page that loads does it
  }
}

// Before anything is waited for: nothing is seen, and whoever comes back now comes too late to answer.
function emptyPage() {
  document.body.inert = true;
  main.replaceChildren();
}

let locking = false;
async function lock() {
  if (go.over || locking) return;
  locking = true;
  keepWords();
  emptyPage();
  await send();
  await save();
  others?.postMessage({ over: go.mark });
  await wipe();
  await shut();
  location.replace("/");
}

// けして やめる without network: nothing stays here but the sealed wish; the server hears it as soon as it can.
async function eraseHere(where) {
  emptyPage();
  const wished = await saveWish(where);
  others?.postMessage({ over: go.mark, erased: true });
  await wipe({ keepSealed: wished });
  await shut(wished ? {} : { where });
  location.replace("/");
}

// Whoever has pressed おくる has finished, also when the next child is quicker than the network.
const keepAll = () => (ending === "/s/send" ? saveFinished() : save());

// Sent, locked or deleted in another tab; the next child has shown a ticket; or the ticket takes no more answers.
async function endedElsewhere({ status, body }) {
  if (go.over) return;
  const spent = body.code === "ticket_spent", nextIsHere = body.code === OTHER_GO;
  if (!spent) keepWords();
  emptyPage();
  if (!spent) await keepAll();
  if (!nextIsHere) others?.postMessage({ over: go.mark });
  await wipe({ keepSealed: !spent, nextIsHere });
  if (!spent) await deliver();
  if (tooLate && !nextIsHere) { // the press came as the ticket ended: its sheet is kept, and the child hears it
    await shut();
    return location.replace(thanksOrLate());
  }
  location.replace(status === 401 ? "/" : "/s/review");
}

// A page that wakes up late does not end the go of the next child, whose page was asked for after it.
const sayBegun = () => others?.postMessage({ begun: go.mark, asked: performance.timeOrigin });

others?.addEventListener("message", async ({ data }) => {
  const nextIsHere = Boolean(data.begun) && data.begun !== go.mark;
  if (!go.mark || go.over || (!nextIsHere && data.over !== go.mark)) return;
  if (nextIsHere && data.asked < performance.timeOrigin) {
    const { status, body } = await ask("/s/draft");
    if (!status || status >= 500 || body.mark === go.mark) return sayBegun(); // nobody says: the page asked for later stays
  }
  if (go.over) return;
  const keepSealed = !data.erased; // what is still being written in another tab does not outlive the wish to delete it
  if (keepSealed) keepWords();
  emptyPage();
  if (keepSealed) await keepAll();
  await wipe({ nextIsHere, keepSealed });
  await deliver();
  location.replace("/");
});
