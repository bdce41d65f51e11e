// Nothing readable stays on the tablet: when a child has sent, stops, hands over, or the tablet locks itself.
const others = globalThis.BroadcastChannel ? new BroadcastChannel("kizuki") : null;

// Everything of this go except what is sealed and still has to be sent.
async function wipe({ keepSealed = true } = {}) {
  go.over = true;
  ready = false;
  go.answers = {};
  go.pending.clear();
  await saving;
  await inStore("readwrite", (out, own) => {
    own.clear();
    if (!keepSealed) out.delete(tabId());
  });
  sessionStorage.clear();
  localStorage.removeItem("kizuki.device");
  if (globalThis.caches) await caches.delete(GO_CACHE);
}

// The cookie is the server's to take: until it could be told, no page of this tablet opens the go again.
const SHUT = "kizuki.shut";

async function shut(mark) {
  localStorage.setItem(SHUT, mark);
  try {
    await fetch("/s/later", { method: "POST", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    localStorage.removeItem(SHUT);
  } catch {
    // no network: the next page that loads does it
  }
}

async function lock() {
  if (go.over) return;
  keepWords();
  await send();
  await save();
  main.replaceChildren();
  others?.postMessage("over");
  await wipe();
  await shut(go.mark);
  location.replace("/");
}

// Sent, locked or deleted in another tab; or the ticket takes no more answers.
async function endedElsewhere({ status, body }) {
  const spent = body.code === "ticket_spent";
  if (!spent) await save();
  main.replaceChildren();
  others?.postMessage("over");
  await wipe({ keepSealed: !spent });
  if (!spent) await deliver();
  location.replace(status === 401 ? "/" : "/s/review");
}

others?.addEventListener("message", async (event) => {
  if (event.data !== "over" || go.over || !document.body.dataset.screens) return;
  await save();
  main.replaceChildren();
  await wipe();
  location.replace("/");
});
