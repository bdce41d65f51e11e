// Answers as they are tapped: in memory, sealed on the tablet, and a moment later on the server.
// `go` is this child's go: answers, the version of the draft the server has, and what is not there yet (pending).
const SEND_AFTER = 300, SEND_AT = 5, TRY_AGAIN = 8000, PATIENCE = 15000, OTHER_GO = "other_go", ENDED = [401, 404, 409];

const go = { answers: {}, version: 0, token: "", mark: "", bank: "", key: null, pending: new Map(), lastAt: 0, over: false };
let seal = null, putAside = null, saving = Promise.resolve(), sending = null, timer = 0, storageKeeps = true, keptUntil = 0;

// The tablet's clock, never backwards: a later tap is always later.
function tick() {
  go.lastAt = Math.max(Date.now(), go.lastAt + 1);
  return go.lastAt;
}

const clockNow = () => Math.max(Date.now(), go.lastAt);
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const dropEmpty = (value) => (value === "" || (Array.isArray(value) && !value.length) ? null : value);

// What may wait until the child has seen what the tap did; in order, and at once when the page is left. A frame that is
// drawn is still on its way to the glass: work begun beside it makes the child wait a third longer for the review.
const ON_ITS_WAY = 40, NO_FRAME = 100;
let waitingWork = [];

function afterPaint(work) {
  if (!waitingWork.length) {
    const mine = waitingWork, due = () => mine === waitingWork && workOff(); // what the last tap left does not hurry this one
    requestAnimationFrame(() => setTimeout(due, ON_ITS_WAY));
    setTimeout(due, NO_FRAME); // a tab behind has no frames
  }
  waitingWork.push(work);
}

function workOff() {
  const works = waitingWork;
  waitingWork = [];
  for (const work of works) work();
}

// One tap: `value` null takes the answer back. Returns at once; everything else happens behind it.
function tapped(item, given, seconds) {
  const value = dropEmpty(given);
  if (go.over || same(go.answers[item], value)) return;
  if (value === null) delete go.answers[item];
  else go.answers[item] = value;
  go.pending.set(item, { item, value, at: tick(), seconds });
  document.body.dataset.unsent = go.pending.size;
  afterPaint(() => {
    save();
    sendSoon();
  });
}

// One after the other; one that fails stops neither the next nor the lock that waits for them.
function inTurn(work) {
  saving = saving.then(() => go.over || work()).catch(() => {});
  return saving;
}

// All a page of this tab needs to go on from here.
function goHere() {
  const { answers, version, token, mark, bank, key, lastAt } = go;
  return { answers, version, token, mark, bank, key, lastAt, taps: [...go.pending.values()], screens: screensAddress() };
}

function save() {
  document.body.dataset.unsent = go.pending.size;
  if (!canSeal || !seal) return saving;
  return inTurn(async () => {
    const id = batchId(), here = goHere(), { taps } = here;
    const batch = taps.length ? await seal({ go: go.token, device: deviceId(), taps, finished: false }) : null;
    const box = await shutBox(here);
    if (go.over) return;
    storageKeeps = await inStore("readwrite", (out, own) => {
      // A doubled tab has this one's number: what it has said at the end is not written over.
      out.get(id).onsuccess = ({ target }) => {
        const said = target.result?.since;
        if (batch) out.put({ id: said ? randomId() : id, sealed: batch, finished: false });
        else if (!said) out.delete(id);
      };
      own.put({ id: tabId(), ...box });
    });
    if (!storageKeeps) return;
    keptUntil = here.lastAt;
    dropAside();
  });
}

// The page is left, and its storage does not have the last tap yet.
function saveAside() {
  if (ready && !go.over && go.pending.size && go.lastAt > keptUntil) putAside?.(goHere());
}

// What a child says at the end takes the place of the batch, in its turn: what is still to be saved when it is there
// comes too late, or it would open the sheet again. Resolves to whether it is kept.
async function saveLast(said) {
  if (!canSeal || !seal) return false;
  let kept = false;
  await inTurn(async () => {
    const id = batchId(), { finished = false, ...rest } = said();
    const sealed = await seal({ go: go.token, device: deviceId(), finished, ...rest });
    const last = { id, sealed, finished, since: Date.now() };
    kept = storageKeeps = await inStore("readwrite", (out) => void out.put(last));
    go.over ||= Boolean(kept);
    if (kept && finished) ownSheet = last;
  });
  return Boolean(kept);
}

// The whole sheet, also what the service has had already: it keeps no draft for longer than a few days after a wave.
// What it has had is older than every tap.
const saveFinished = () => saveLast(() => {
  const had = Object.entries(go.answers).filter(([item]) => !go.pending.has(item));
  return { finished: true, taps: [...had.map(([item, value]) => ({ item, value, at: 0 })), ...go.pending.values()] };
});

// That everything is to be deleted, and when it was said: it needs no cookie, which the next child's ticket replaces.
const saveWish = (wish) => saveLast(() => ({ wish, at: tick(), taps: [] }));

