// A key presses its button. Without scripts the buttons work as they are.
"use strict";
const box = document.getElementById("keys");
const OFF = "minns-keys-off";
let sent = false;
if (box) {
  box.parentElement.hidden = false;
  box.checked = localStorage.getItem(OFF) === null;
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
}
document.addEventListener("keydown", (event) => {
  const off = localStorage.getItem(OFF) !== null;
  if (sent || off || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.id === "reason") return;
  for (const button of document.querySelectorAll("button[data-key]")) {
    if (button.dataset.key === event.key) {
      event.preventDefault();
      if (!button.form.reportValidity()) return;
      sent = true;
      button.click();
      return;
    }
  }
});
