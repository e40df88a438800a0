// Short words that pass: a toast for eyes, a polite live region for screen readers.

const TOAST_MS = 5_000;
let timer = 0;

/** Show a sentence for a few seconds; screen readers hear it as well. @param {string} text */
export function toast(text) {
  const element = document.getElementById("toast");
  element.textContent = text;
  element.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => element.classList.remove("shown"), TOAST_MS);
}

/** Say something to screen readers only. @param {string} text */
export function announce(text) {
  const element = document.getElementById("announcer");
  const line = document.createElement("p");
  line.textContent = text;
  element.append(line);
  while (element.childElementCount > 5) element.firstElementChild.remove();
}
