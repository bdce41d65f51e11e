// おくる, あとで, けして やめる. Without network the whole sheet waits here, sealed, and is sent when the network is back.
const waitingSheet = document.getElementById("waiting");
const TURNS = 4, BUSY = [429, 502, 503, 504], A_DAY = 86400e3;
let waiting = false;

document.addEventListener("submit", async (event) => {
  const form = event.target, where = new URL(form.action).pathname;
  if (!ready || !["/s/send", "/s/later", "/s/forget", "/s/decline"].includes(where)) return;
  event.preventDefault();
  if (form.dataset.pressed) return;
  form.dataset.pressed = "1";
  keepWords();
  holdStill(where); // what is given now is not lost between what was sent and the end
  saySending(where === "/s/send");
  const erases = where === "/s/forget" || where === "/s/decline";
  const arrived = erases || ((await send()) && navigator.onLine && !(await deliver()));
  const answer = arrived && !go.over ? await ask("/s/draft") : { status: 0 };
  if (go.over) return;
  if (answer.status === 200 && answer.body.mark !== go.mark) return endedElsewhere(NEXT_IS_HERE);
  if (answer.status && answer.status < 500) {
    const last = await told(where);
    if (last) return leave(where, last);
    if (go.over) return;
  }
  if (erases) return eraseHere(where);
  if (where === "/s/later") return lock();
  if (await saveFinished()) return waitHere();
  if (go.over) return;
  delete form.dataset.pressed;
  holdStill("");
  saySending(false);
  connected(false);
});

// A slow network takes a while over it: the press is seen, and heard, at once.
function saySending(yes) {
  document.getElementById("sending").hidden = !yes;
}

const NEXT_IS_HERE = { status: 401, body: { code: OTHER_GO } };

// The server does what was pressed and says which page is the last. Busy: again in a moment, not all tablets at the same
// one. Nothing: it did not.
async function told(where) {
  for (let turn = 0; turn < TURNS; turn += 1) {
    try {
      const said = { method: "POST", body: new URLSearchParams({ go: go.mark }) };
      const answer = await fetch(where, { ...said, signal: AbortSignal.timeout(PATIENCE) });
      if (!BUSY.includes(answer.status)) return lastPage(answer);
    } catch {
      return null;
    }
    await new Promise((done) => setTimeout(done, 500 + Math.random() * 1500));
  }
  return null;
}

async function leave(where, last) {
  emptyPage();
  const erased = where === "/s/forget" || where === "/s/decline";
  others?.postMessage({ over: go.mark, erased });
  await wipe({ keepSealed: !erased });
  location.replace(last);
}

// The finished sheet is sealed: from here on nobody can read it on this tablet.
async function waitHere() {
  others?.postMessage({ over: go.mark });
  localStorage.setItem(SHUT, `/s/later ${go.mark} ${document.body.dataset.band}`);
  await wipe();
  address = null;
  history.replaceState(null, "", "/");
  showWaiting();
}

const askBeforeClosing = (event) => event.preventDefault();

function showWaiting() {
  uncover();
  waiting = true;
  addEventListener("beforeunload", askBeforeClosing);
  for (const part of document.body.children) part.hidden = part !== waitingSheet;
  waitingSheet.hidden = false;
  nameTab("・");
  waitingSheet.querySelector("h1").focus();
  keepTrying();
}

// For the teacher: how many sheets wait, and whether one has waited for more than a day. Nothing of what is in them.
async function tellUnsent(where) {
  const sheets = (await waitingBatches()).filter((one) => one.finished);
  where.querySelector("[data-count]").textContent = sheets.length;
  where.querySelector("[data-old]").hidden = !sheets.some((one) => Date.now() - one.since > A_DAY);
  return sheets.length;
}

async function keepTrying() {
  if (!waiting) return;
  const left = await deliver();
  if (left !== null) await tellUnsent(waitingSheet);
  if (!waiting || (ownSheet ? !ownSheet.arrived : left !== 0)) return;
  waiting = false;
  removeEventListener("beforeunload", askBeforeClosing); // a page that listens and leaves by itself can hang a tab that is being closed
  const mine = shutHere();
  if (mine) await shut(mine);
  location.replace(mine || go.mark ? thanksOrLate(mine?.band) : "/");
}

waitingSheet?.querySelector("button").addEventListener("click", keepTrying);
