// A case page: words are kept while they are typed, and a name is shown for a short time and taken away again.
const bar = document.querySelector("[data-drafts]");

function keepDrafts() {
  const waiting = new Map();
  async function send(field) {
    waiting.delete(field);
    const body = new URLSearchParams({ csrf: bar.dataset.csrf, form: field.dataset.draft, words: field.value });
    try {
      const answer = await fetch(bar.dataset.drafts, { method: "POST", body, redirect: "error", keepalive: true });
      field.toggleAttribute("data-unkept", !answer.ok);
    } catch {
      field.toggleAttribute("data-unkept", true);
    }
  }
  for (const field of bar.querySelectorAll("[data-draft]")) {
    field.addEventListener("input", () => {
      clearTimeout(waiting.get(field));
      waiting.set(field, setTimeout(() => send(field), 800));
    });
    field.form.addEventListener("submit", () => { clearTimeout(waiting.get(field)); waiting.delete(field); });
  }
  addEventListener("pagehide", () => { for (const [field, timer] of waiting) { clearTimeout(timer); send(field); } });
}

function showName(box, person) {
  const name = document.createElement("b");
  const kana = document.createElement("span");
  const left = document.createElement("span");
  kana.className = left.className = "sub";
  name.textContent = person.full;
  kana.textContent = person.kana;
  box.dataset.viewer = person.viewer;
  box.replaceChildren(kana, name, left);
  box.hidden = false;
  const end = Date.now() + person.seconds * 1000;
  const forget = () => {
    clearInterval(timer);
    box.replaceChildren();
    delete box.dataset.viewer;
    box.hidden = true;
  };
  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds <= 0) forget();
    else left.textContent = `あと${seconds}秒で消えます`;
  };
  const timer = setInterval(tick, 1000);
  tick();
  addEventListener("pagehide", forget, { once: true });
}

// A name that is copied takes its reader along; the page itself lets nobody select it.
function sign(event) {
  const box = bar.querySelector(".who-shown");
  if (!box.dataset.viewer) return;
  event.preventDefault();
  const text = String(getSelection()).replaceAll(box.querySelector("b").textContent, "");
  event.clipboardData.setData("text/plain", `${text}\n(${box.dataset.viewer})`);
}

// The form that asks why becomes a dialog: the rest of the page waits, Esc leaves it, the focus comes back.
function askInDialog() {
  const fold = document.getElementById("do-who");
  const dialog = document.createElement("dialog");
  const opener = document.createElement("button");
  const title = document.createElement("h2");
  const leave = document.createElement("button");
  title.id = "who-title";
  title.textContent = "名前を確かめる";
  opener.type = leave.type = "button";
  opener.textContent = fold.querySelector("summary").textContent;
  opener.setAttribute("aria-haspopup", "dialog");
  leave.textContent = "やめる";
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", title.id);
  const form = fold.querySelector("form");
  form.querySelector(".cluster").append(leave);
  dialog.append(title, form);
  fold.replaceWith(opener, dialog);
  opener.addEventListener("click", () => dialog.showModal());
  leave.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { form.reset(); opener.focus(); });
  form.addEventListener("named", () => dialog.close());
}

// An address that ends in the name of a form opens that form: the keys of the queue lead here.
function openNamed() {
  const fold = location.hash.startsWith("#do-") && document.getElementById(location.hash.slice(1));
  if (!(fold instanceof HTMLDetailsElement)) return;
  fold.open = true;
  fold.scrollIntoView({ block: "center" });
  fold.querySelector("textarea, input:not([type=hidden])").focus();
}

function fetchNames() {
  const box = bar.querySelector(".who-shown");
  for (const form of bar.querySelectorAll("form[data-name]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const body = new URLSearchParams(new FormData(form));
        const answer = await fetch(form.action, {
          method: "POST", body, redirect: "error", headers: { accept: "application/json" },
        });
        if (!answer.ok) throw new Error("refused");
        const person = await answer.json();
        form.dispatchEvent(new Event("named"));
        showName(box, person);
      } catch {
        form.submit();
      }
    });
  }
}

if (bar) {
  keepDrafts();
  askInDialog();
  fetchNames();
  openNamed();
  // With its first frame the browser goes to the named form itself, and takes the focus out of the field again.
  addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
    if (document.activeElement === document.body) openNamed();
  })));
  document.addEventListener("copy", sign);
  addEventListener("hashchange", openNamed);
}
