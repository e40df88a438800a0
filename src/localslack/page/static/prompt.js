// A message to begin with, for someone who has not said anything yet: one press puts it into the box.
import { h } from "./dom.js";

const KEY = "localslack:has-spoken";

export class Prompt {
  #offer;

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./composer.js").Composer} composer the box that it is put into
   */
  constructor(store, composer) {
    this.store = store;
    this.#offer = h("button", {
      type: "button",
      class: "prompt-text",
      onclick: () => composer.suggest(store.prompt),
    });
    this.element = h("div", { class: "prompt", hidden: true }, h("span", {}, "Try asking"), this.#offer);
  }

  /** @param {import("./types.js").Channel} channel the one that is open */
  show(channel) {
    const hasSpoken = sessionStorage.getItem(KEY) !== null;
    this.element.hidden = !this.store.prompt || hasSpoken || channel.kind === "im" || channel.archived;
    this.#offer.textContent = this.store.prompt;
  }

  /** Something was said: there is no need for it any more. */
  retire() {
    sessionStorage.setItem(KEY, "yes");
    this.element.hidden = true;
  }
}
