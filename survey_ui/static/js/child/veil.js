// Free words in a classroom: only the line being written is readable, and nothing once the field is left. Counted too.
const lineEnd = document.createElement("div");
lineEnd.className = "line-end";
lineEnd.setAttribute("aria-hidden", "true");

function dressWords(words) {
  const form = words.form, count = form.querySelector("[data-count]"), veil = form.querySelector("[data-veil]");
  if (!count || !veil) return;
  const said = count.dataset.count.replace("{n}", words.value.length).replace("{most}", words.maxLength);
  if (count.textContent !== said) count.textContent = said;
  words.classList.toggle("veiled", veil.checked);
  if (veil.checked && words === document.activeElement) liftLine(words);
}

// Where the line of the caret stands: the same words up to the caret in a box of the same width.
function liftLine(words) {
  if (lineEnd.parentNode !== words.parentNode) words.after(lineEnd);
  lineEnd.textContent = `${words.value.slice(0, words.selectionEnd)}\u200b`;
  const line = parseFloat(getComputedStyle(words).lineHeight), inset = parseFloat(getComputedStyle(words).paddingTop);
  const end = lineEnd.clientHeight - inset - words.scrollTop;
  words.style.setProperty("--line-start", `${end - line}px`);
  words.style.setProperty("--line-end", `${end}px`);
  lineEnd.textContent = "";
}

for (const kind of ["input", "focusin", "keyup", "pointerup", "scroll"]) {
  document.addEventListener(kind, (event) => {
    if (event.target.matches?.("form.question textarea")) dressWords(event.target);
  }, { capture: true, passive: true });
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-veil]")) dressWords(event.target.form.elements.text);
});
