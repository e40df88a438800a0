// Choosing an emoji: a search field over a grid, at home with the keyboard.
import { h } from "./dom.js";
import { openPopover } from "./popover.js";
import { searchEmoji } from "./render/emoji.js";

const COLUMNS = 9;
const MOST = 400;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

/**
 * @param {Element} anchor what was pressed
 * @param {(name: string) => void} chosen
 */
export function pickEmoji(anchor, chosen) {
  const grid = h("div", { class: "emoji-grid", role: "listbox", "aria-label": "Emoji" });
  const hint = h("div", { class: "emoji-hint", "aria-hidden": "true" });
  const search = h("input", {
    type: "text",
    role: "searchbox",
    placeholder: "Search all emoji",
    "aria-label": "Search all emoji",
    autocomplete: "off",
  });
  const { element, close } = openPopover(h("div", { class: "picker" }, search, grid, hint), anchor, {
    label: "Emoji",
  });

  const choose = (name) => {
    close();
    chosen(name);
  };
  const show = () => {
    const found = searchEmoji(search.value.trim().replaceAll(":", "").toLowerCase(), MOST);
    grid.replaceChildren(...found.map(({ name, character }) => option(name, character)));
    if (!found.length) grid.append(h("p", { class: "empty" }, "No emoji of that name. Try another word."));
  };
  grid.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-name]")?.dataset.name;
    if (name) choose(name);
  });
  for (const type of ["pointerover", "focusin"]) {
    grid.addEventListener(type, ({ target }) => {
      const name = target.closest("[data-name]")?.dataset.name;
      if (name) hint.textContent = `:${name}:`;
    });
  }
  search.addEventListener("input", show);
  element.addEventListener("keydown", (event) => {
    const options = [...grid.querySelectorAll("button")];
    const place = options.indexOf(document.activeElement);
    if (event.key === "Enter" && place < 0 && options.length) {
      event.preventDefault();
      choose(options[0].dataset.name);
    } else if (event.key in STEPS && (place >= 0 || event.key === "ArrowDown")) {
      event.preventDefault();
      const next = place < 0 ? 0 : place + STEPS[event.key];
      if (next < 0) search.focus();
      else options[Math.min(next, options.length - 1)].focus();
    }
  });
  show();
  search.focus();
}

const option = (name, character) =>
  h(
    "button",
    {
      type: "button",
      role: "option",
      "aria-label": name,
      "aria-selected": "false",
      tabindex: "-1",
      dataset: { name },
    },
    character,
  );
