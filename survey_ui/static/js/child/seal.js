// Sealing for the service alone: ephemeral ECDH on P-256, HKDF-SHA256, AES-256-GCM (survey_api/access/tablet_seal.py
// says the format). One ephemeral key per page; a fresh nonce per batch. Plain HTTP has no WebCrypto: nothing is kept.
const canSeal = Boolean(globalThis.crypto && crypto.subtle);
const BLOCK = 4096; // every batch is a multiple of this: its size says nothing about what was answered
const utf8 = new TextEncoder();

const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

function base64Of(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function padded(value) {
  const plain = utf8.encode(JSON.stringify(value));
  const whole = new Uint8Array(Math.ceil((plain.length + 1) / BLOCK) * BLOCK).fill(32);
  whole.set(plain);
  return whole;
}

// {id, public} of the wave → a function that seals a value.
async function sealerFor(key) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = bytesOf(key.public);
  const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const theirKey = await crypto.subtle.importKey("raw", theirs, curve, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirKey }, own.privateKey, 256);
  const aes = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: joined(point, theirs), info: utf8.encode("kizuki tablet 1") },
    await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]),
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  const id = Uint8Array.from(key.id.match(/../g), (pair) => parseInt(pair, 16));
  const head = joined(Uint8Array.of(1), id, point);
  return async (value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: head }, aes, padded(value));
    return joined(head, iv, new Uint8Array(cipher));
  };
}

// The tab's own box, for a reload without network.
const BOX = "AES-GCM", CORNER = "AES-CTR", ASIDE = "kizuki.aside", MOST_ASIDE = 16 * BLOCK;
let taken = null;

async function tabKey(cipher) {
  let raw = sessionStorage.getItem("kizuki.key");
  if (!raw) {
    raw = base64Of(crypto.getRandomValues(new Uint8Array(32)));
    sessionStorage.setItem("kizuki.key", raw);
  }
  return crypto.subtle.importKey("raw", bytesOf(raw), cipher, false, ["encrypt", "decrypt"]);
}

async function shutBox(value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, box: await crypto.subtle.encrypt({ name: BOX, iv }, await tabKey(BOX), padded(value)) };
}

// For a page that is being left, which can wait for no cipher and no storage: the key stream is drawn beforehand, and
// used once. Returns what puts a value aside, at once.
async function asideSealer() {
  const counter = crypto.getRandomValues(new Uint8Array(16)), nothing = new Uint8Array(MOST_ASIDE);
  const drawn = await crypto.subtle.encrypt({ name: CORNER, counter, length: 64 }, await tabKey(CORNER), nothing);
  let stream = new Uint8Array(drawn);
  return (value) => {
    const plain = padded(value);
    if (plain.length > stream.length) return;
    sessionStorage.setItem(ASIDE, base64Of(joined(counter, plain.map((byte, at) => byte ^ stream[at]))));
    stream = new Uint8Array(0);
  };
}

// What was put aside is newer than the box; it stays until the box has it too.
async function openBox() {
  if (!canSeal || !sessionStorage.getItem("kizuki.key")) return null;
  taken = sessionStorage.getItem(ASIDE);
  const aside = taken && bytesOf(taken);
  if (aside) return unlocked({ name: CORNER, counter: aside.subarray(0, 16), length: 64 }, aside.subarray(16));
  const kept = await inStore("readonly", (_, own) => own.get(tabId()));
  return kept && kept.box ? unlocked({ name: BOX, iv: kept.iv }, kept.box) : null;
}

async function unlocked(how, cipher) {
  try {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, await tabKey(how.name), cipher)));
  } catch {
    return null;
  }
}

function dropAside() {
  if (taken && sessionStorage.getItem(ASIDE) === taken) sessionStorage.removeItem(ASIDE);
  taken = null;
}
