// The switches of S02 change the sample at once. The form works without this.
const form = document.querySelector("form.switches");
const root = document.documentElement;

function show() {
  const ruby = form.elements.ruby, spaced = form.elements.spaced;
  if (ruby) root.classList.toggle("no-ruby", !ruby.checked);
  for (const each of spaced ? document.querySelectorAll("[data-spaced]") : []) {
    each.hidden = (each.dataset.spaced === "1") !== spaced.checked;
  }
  for (const size of ["0", "1", "2"]) root.classList.toggle(`size-${size}`, form.elements.size.value === size);
  const both = document.getElementById("both-sample");
  if (both) both.hidden = !form.elements.both.checked;
  root.classList.toggle("left", form.elements.left.checked);
}

form.addEventListener("change", show);
