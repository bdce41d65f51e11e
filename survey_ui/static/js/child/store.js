// What this tablet keeps between page loads. "out": batches sealed to the wave's key, which nobody here can open.
// "own": one box per tab, locked with a key that lives in that tab's sessionStorage and dies with it.
const OUT = "out", OWN = "own", OPENS_WITHIN = 7e3;

const openStore = () => new Promise((done) => {
  setTimeout(done, OPENS_WITHIN, null); // Safari now and then never says whether it opens: until it does, as if it were denied
  let request;
  try {
    request = indexedDB.open("kizuki", 1);
  } catch {
    done(null);
    return;
  }
  request.onupgradeneeded = () => [OUT, OWN].forEach((name) => request.result.createObjectStore(name, { keyPath: "id" }));
  request.onsuccess = () => {
    opened = Promise.resolve(request.result);
    done(request.result);
  };
  request.onerror = request.onblocked = () => done(null);
});

let opened = openStore();

// One transaction over both stores; resolves with what `work` asked for, or null where storage is denied or full. A
// browser may close the storage of a tablet that has slept (Safari does): it is opened once more.
async function inStore(mode, work) {
  const before = opened;
  try {
    return await within(await before, mode, work);
  } catch {
    if (opened === before) opened = openStore();
    return within(await opened, mode, work).catch(() => null);
  }
}

async function within(db, mode, work) {
  if (!db) return null;
  return new Promise((done) => {
    const transaction = db.transaction([OUT, OWN], mode);
    const request = work(transaction.objectStore(OUT), transaction.objectStore(OWN));
    transaction.oncomplete = () => done(request ? request.result : true);
    transaction.onerror = transaction.onabort = () => done(null);
  });
}

const waitingBatches = async () => (await inStore("readonly", (out) => out.getAll())) ?? [];

// A number for this tab, so that two tabs never write over each other.
function tabId() {
  if (!sessionStorage.getItem("kizuki.tab")) sessionStorage.setItem("kizuki.tab", randomId());
  return sessionStorage.getItem("kizuki.tab");
}

// Of one tab and one child: the next child in the same tab never writes over what still waits.
const batchId = () => `${tabId()}.${go.mark}`;

// The same number for every tab of this tablet: the server compares their taps exactly.
function deviceId() {
  if (!localStorage.getItem("kizuki.device")) localStorage.setItem("kizuki.device", randomId());
  return localStorage.getItem("kizuki.device");
}

function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
