// おくる, あとで, けして やめる. Without network the whole sheet waits here, sealed, and is sent when the network is back.
const waitingSheet = document.getElementById("waiting");
let waiting = false;

document.addEventListener("submit", async (event) => {
  const form = event.target, where = new URL(form.action).pathname;
  if (!ready || !["/s/send", "/s/later", "/s/forget", "/s/decline"].includes(where)) return;
  event.preventDefault();
  if (form.dataset.pressed) return;
  form.dataset.pressed = "1";
  keepWords();
  const erases = where === "/s/forget" || where === "/s/decline";
  const arrived = erases || ((await send()) && navigator.onLine && (await deliver()) === 0);
  const answer = arrived && !go.over ? await ask("/s/draft") : { status: 0 };
  if (go.over) return;
  if (answer.status === 200 && answer.body.mark !== go.mark) return endedElsewhere(NEXT_IS_HERE);
  if (answer.status && answer.status < 500) return leaveWith(form, { keepSealed: !erases });
  delete form.dataset.pressed;
  if (erases) eraseHere(where);
  else if (where === "/s/later") lock();
  else if (canSeal && seal) waitHere();
  else connected(false);
});

const NEXT_IS_HERE = { status: 401, body: { code: OTHER_GO } };

async function leaveWith(form, how) {
  main.toggleAttribute("inert", true);
  document.body.append(form);
  form.hidden = true;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "go", value: go.mark }));
  others?.postMessage({ over: go.mark });
  await wipe(how);
  form.submit();
}

// The finished sheet, sealed; from here on nobody can read it on this tablet.
async function waitHere() {
  await saving;
  const taps = [...go.pending.values()];
  const sealed = await seal({ go: go.token, device: deviceId(), taps, finished: true });
  const kept = await inStore("readwrite", (out) => void out.put({ id: batchId(), sealed, finished: true }));
  if (!kept) return connected(false);
  others?.postMessage({ over: go.mark });
  localStorage.setItem(SHUT, `/s/later ${go.mark}`);
  await wipe();
  history.replaceState(null, "", "/");
  showWaiting();
}

function showWaiting() {
  waiting = true;
  for (const part of document.body.children) part.hidden = part !== waitingSheet;
  waitingSheet.hidden = false;
  document.title = "・";
  waitingSheet.querySelector("h1").focus();
  keepTrying();
}

async function keepTrying() {
  if (!waiting) return;
  const left = await deliver();
  waitingSheet.querySelector("[data-count]").textContent = left;
  if (left) return;
  waiting = false;
  await shut(shutHere() ?? {});
  location.replace(`/s/${tooLate ? "late" : "thanks"}/${document.body.dataset.band}`);
}

waitingSheet?.querySelector("button").addEventListener("click", keepTrying);
addEventListener("beforeunload", (event) => { if (waiting) event.preventDefault(); });
