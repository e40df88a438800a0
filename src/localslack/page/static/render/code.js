// A block of code with its language and a button that copies it.

import { element } from "./dom.js";

const COPIED_MS = 2000;

/**
 * @param {string} code
 * @param {string} [language]
 */
export function codeBlock(code, language = "") {
  const button = element("button", { class: "code-copy", type: "button" }, "Copy");
  button.addEventListener("click", () => copy(code, button));
  return element(
    "div",
    { class: "code-block", "data-language": language || null },
    language && element("span", { class: "code-language" }, language),
    element("pre", {}, element("code", {}, code)),
    button,
  );
}

/**
 * Copy the code; where the browser refuses, select it, so that the keyboard can copy it.
 * @param {string} code
 * @param {HTMLButtonElement} button
 */
async function copy(code, button) {
  try {
    await navigator.clipboard.writeText(code);
    button.textContent = "Copied";
  } catch {
    getSelection()?.selectAllChildren(/** @type {Node} */ (button.previousElementSibling));
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
}
