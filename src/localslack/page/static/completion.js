// What @, # and : can become, while it is being typed.
import { avatar } from "./avatar.js";
import { h, icon } from "./dom.js";
import { badge } from "./message.js";
import { userName } from "./names.js";
import { searchEmoji } from "./render/emoji.js";

const MOST = 8;
const STARTS = /(?:^|[\s(])([@#:])([\w.+-]*)$/;

/** @typedef {{insert: string, label: string, note: string, face: Node | string, extra?: Node | null}} Option */

/**
 * The options for the word before the caret.
 * @param {string} before the text up to the caret
 * @param {import("./store.js").Store} store
 * @returns {{start: number, options: Option[]} | null} `start`: where the word begins
 */
function completions(before, store) {
  const match = STARTS.exec(before);
  if (!match) return null;
  const [, sign, word] = match;
  const query = word.toLowerCase();
  const options = { "@": people, "#": channels, ":": emoji }[sign](query, store).slice(0, MOST);
  return options.length ? { start: before.length - word.length - 1, options } : null;
}

function people(query, store) {
  const users = [...store.users.values()]
    .filter((user) => user.id !== store.me.id && named(user, query))
    .sort((a, b) => startsWith(b, query) - startsWith(a, query) || userName(a).localeCompare(userName(b)))
    .map((user) => ({
      insert: `@${user.name} `,
      label: userName(user),
      note: `@${user.name}`,
      face: avatar(user, "small"),
      extra: badge(user),
    }));
  const everyone = [
    { insert: "@here ", label: "@here", note: "Notify every active member", face: icon("people") },
    { insert: "@channel ", label: "@channel", note: "Notify all members", face: icon("people") },
  ].filter(({ label }) => query && label.startsWith(`@${query}`));
  return [...users, ...everyone];
}

/** @param {import("./types.js").User} user @param {string} query in lower case */
export const named = (user, query) =>
  [user.name, ...userName(user).split(/\s+/), userName(user)].some((name) =>
    name.toLowerCase().startsWith(query),
  );

const startsWith = (user, query) => Number(user.name.toLowerCase().startsWith(query));

function channels(query, store) {
  return [...store.channels.values()]
    .filter(({ kind, name }) => kind !== "im" && name.includes(query))
    .sort((a, b) => Number(b.name.startsWith(query)) - Number(a.name.startsWith(query)))
    .map(({ name, topic, kind }) => ({
      insert: `#${name} `,
      label: name,
      note: topic,
      face: icon(kind === "group" ? "lock" : "hash"),
    }));
}

function emoji(query) {
  if (query.length < 2) return [];
  return searchEmoji(query, MOST).map(({ name, character }) => ({
    insert: `:${name}: `,
    label: `:${name}:`,
    note: "",
    face: character,
  }));
}

/** The list that shows the options of one text box. */
export class Completion {
  /** @type {{start: number, options: Option[]} | null} */
  #found = null;
  #active = 0;

  /**
   * @param {HTMLTextAreaElement} box
   * @param {import("./store.js").Store} store
   * @param {() => void} changed called after a choice was put into the box
   */
  constructor(box, store, changed) {
    this.box = box;
    this.store = store;
    this.changed = changed;
    this.element = h("ul", {
      class: "completion",
      role: "listbox",
      "aria-label": "Suggestions",
      id: `completion-${nextNumber()}`,
      hidden: true,
    });
    this.element.addEventListener("pointerdown", (event) => this.#pressed(event));
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", this.element.id);
    box.addEventListener("blur", () => this.close());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Look at what stands before the caret now. */
  update() {
    const { selectionStart, selectionEnd, value } = this.box;
    this.#found =
      selectionStart === selectionEnd ? completions(value.slice(0, selectionStart), this.store) : null;
    if (!this.#found) {
      this.close();
      return;
    }
    this.element.replaceChildren(...this.#found.options.map((option, index) => this.#item(option, index)));
    this.element.hidden = false;
    this.#mark(0);
  }

  close() {
    this.element.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  keydown(event) {
    if (!this.isOpen) return false;
    if (event.key === "Enter" && this.#isTyped(this.#active)) {
      this.close(); // there is nothing to complete: Enter means what it says
      return false;
    }
    const count = this.#found.options.length;
    if (event.key === "ArrowDown") this.#mark((this.#active + 1) % count);
    else if (event.key === "ArrowUp") this.#mark((this.#active + count - 1) % count);
    else if (event.key === "Enter" || event.key === "Tab") this.#choose(this.#active);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #isTyped(index) {
    const { start, options } = this.#found;
    return this.box.value.slice(start, this.box.selectionStart) === options[index].insert.trim();
  }

  #item({ label, note, face, extra }, index) {
    return h(
      "li",
      { role: "option", id: `${this.element.id}-${index}`, dataset: { index } },
      h("span", { class: "completion-face" }, face),
      h("span", { class: "completion-label" }, label),
      extra,
      h("span", { class: "completion-note" }, note),
    );
  }

  #mark(index) {
    this.#active = index;
    for (const [place, item] of [...this.element.children].entries()) {
      item.setAttribute("aria-selected", String(place === index));
      if (place === index) item.scrollIntoView({ block: "nearest" });
    }
    this.box.setAttribute("aria-activedescendant", `${this.element.id}-${index}`);
  }

  #pressed(event) {
    event.preventDefault(); // the text box keeps the focus
    const item = event.target.closest("[data-index]");
    if (item) this.#choose(Number(item.dataset.index));
  }

  #choose(index) {
    const { start, options } = this.#found;
    this.box.setRangeText(options[index].insert, start, this.box.selectionStart, "end");
    this.close();
    this.changed();
  }
}

let number = 0;
const nextNumber = () => (number += 1);
