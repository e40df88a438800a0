// An app's Home tab: the view that it published for this person.
import { h } from "./dom.js";
import { userName } from "./names.js";
import { toast } from "./notice.js";
import { renderBlocks } from "./render/blocks.js";

export class Home {
  /** @type {import("./types.js").User | null} */
  #user = null;
  #choices = new Map();

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.content = h("div", { class: "home-content rendered" });
    this.element = h(
      "section",
      { class: "home", "aria-label": "Home", tabindex: "-1", hidden: true },
      this.content,
    );
  }

  /** @param {import("./types.js").User} user the app's bot user */
  async open(user) {
    this.#user = user;
    this.element.hidden = false;
    this.content.replaceChildren();
    await this.#fetch();
  }

  close() {
    this.#user = null;
    this.element.hidden = true;
  }

  /** The view of an app has changed. @param {string} app its id */
  async changed(app) {
    if (this.#user?.app_id !== app) return;
    try {
      await this.#fetch();
    } catch (error) {
      toast(error.message);
    }
  }

  async #fetch() {
    const user = this.#user;
    const { view } = await this.app.api.home(user.app_id);
    if (this.#user !== user) return;
    this.content.replaceChildren(
      view?.blocks?.length ? renderBlocks(view.blocks, this.#context(view)) : empty(user),
    );
  }

  #context(view) {
    return this.app.contexts.of({ view_id: view.id }, this.#choices);
  }
}

const empty = (user) =>
  h(
    "div",
    { class: "intro" },
    h("h2", {}, `${userName(user)} has not put anything here yet`),
    h("p", {}, "Talk to it under Messages. An app fills its Home with views.publish."),
  );
