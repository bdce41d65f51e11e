// An invitation lands on /invitation#secret. Take the secret out of the address and the history, then post it.
const secret = location.hash.slice(1);
if (/^[\w-]{20,100}$/.test(secret)) {
  history.replaceState(null, "", "/invitation");
  document.getElementById("token").value = secret;
  document.getElementById("open").submit();
}