// Sooner than a finger may tap again (DOUBLE_TAP), so a tablet that dies takes the last tap with it at most; what is
// ticked or written faster than that goes together.
function sendSoon() {
  clearTimeout(timer);
  if (!canSeal || go.pending.size >= SEND_AT) send();
  else timer = setTimeout(send, SEND_AFTER);
}

// Everything pending to the server. Resolves to true when nothing is left.
async function send({ leaving = false } = {}) {
  clearTimeout(timer);
  if (sending && !leaving) await sending;
  if (go.over || !go.pending.size) return !go.over;
  sending = post(leaving).finally(() => (sending = null));
  return sending;
}

async function post(leaving, taps = [...go.pending.values()]) {
  const answer = await ask("/s/draft", { go: go.mark, device: deviceId(), now: clockNow(), taps }, leaving);
  if (answer.status === 200 && answer.body.received === true) {
    for (const tap of taps) if (go.pending.get(tap.item) === tap) go.pending.delete(tap.item);
    connected(true);
    takeOver(answer.body);
    save();
    return go.pending.size ? post(false) : true;
  }
  if (answer.status === 422 && answer.body.code === "answers_refused") return sortOut(taps);
  if (ENDED.includes(answer.status)) await endedElsewhere(answer);
  else {
    connected(answer.status !== 0);
    timer = setTimeout(send, TRY_AGAIN);
  }
  return false;
}

// One answer that the service cannot take holds up no other: each goes alone, and that one counts as not given.
async function sortOut(taps) {
  for (const tap of taps) {
    if (go.pending.get(tap.item) !== tap) continue; // gone meanwhile, or given anew
    if (taps.length > 1) {
      if (!(await post(false, [tap]))) return false;
      continue;
    }
    go.pending.delete(tap.item);
    delete go.answers[tap.item];
    save();
  }
  return go.pending.size ? post(false) : true;
}

// JSON in, JSON out, each as long as any other: a line that is listened to says nothing about an answer; status 0 when the network, not the service, answered.
async function ask(address, body, keepalive = false) {
  try {
    const response = await fetch(address, {
      method: body ? "POST" : "GET",
      headers: body ? { "content-type": "application/json" } : {},
      body: body && padded(body),
      cache: "no-store",
      redirect: "error",
      keepalive,
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!/json/.test(response.headers.get("content-type"))) return { status: response.status < 500 ? 0 : response.status, body: {} };
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: {} };
  }
}

// What the server has and we did not know: answered in another tab or on another tablet.
function takeOver({ version, answers }) {
  if (version < go.version) return;
  go.version = version;
  const items = new Set([...Object.keys(answers), ...Object.keys(go.answers)]);
  const other = [...items].filter((item) => !go.pending.has(item) && !same(answers[item], go.answers[item]));
  for (const item of other) {
    if (item in answers) go.answers[item] = answers[item];
    else delete go.answers[item];
  }
  if (other.length) changedElsewhere();
}

// Batches of this tablet, whoever made them: the seal says whose they are. Unfinished ones first, so that a finished
// sheet never arrives before its own last taps. Resolves to how many finished sheets still have to be sent; null when
// the tablet's storage does not say. One of somebody else that the service refuses holds up nobody.
let delivering = null, next = null, tooLate = false, ownSheet = null;
function deliver() {
  if (!delivering) return (delivering = deliverAll().catch(() => null).finally(() => (delivering = null)));
  // Asked for while it runs: what could not be sent a moment ago may go now. Whoever asks waits for one more, not for all.
  return (next ??= delivering.then(() => {
    next = null;
    return deliver();
  }));
}

const isMine = ({ id }) => id.endsWith(`.${go.mark || shutHere()?.mark}`);

async function deliverAll() {
  const batches = (await waitingBatches()).sort((a, b) => a.finished - b.finished), refused = new Set();
  // The page that waits has its own sheet also when the tablet's storage was emptied meanwhile, or does not answer.
  if (ownSheet && !ownSheet.arrived && !batches.some(({ id }) => id === ownSheet.id)) batches.push(ownSheet);
  for (const batch of batches) {
    const answer = await ask("/s/sealed", { sealed: base64Of(new Uint8Array(batch.sealed)), now: clockNow() });
    const gone = answer.status === 200 && answer.body.received === true;
    if (gone && answer.body.late && isMine(batch)) tooLate = true;
    if (gone && batch.id === ownSheet?.id) ownSheet.arrived = true;
    const hopeless = !batch.finished && [404, 409, 410, 422].includes(answer.status);
    if (gone || hopeless) await dropBatch(batch);
    else if (answer.status < 400 || BUSY.includes(answer.status)) break;
    else refused.add(batch.id);
  }
  const left = await inStore("readonly", (out) => out.getAll());
  return left && left.filter((one) => one.finished && (isMine(one) || !refused.has(one.id))).length;
}

// Only if nothing newer has taken its place meanwhile.
const dropBatch = (batch) =>
  inStore("readwrite", (out) => {
    const request = out.get(batch.id);
    request.onsuccess = () => {
      const now = request.result && new Uint8Array(request.result.sealed), then = new Uint8Array(batch.sealed);
      if (now && now.length === then.length && now.every((byte, at) => byte === then[at])) out.delete(batch.id);
    };
  });
