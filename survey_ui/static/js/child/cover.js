// A plain sheet over everything: one tap, Esc, another app, or 90 seconds without a touch. Later a question whether
// somebody is still there, and then the tablet locks itself: what was answered is safe and needs the ticket again.
const COVER_AFTER = 90e3, ASK_AFTER = 480e3, LOCK_AFTER = 540e3;
const coverSheet = document.getElementById("cover"), idleSheet = document.getElementById("idle");
let touched = Date.now(), before = null, ending = "";

const covered = () => Boolean(coverSheet && (!coverSheet.hidden || !idleSheet.hidden));

function hideBehind(sheet) {
  if (!before) before = { title: document.title, focus: document.activeElement, y: scrollY };
  for (const part of document.body.children) if (part !== sheet) part.toggleAttribute("inert", true);
  document.body.classList.add("covered");
  document.title = "・";
  for (const each of [coverSheet, idleSheet]) each.hidden = each !== sheet;
  sheet.toggleAttribute("inert", false);
}

// From the press that ends a go until it has ended, or could not: nothing more is given; the cover works.
function holdStill(how) {
  ending = how;
  main.inert = Boolean(how) || covered();
}

function cover() {
  if (!coverSheet || covered() || waiting) return;
  hideBehind(coverSheet);
  coverSheet.querySelector("button").focus({ preventScroll: true });
}

function uncover() {
  if (!covered()) return;
  touched = Date.now();
  coverSheet.hidden = idleSheet.hidden = true;
  document.body.classList.remove("covered");
  for (const part of document.body.children) part.toggleAttribute("inert", part === main && Boolean(ending));
  document.title = before.title;
  scrollTo(0, before.y);
  if (before.focus && before.focus.isConnected) before.focus.focus({ preventScroll: true });
  before = null;
}

const toggleCover = () => (covered() ? uncover() : cover());

function watchTheClock() {
  if (waiting) return; // nothing of a child is there: it is for the teacher to see
  const quiet = Date.now() - touched;
  if (quiet >= LOCK_AFTER) lock();
  else if (quiet >= ASK_AFTER && idleSheet.hidden) {
    hideBehind(idleSheet);
    idleSheet.querySelector("button").focus({ preventScroll: true });
  } else if (quiet >= COVER_AFTER) cover();
}

function startCover() {
  if (!coverSheet) return;
  for (const kind of ["pointerdown", "keydown", "input", "wheel"]) {
    addEventListener(kind, () => { if (!covered()) touched = Date.now(); }, { capture: true, passive: true });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest(".cover-now")) cover();
    else if (event.target.closest("#cover, #idle button")) uncover();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") cover();
    else watchTheClock();
  });
  setInterval(watchTheClock, 1000);
}
