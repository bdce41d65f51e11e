// Counts the seconds of a cool-down down; when it is over, the way back to the first page is under the finger.
const line = document.getElementById("wait");
const shown = [...line.childNodes].find((node) => node.nodeType === 3 && node.data.includes(line.dataset.seconds));
const before = shown.data;
const until = performance.now() + Number(line.dataset.seconds) * 1000;

const ticking = setInterval(() => {
  const left = Math.ceil((until - performance.now()) / 1000);
  shown.data = before.replace(line.dataset.seconds, String(Math.max(0, left)));
  if (left > 0) return;
  clearInterval(ticking);
  document.querySelector("main p:last-child a.button").focus();
}, 500);
