// A QR code lands on /t#secret. Take the secret out of the address and the history, then post it.
const secret = location.hash.slice(1);
history.replaceState(null, "", "/t");
sessionStorage.clear(); // whoever had this tab before: what was kept for a reload opens no more
if (/^[\w-]{16,64}$/.test(secret)) {
  document.getElementById("secret").value = secret;
  document.getElementById("from-qr").submit();
} else {
  document.getElementById("reading").hidden = true;
  document.getElementById("not-here").hidden = false;
  addEventListener("hashchange", () => location.reload()); // for the browser the next code is a place on this page
}
