// Read-aloud with a voice that lives on the tablet: what a child reads is never sent to a speech service.
// Without such a voice there is no control at all. Speech starts on a tap only, and readings are spoken once.
const me = document.currentScript;
const language = document.documentElement.lang;

function localVoice(tongue = language) {
  const short = tongue.split("-")[0];
  const fits = (voice) => voice.localService && voice.lang.toLowerCase().split(/[-_]/)[0] === short.toLowerCase();
  return speechSynthesis.getVoices().find(fits);
}

const tongueOf = (element) => element.closest("[lang]").lang;

// The words as they are spoken: a reading instead of its kanji, never both; a pause between a name, its hours and its number.
function spoken(element) {
  const copy = element.cloneNode(true);
  for (const unsaid of copy.querySelectorAll(".under, span[aria-hidden], svg")) unsaid.remove();
  for (const ruby of copy.querySelectorAll("ruby")) ruby.replaceWith(ruby.querySelector("rt")?.textContent ?? ruby.textContent);
  const japanese = tongueOf(element) === "ja";
  for (const next of copy.querySelectorAll("li :is(.soft, a)")) next.prepend(japanese ? "、" : ", ");
  return copy.textContent.replaceAll("\u2060", "").replace(/\s+/g, japanese ? "" : " ").trim();
}

function visible(selector) {
  return [...document.querySelectorAll(selector)].filter((each) => each.getClientRects().length > 0);
}

// Lists too, but not the numbers of the review.
const SAID = "main :is(h1, h2, p, li:not(.lines li), .option, .tile, .go, .reserved)";

// What stands inside another is heard with it, once; what has no voice of its language stays unsaid.
function sentences() {
  return visible(SAID)
    .filter((each) => !each.classList.contains("sr") && !each.parentElement.closest(SAID))
    .map((each) => ({ text: spoken(each), voice: localVoice(tongueOf(each)) }))
    .filter(({ text, voice }) => text && voice);
}

// What is covered, or no longer on the page, is not heard either.
const isCovered = () => document.body.inert || document.body.classList.contains("covered");

function addButton() {
  const place = document.querySelector(".bar") ?? document.querySelector("main");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "back listen";
  button.textContent = me.dataset.listen;
  const hush = () => {
    seen.disconnect();
    speechSynthesis.cancel();
    button.textContent = me.dataset.listen;
  };
  let read = null;
  const seen = new MutationObserver(() => { if (isCovered() || !read.getClientRects().length) hush(); });
  button.addEventListener("click", () => {
    const speaking = speechSynthesis.speaking;
    hush();
    if (speaking) return;
    button.textContent = me.dataset.stop;
    read = document.querySelector("main h1");
    seen.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "hidden", "inert"] });
    const lines = sentences();
    lines.forEach((line, place) => {
      const said = new SpeechSynthesisUtterance(line.text);
      said.voice = line.voice;
      said.lang = said.voice.lang;
      if (place === lines.length - 1) said.onend = () => { button.textContent = me.dataset.listen; };
      speechSynthesis.speak(said);
    });
  });
  place.prepend(button);
}

function offer() {
  const none = document.getElementById("no-voice");
  if (none) none.hidden = Boolean(localVoice());
  if (!localVoice()) return;
  speechSynthesis.removeEventListener("voiceschanged", offer);
  const row = document.getElementById("speak-switch");
  if (row) row.replaceWith(row.content.cloneNode(true));
  if (me.dataset.listen) addButton();
}

if ("speechSynthesis" in window) {
  speechSynthesis.addEventListener("voiceschanged", offer);
  addEventListener("pagehide", () => speechSynthesis.cancel());
  document.addEventListener("visibilitychange", () => { if (document.hidden) speechSynthesis.cancel(); });
  offer();
}
