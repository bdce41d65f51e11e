// One tap, one answer, the next question; back and forward; keys; nothing answered twice by a fast finger.
const DOUBLE_TAP = 400, TYPING = 500;
let ready = false, typing = 0;

// A second tap that was meant for the question before: only a hand is that fast, so only real input is held back. What
// counts is when the finger touched, not when a slow tablet comes to it.
const tooSoon = (event) => event.isTrusted && event.timeStamp < guardedUntil;

const isEditing = (form) => Boolean(form.elements.back);
const secondsHere = () => Math.min(86400, Math.round((performance.now() - shownAt) / 100) / 10);

// The address follows the question, not the other way round: changing it takes longer than showing the next one.
let address = null;

function moveTo(path) {
  keepAddress();
  address = path;
  afterPaint(keepAddress);
}

function keepAddress() {
  if (address) history.pushState(null, "", address);
  address = null;
}

function follow(address, { push = true } = {}) {
  const url = new URL(address, location.href);
  const place = /^\/s\/q\/(\d+)$/.exec(url.pathname);
  const from = shownReview ? 0 : shownPlace;
  if (place && Number(place[1]) >= 1 && Number(place[1]) <= screens.of) {
    if (push) moveTo(url.pathname + url.search);
    showQuestion(Number(place[1]), url.searchParams.get("back") === "review");
  } else if (url.pathname === "/s/review") {
    if (push) moveTo("/s/review");
    showReview(from);
    afterPaint(send);
  } else return false;
  return true;
}

document.addEventListener("click", (event) => {
  if (main.contains(event.target) && tooSoon(event)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const link = event.target.closest("a[href]");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (!ready || !link || !plain) return;
  keepWords();
  if (follow(link.href)) event.preventDefault();
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!ready || !form.matches("form.question")) return;
  event.preventDefault();
  if (form.dataset.next) return void follow(form.dataset.next); // the practice: nothing is kept
  clearTimeout(typing);
  const button = event.submitter;
  if (button?.name !== "r" && clashes(form)) return;
  const given = valueOf(form, button);
  if (given !== undefined) tapped(form.dataset.key, given, secondsHere());
  const last = shownPlace === screens.of;
  follow(isEditing(form) || last ? "/s/review" : `/s/q/${shownPlace + 1}`);
});

// What pressing this button means; undefined: nothing that is kept.
function valueOf(form, button) {
  if (form.classList.contains("single")) return button && button.name === "a" ? button.value : null;
  if (form.classList.contains("notice")) {
    if (!form.querySelector("button[name=a]")) return undefined;
    return button && button.name === "a" ? button.value : null;
  }
  if (form.classList.contains("text")) return wordsOf(form);
  if (button && button.name === "r") return button.value;
  const ticked = tickedIn(form);
  return ticked.length || Array.isArray(go.answers[form.dataset.key]) ? ticked : undefined;
}

const wordsOf = (form) => form.elements.text.value.replace(/\r\n/g, "\n").trim();
const tickedIn = (form) => [...form.querySelectorAll("input:checked")].map((box) => box.value).sort();

// What stands alone («していない») and the others untick each other, where the child can see it.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("form.question input[name=a]")) return;
  const form = box.form;
  for (const other of form.querySelectorAll("input[name=a]:checked")) {
    const clash = "alone" in box.dataset || "alone" in other.dataset;
    if (box.checked && other !== box && clash) other.checked = false;
  }
  if (clashes(form) || !ready) return;
  tapped(form.dataset.key, tickedIn(form), secondsHere());
  fill(form);
});

// Before the page woke up both could be ticked. It says so, and gives nothing until one is left.
function clashes(form) {
  const boxes = [...form.querySelectorAll("input[name=a]:checked")];
  const clash = boxes.length > 1 && boxes.some((box) => "alone" in box.dataset);
  const alert = form.querySelector("[role=alert]");
  if (alert) alert.hidden = !clash;
  return clash;
}

document.addEventListener("input", (event) => {
  if (!ready || !event.target.matches("form.question textarea")) return;
  clearTimeout(typing);
  typing = setTimeout(keepWords, TYPING);
});

function keepWords() {
  clearTimeout(typing);
  const form = main.querySelector("form.question.text");
  if (ready && form) tapped(form.dataset.key, wordsOf(form), secondsHere());
}

addEventListener("popstate", () => {
  if (!ready) return;
  if (address) {
    address = null; // the question on the screen is not in the history yet: the one before it is where we were
    return history.forward();
  }
  keepWords();
  if (!follow(location.href, { push: false })) location.reload();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return toggleCover();
  const writing = event.target.matches("textarea, input:not([type=checkbox])");
  const elsewhere = document.activeElement !== document.body && !main.contains(document.activeElement);
  if (writing || elsewhere || covered() || ending || locking || event.ctrlKey || event.altKey || event.metaKey) return;
  const form = main.querySelector("form.question");
  if (!form) return;
  const target = keyTarget(form, event.key);
  if (!target) return;
  event.preventDefault();
  if (event.repeat || tooSoon(event)) return;
  if (event.key.startsWith("Arrow") && target.matches("button, input")) target.focus();
  else target.click();
});

// 1…8 the choices from the top (a ninth by ↓), 0 わからない, 9 こたえたくない; ← back, → on where that needs no answer; ↑↓ between choices.
function keyTarget(form, key) {
  const choices = [...form.querySelectorAll("button.option, .tile input[name=a]")];
  const reserved = (code) => form.querySelector(`button.reserved[value=${code}]`);
  if (/^[1-8]$/.test(key) && choices[key - 1]) return choices[key - 1];
  if (key === "0") return reserved("dont_know");
  if (key === "9") return reserved("declined");
  if (key === "ArrowLeft") return document.querySelector(".bar .back");
  if (key === "ArrowRight") return onward(form);
  const steps = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!steps) return null;
  const all = [...form.querySelectorAll("button, .tile input")];
  const at = all.indexOf(document.activeElement);
  return all[at < 0 ? (steps > 0 ? 0 : all.length - 1) : (at + steps + all.length) % all.length];
}

function onward(form) {
  if (!ready || (form.classList.contains("single") && !(form.dataset.key in go.answers))) return null;
  const link = document.createElement("a");
  link.href = isEditing(form) || shownPlace === screens.of ? "/s/review" : `/s/q/${shownPlace + 1}`;
  return { click: () => { keepWords(); follow(link.href); }, matches: () => false };
}
