// A typed code is checked on the tablet first: 12 digits of which the last is a Damm check digit.
const DAMM = [
  "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
];

function fits(typed) {
  const digits = typed.normalize("NFKC").replace(/[\s\-‐‑‒–—―ー−~〜_.]/g, "");
  if (!/^[0-9]{12}$/.test(digits)) return false;
  return [...digits].reduce((state, digit) => Number(DAMM[state][Number(digit)]), 0) === 0;
}

const code = document.getElementById("code");
const wrong = document.getElementById("wrong");
code.form.addEventListener("submit", (event) => {
  if (fits(code.value)) return;
  event.preventDefault();
  wrong.hidden = true;
  if (!document.title.startsWith(code.dataset.error)) document.title = code.dataset.error + document.title;
  requestAnimationFrame(() => { wrong.hidden = false; });
  code.setAttribute("aria-invalid", "true");
  code.focus();
  code.select();
});
