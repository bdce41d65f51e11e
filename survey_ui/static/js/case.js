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
        showName(box, await answer.json());
      } catch {
        form.submit();
      }
    });
  }
}

if (bar) {
  keepDrafts();
  fetchNames();
}
