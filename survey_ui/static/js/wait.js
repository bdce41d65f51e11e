// Counts the seconds of a cool-down down; when it is over, the way back to the first page is under the finger.
const line = document.getElementById("wait");
const texts = [line, ...line.querySelectorAll("*")].flatMap((each) => [...each.childNodes]).filter((node) => node.nodeType === 3);
const shown = texts.filter((text) => text.data.includes(line.dataset.seconds)).map((text) => [text, text.data]);
const said = document.getElementById("wait-said");
setTimeout(() => said.replaceChildren(...said.childNodes), 500); // a status is heard when it changes: once, not every second
const until = performance.now() + Number(line.dataset.seconds) * 1000;

const ticking = setInterval(() => {
  const left = Math.ceil((until - performance.now()) / 1000);
  for (const [text, before] of shown) text.data = before.replace(line.dataset.seconds, String(Math.max(0, left)));
  if (left > 0) return;
  clearInterval(ticking);
  document.querySelector("main p:last-child a.button").focus();
}, 500);
