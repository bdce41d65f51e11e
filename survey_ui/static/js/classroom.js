// Reads the two lines of the class again while the screen is open, and counts what this tablet has not sent yet.
// The count of this tablet is exact and stays on it: it is never part of any request.
const lines = { opened: document.getElementById("opened"), sent: document.getElementById("sent") };
const unsent = document.getElementById("unsent");

async function read() {
  if (document.hidden) return;
  const answer = await fetch("/class/counts", { headers: { accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const said = await answer.json();
  for (const [name, line] of Object.entries(lines)) if (line.textContent !== said[name]) line.textContent = said[name];
}

async function countUnsent() {
  const known = await indexedDB.databases?.();
  if (!known?.some((each) => each.name === "kizuki")) return show(0);
  const request = indexedDB.open("kizuki");
  request.onsuccess = () => {
    const store = request.result;
    if (!store.objectStoreNames.contains("out")) return show(0);
    const counted = store.transaction("out").objectStore("out").count();
    counted.onsuccess = () => { show(counted.result); store.close(); };
  };
}

function show(count) {
  unsent.textContent = `${count}件`;
}

// How long the class has been at it, for the lesson plan: by this screen alone, and nothing a child sees.
const begun = Date.now(), minutes = document.getElementById("minutes");
const showMinutes = () => { minutes.textContent = `${Math.floor((Date.now() - begun) / 60000)}分`; };
showMinutes();

countUnsent();
setInterval(showMinutes, 10000);
setInterval(() => { read(); countUnsent(); }, 15000);
