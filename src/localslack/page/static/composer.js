// Where messages are written: grows with the text, completes names, never loses a word.
import { Completion } from "./completion.js";
import { h, iconButton } from "./dom.js";
import { pickEmoji } from "./picker.js";

/**
 * @typedef {object} ComposerOptions
 * @property {string} label what it is for: "Message #general"
 * @property {import("./store.js").Store} store
 * @property {(text: string) => Promise<void>} send rejects with what to tell the person
 * @property {(text: string) => void} [changed] called with each change of the text
 * @property {() => void} [editLast] Up in an empty box
 * @property {() => void} [cancel] where there is something to go back to: this edits a message
 */

export class Composer {
  #options;
  #completion;
  #note;
  #send;
  #stop;

  /** @param {ComposerOptions} options */
  constructor(options) {
    this.#options = options;
    this.box = /** @type {HTMLTextAreaElement} */ (
      h("textarea", {
        role: "textbox",
        "aria-multiline": "true",
        rows: "1",
        spellcheck: "true",
        "aria-label": options.label,
        placeholder: options.label,
      })
    );
    this.#completion = new Completion(this.box, options.store, () => this.#typed());
    this.#note = h("div", { class: "composer-note", role: "alert" });
    this.#send = iconButton("send", "Send now", { class: "icon-button send", onclick: () => this.submit() });
    this.#stop = h("button", { type: "button", class: "stop", hidden: true, "data-role": "stop" }, "Stop");
    this.extras = h("div", { class: "composer-extras" });
    this.element = h(
      "div",
      { class: "composer" },
      this.#completion.element,
      h("div", { class: "composer-frame" }, this.#formatting(), this.box, this.#bottom()),
      this.#note,
    );
    this.box.addEventListener("input", () => this.#typed());
    this.box.addEventListener("keydown", (event) => this.#keydown(event));
    this.box.addEventListener("click", () => this.#completion.update());
    this.#fit();
  }

  get text() {
    return this.box.value;
  }

  /** Show another text, without calling it a change. @param {string} text */
  set text(text) {
    this.box.value = text;
    this.#note.replaceChildren();
    this.#fit();
  }

  /** Put a text in, as if it were typed. @param {string} text */
  suggest(text) {
    this.box.value = text;
    this.focus();
    this.#typed();
  }

  /** @param {string} label */
  rename(label) {
    this.box.setAttribute("aria-label", label);
    this.box.placeholder = label;
  }

  /** Let nobody write, and say why; null opens the box again. @param {string | null} reason */
  close(reason) {
    this.element.classList.toggle("closed", reason !== null);
    this.box.disabled = reason !== null;
    this.#note.replaceChildren(reason ?? "");
  }

  focus() {
    this.box.focus();
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  /** Show a Stop button in the place of the other, or no longer. @param {(() => void) | null} stop */
  offerStop(stop) {
    this.#stop.hidden = stop === null;
    this.#stop.onclick = stop;
  }

  async submit() {
    const text = this.box.value.trim();
    if (!text) return;
    if (this.#options.cancel) {
      await this.#trySending(text);
      return;
    }
    this.text = "";
    this.#options.changed?.("");
    if (!(await this.#trySending(text))) {
      this.box.value = this.box.value ? `${text}\n${this.box.value}` : text;
      this.#typed();
    }
  }

  async #trySending(text) {
    const slow = setTimeout(() => this.#note.replaceChildren("Sending…"), 600);
    try {
      await this.#options.send(text);
      this.#note.replaceChildren();
      return true;
    } catch (error) {
      this.#note.replaceChildren(error.message);
      return false;
    } finally {
      clearTimeout(slow);
    }
  }

  #typed() {
    this.#fit();
    this.#completion.update();
    this.#options.changed?.(this.box.value);
  }

  #fit() {
    this.#send.disabled = !this.box.value.trim();
    if (CSS.supports("field-sizing", "content")) return;
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }

  #keydown(event) {
    if (event.isComposing || this.#completion.keydown(event)) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !event.altKey && !this.box.value && this.#options.editLast) {
      event.preventDefault();
      this.#options.editLast();
    } else if (event.key === "Escape" && this.#options.cancel) {
      event.preventDefault();
      event.stopPropagation();
      this.#options.cancel();
    } else if (command && !event.shiftKey && event.key.toLowerCase() in MARKS) {
      event.preventDefault();
      this.#wrap(MARKS[event.key.toLowerCase()]);
    }
  }

  /** Put a mark around what is selected; around nothing, the caret goes between. */
  #wrap(mark) {
    const { selectionStart: start, selectionEnd: end, value } = this.box;
    this.box.focus();
    this.box.setRangeText(`${mark}${value.slice(start, end)}${mark}`, start, end, "select");
    this.box.setSelectionRange(start + mark.length, end + mark.length);
    this.#typed();
  }

  #insert(text) {
    this.box.focus();
    this.box.setRangeText(text, this.box.selectionStart, this.box.selectionEnd, "end");
    this.#typed();
  }

  #formatting() {
    const mark = (name, label, sign) =>
      iconButton(name, label, { onclick: () => this.#wrap(sign), onpointerdown: keepFocus });
    return h(
      "div",
      { class: "composer-formatting", role: "toolbar", "aria-label": "Formatting" },
      mark("bold", "Bold (Ctrl+B)", "*"),
      mark("italic", "Italic (Ctrl+I)", "_"),
      mark("strike", "Strikethrough", "~"),
      mark("code", "Code", "`"),
      mark("codeBlock", "Code block", "\n```\n"),
    );
  }

  #bottom() {
    const buttons = [
      iconButton("smile", "Emoji", {
        onclick: ({ currentTarget }) => pickEmoji(currentTarget, (name) => this.#insert(`:${name}: `)),
      }),
      iconButton("at", "Mention someone", {
        onpointerdown: keepFocus,
        onclick: () => this.#insert(needsSpace(this.box) ? " @" : "@"),
      }),
      this.extras,
      h("span", { class: "spacer" }),
    ];
    const { cancel } = this.#options;
    const last = cancel
      ? [
          h("button", { type: "button", class: "button", onclick: cancel }, "Cancel"),
          h("button", { type: "button", class: "button primary", onclick: () => this.submit() }, "Save"),
        ]
      : [this.#stop, this.#send];
    return h("div", { class: "composer-bottom" }, ...buttons, ...last);
  }
}

/** What Ctrl or Cmd and a letter put around the selection. */
const MARKS = { b: "*", i: "_" };

const keepFocus = (event) => event.preventDefault();

/** Whether an @ typed at the caret would hang on to a word. */
const needsSpace = ({ value, selectionStart }) => /\S$/.test(value.slice(0, selectionStart));
