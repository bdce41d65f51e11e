// Passkeys: fetch the question, let the browser ask its owner, post the answer. Two forms use it:
// data-kind="get" signs in, data-kind="create" enrols. Without WebAuthn (plain http, old browser) they stay hidden.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function question(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of [options.excludeCredentials, options.allowCredentials]) {
    for (const known of list || []) known.id = bytes(known.id);
  }
  return { publicKey: options };
}

function answer(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function post(address, form, more = {}) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  const reply = await fetch(address, { method: "POST", body, credentials: "same-origin" });
  if (!reply.ok) throw new Error(reply.status);
  return reply.json();
}

for (const form of document.querySelectorAll("form.passkey")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = form.querySelector(".passkey-said");
    said.textContent = "端末の画面の案内にしたがってください。";
    try {
      const asked = question(await post(`${form.action}/question`, form));
      const credential = await navigator.credentials[form.dataset.kind](asked);
      const reply = await post(`${form.action}/answer`, form, { credential: answer(credential) });
      location.replace(reply.onward);
    } catch {
      said.textContent = "パスキーを使えませんでした。もう一度ためすか、ほかの方法で入ってください。";
    }
  });
}
