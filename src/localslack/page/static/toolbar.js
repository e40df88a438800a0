// The buttons that float over the message under the pointer or the focus; one for a whole list.
import { h, iconButton } from "./dom.js";

export class Toolbar {
  /** @type {HTMLElement | null} */
  #article = null;

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./actions.js").Actions} actions
   */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    this.element = h("div", { class: "toolbar", role: "toolbar", "aria-label": "Message actions" });
    this.element.addEventListener("click", (event) => {
      const control = event.target.closest("[data-act]");
      const ts = this.#article?.dataset.ts;
      if (control && ts) actions.perform(control.dataset.act, { ts, control, event });
    });
  }

  /** @param {HTMLElement | null} article */
  follow(article) {
    if (!article || article === this.#article) return;
    if (article.classList.contains("editing")) return;
    const message = this.actions.message(article.dataset.ts);
    if (!message || message.subtype === "tombstone") return;
    this.#article = article;
    this.element.replaceChildren(...this.#buttons(message));
    article.append(this.element);
  }

  /** The pointer has left: the toolbar stays only where the focus is, or will come back to. */
  release() {
    const { activeElement } = document;
    if (this.#article?.contains(activeElement) || activeElement?.closest("dialog, .popover")) return;
    this.element.remove();
    this.#article = null;
  }

  #buttons(message) {
    const isMine = message.user === this.store.me.id;
    const quick = ["white_check_mark", "eyes", "raised_hands"].map((name) =>
      h(
        "button",
        {
          type: "button",
          class: "icon-button quick",
          "aria-label": `React with :${name}:`,
          "data-tip": `:${name}:`,
          dataset: { act: "react", name },
        },
        this.actions.glyph(name),
      ),
    );
    return [
      ...quick,
      iconButton("react", "Find another reaction", { dataset: { act: "pick" } }),
      this.actions.inThread ? null : iconButton("reply", "Reply in thread", { dataset: { act: "thread" } }),
      iconButton("link", "Copy link", { dataset: { act: "copy" } }),
      isMine ? iconButton("edit", "Edit message", { dataset: { act: "edit" } }) : null,
      isMine ? iconButton("trash", "Delete message", { dataset: { act: "delete" } }) : null,
    ].filter(Boolean);
  }
}
