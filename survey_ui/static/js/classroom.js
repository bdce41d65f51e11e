// Reads the two lines of the class again while the screen is open, and counts what this tablet has not sent yet.
// The count of this tablet is exact and stays on it: it is never part of any request.
const lines = { opened: document.getElementById("opened"), sent: document.getElementById("sent") };
const unsent = document.getElementById("unsent"), notLive = document.getElementById("not-live");
const UNKNOWN = "—", EVERY = 15000;

// What was read a while ago is no count of now: where it cannot be read (no network, the page of another network, the
// wave has ended), a dash stands there and a line says so, until it can be read again.
async function read() {
  if (document.hidden) return;
  const said = await counts().catch(() => null);
  const live = Object.keys(lines).every((name) => typeof said?.[name] === "string");
  notLive.hidden = live;
  for (const [name, line] of Object.entries(lines)) say(line, live ? said[name] : UNKNOWN);
}

async function counts() {
  const patience = { redirect: "error", signal: AbortSignal.timeout(EVERY - 5000) };
  const answer = await fetch("/class/counts", { headers: { accept: "application/json" }, ...patience });
  return answer.ok ? answer.json() : null;
}

// Only what has changed: a screen reader is told of each new text.
function say(line, text) {
  if (line.textContent !== text) line.textContent = text;
}

// Finished sheets, as the first page counts them: taps of a child who still answers and a sealed wish are none. Where a
// browser does not let us look, no number is said.
async function countUnsent() {
  const waiting = await finishedSheets().catch(() => null);
  say(unsent, waiting === null ? UNKNOWN : `${waiting}件`);
}

async function finishedSheets() {
  const known = await indexedDB.databases();
  if (!known.some((each) => each.name === "kizuki")) return 0;
  return new Promise((done, fail) => {
    const request = indexedDB.open("kizuki");
    request.onerror = request.onblocked = fail;
    request.onsuccess = () => {
      const store = request.result;
      const end = (count) => { store.close(); done(count); };
      if (!store.objectStoreNames.contains("out")) return end(0);
      const kept = store.transaction("out").objectStore("out").getAll();
      kept.onsuccess = () => end(kept.result.filter((one) => one.finished).length);
      kept.onerror = () => end(null);
    };
  });
}

// How long the class has been at it, for the lesson plan: by this screen alone, and nothing a child sees.
const begun = Date.now(), minutes = document.getElementById("minutes");
const showMinutes = () => { minutes.textContent = `${Math.floor((Date.now() - begun) / 60000)}分`; };
showMinutes();

countUnsent();
setInterval(showMinutes, 10000);
setInterval(() => { read(); countUnsent(); }, EVERY);
document.addEventListener("visibilitychange", read);
