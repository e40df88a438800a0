// Light, dark, or as the system likes it; remembered in this browser.

/** @typedef {"system" | "light" | "dark"} Theme */

const KEY = "localslack:theme";

/** @returns {Theme} */
export function theme() {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** @param {Theme} choice */
export function chooseTheme(choice) {
  localStorage.setItem(KEY, choice);
  showTheme();
}

function showTheme() {
  const choice = theme();
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

// At once: index.html has the first paint wait for this module.
showTheme();
window.addEventListener("storage", (event) => {
  if (event.key === KEY) showTheme();
});
