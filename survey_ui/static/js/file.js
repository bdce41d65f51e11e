// Says that a file is being made and that it was: a download alone leaves the page as it stood.
// Without this script, and whenever the answer is not a file, the form goes its plain way and shows the page it gets.
for (const form of document.querySelectorAll("form[data-file]")) {
  const said = form.querySelector("[role=status]"), button = form.querySelector("button");
  const say = (words, done) => { said.textContent = words; said.className = done ? "done" : ""; };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    say("作っています…");
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
    button.ariaDisabled = null;
    const name = /filename="([^"]+)"/.exec(answer?.headers.get("content-disposition") ?? "");
    if (!answer?.ok || !name) return form.submit();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name[1];
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(`「${name[1]}」を作りました。端末の「ダウンロード」にあります。記録にも残しました。`, true);
  });
}
