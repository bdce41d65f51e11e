// おくる, あとで, けして やめる. Without network the whole sheet waits here, sealed, and is sent when the network is back.
const waitingSheet = document.getElementById("waiting");
let waiting = false;

document.addEventListener("submit", async (event) => {
  const form = event.target, where = new URL(form.action).pathname;
  if (!ready || !["/s/send", "/s/later", "/s/forget", "/s/decline"].includes(where)) return;
  event.preventDefault();
  if (form.dataset.pressed) return;
  form.dataset.pressed = "1";
  if (where === "/s/forget" || where === "/s/decline") return leaveWith(form, { keepSealed: false });
  keepWords();
  const arrived = await send();
  if (arrived && navigator.onLine && (await deliver()) === 0 && (await reachable())) return leaveWith(form, {});
  if (go.over) return;
  delete form.dataset.pressed;
  if (where === "/s/later") lock();
  else if (canSeal && seal) waitHere();
  else connected(false);
});

const reachable = async () => (await ask("/health")).status === 200;

async function leaveWith(form, how) {
  main.toggleAttribute("inert", true);
  document.body.append(form);
  form.hidden = true;
  others?.postMessage("over");
  await wipe(how);
  form.submit();
}

// The finished sheet, sealed; from here on nobody can read it on this tablet.
async function waitHere() {
  await saving;
  const taps = [...go.pending.values()];
  const sealed = await seal({ go: go.token, device: deviceId(), taps, finished: true });
  const kept = await inStore("readwrite", (out) => void out.put({ id: tabId(), sealed, finished: true }));
  if (!kept) return connected(false);
  others?.postMessage("over");
  localStorage.setItem(SHUT, go.mark);
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
  await shut(go.mark);
  location.replace(`/s/thanks/${document.body.dataset.band}`);
}

waitingSheet?.querySelector("button").addEventListener("click", keepTrying);
addEventListener("beforeunload", (event) => { if (waiting) event.preventDefault(); });
