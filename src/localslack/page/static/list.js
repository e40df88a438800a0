// A list of messages on the page: rows become elements, and only what changed is touched.
import { avatar } from "./avatar.js";
import { day, time } from "./dates.js";
import { h, icon } from "./dom.js";
import { badge, messageElement, messageLabel } from "./message.js";
import { counted, userName } from "./names.js";
import { patch } from "./patch.js";
import { sameRow } from "./rows.js";
import { renderBlocks } from "./render/blocks.js";
import { renderMrkdwn } from "./render/mrkdwn.js";
import { Toolbar } from "./toolbar.js";

/** @typedef {import("./rows.js").Row} Row */

/**
 * @typedef {import("./message.js").MessageView & {
 *   label: string,
 *   actions: import("./actions.js").Actions,
 *   editorOf: (message: import("./types.js").Message) => HTMLElement,
 * }} ListView
 */

export class MessageList {
  /** @type {Map<string, {row: Row, element: HTMLElement}>} */
  #shown = new Map();
  #toolbar;

  /** @param {ListView} view */
  constructor(view) {
    this.view = view;
    this.element = h("div", { class: "messages", role: "feed", "aria-label": view.label });
    this.#toolbar = new Toolbar(view.store, view.actions);
    this.element.addEventListener("click", (event) => this.#clicked(event));
    this.element.addEventListener("pointerover", ({ target }) => this.#toolbar.follow(articleAt(target)));
    this.element.addEventListener("pointerleave", () => this.#toolbar.release());
    this.element.addEventListener("focusin", ({ target }) => this.#focused(articleAt(target)));
  }

  /** @param {string} label */
  rename(label) {
    this.view.label = label;
    this.element.setAttribute("aria-label", label);
  }

  /** Show these rows. @param {Row[]} rows */
  show(rows) {
    const before = this.#shown;
    this.#shown = new Map(rows.map((row) => [row.key, this.#entry(row, before.get(row.key))]));
    for (const [key, { element }] of before) {
      if (this.#shown.get(key)?.element !== element) element.remove();
    }
    let next = this.element.firstElementChild;
    for (const { element } of this.#shown.values()) {
      if (element === next) next = next.nextElementSibling;
      else this.element.insertBefore(element, next);
    }
    this.#keepOneTabStop();
  }

  /** Render all messages anew, whatever they were: a name that is shown has changed. */
  forget() {
    for (const entry of this.#shown.values()) entry.row = { ...entry.row, kind: `${entry.row.kind} before` };
  }

  /** @param {string} ts @returns {HTMLElement | undefined} */
  find(ts) {
    return this.#shown.get(ts)?.element;
  }

  /** Move the focus from one message to another. @param {number} step */
  step(step) {
    const articles = [...this.element.querySelectorAll("article")];
    const current = articles.indexOf(articleAt(document.activeElement));
    const place = current < 0 ? articles.length - 1 : current + step;
    const target = articles[Math.max(0, Math.min(articles.length - 1, place))];
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  }

  /** Focus the message that Tab would reach, the last one unless the reader chose another. */
  focus() {
    this.element.querySelector('article[tabindex="0"]')?.focus();
  }

  #entry(row, known) {
    if (!known) return { row, element: this.#build(row) };
    if (sameRow(known.row, row)) return known;
    // what is being typed outlives a reaction or a reply that comes meanwhile
    if (row.editing && known.row.editing) return { row, element: known.element };
    const isMessage = row.kind === "message" && !row.editing && !known.row.editing;
    if (!isMessage || !known.element.matches("article")) return { row, element: this.#build(row) };
    patch(known.element.firstElementChild, messageElement(row.message, row.follows, this.view));
    known.element.setAttribute("aria-label", messageLabel(row.message, this.view.store));
    return { row, element: known.element };
  }

  /** @param {Row} row @returns {HTMLElement} */
  #build(row) {
    switch (row.kind) {
      case "day":
        return h("div", { class: "day" }, h("span", { class: "day-label" }, day(row.ts)));
      case "new":
        return h("div", { class: "new-line" }, h("span", {}, "New"));
      case "replies":
        return h("div", { class: "replies" }, h("span", {}, counted(row.count, "reply", "replies")));
      case "ephemeral":
        return this.#ephemeral(row.ephemeral);
      case "status":
        return this.#status(row.status);
      default:
        return this.#article(row);
    }
  }

  #article({ message, follows, editing }) {
    return h(
      "article",
      {
        dataset: { ts: message.ts },
        tabindex: "-1",
        "aria-label": messageLabel(message, this.view.store),
        class: editing ? "editing" : null,
      },
      editing ? this.view.editorOf(message) : messageElement(message, follows, this.view),
    );
  }

  #ephemeral(ephemeral) {
    const { store } = this.view;
    const user = store.users.get(ephemeral.user);
    const context = this.view.contextOf(ephemeral);
    const said = ephemeral.blocks.length
      ? renderBlocks(ephemeral.blocks, context)
      : renderMrkdwn(ephemeral.text, context);
    return h(
      "div",
      { class: "ephemeral", dataset: { only: ephemeral.ts } },
      h("div", { class: "ephemeral-note" }, icon("eye"), "Only visible to you"),
      h(
        "div",
        { class: "message" },
        avatar(user),
        h(
          "div",
          { class: "message-main" },
          h(
            "div",
            { class: "message-head" },
            h("span", { class: "author" }, userName(user)),
            badge(user),
            h("span", { class: "time" }, time(ephemeral.ts)),
          ),
          h("div", { class: "message-body" }, said),
          h(
            "button",
            { type: "button", class: "link dismiss", dataset: { act: "dismiss", ts: ephemeral.ts } },
            "Dismiss message",
          ),
        ),
      ),
    );
  }

  #status(status) {
    const { store, inThread } = this.view;
    const user = store.users.get(status.user);
    const line = h("span", { class: "status-text" }, ...statusText(status, user));
    const content = [avatar(user, inThread ? "medium" : "small"), line, dots()];
    if (inThread) return h("div", { class: "status-line" }, ...content);
    return h(
      "div",
      { class: "status-line in-channel" },
      h(
        "button",
        { type: "button", class: "status-open", dataset: { act: "thread", ts: status.thread_ts } },
        ...content,
      ),
    );
  }

  #clicked(event) {
    const control = event.target.closest("[data-act]");
    if (!control || control.closest(".toolbar")) return;
    const ts = control.dataset.ts ?? articleAt(control)?.dataset.ts;
    this.view.actions.perform(control.dataset.act, { ts, control, event });
  }

  #focused(article) {
    if (!article) return;
    this.element.querySelector('article[tabindex="0"]')?.setAttribute("tabindex", "-1");
    article.setAttribute("tabindex", "0");
    this.#toolbar.follow(article);
  }

  #keepOneTabStop() {
    if (this.element.querySelector('article[tabindex="0"]')) return;
    const articles = this.element.querySelectorAll(":scope > article");
    articles[articles.length - 1]?.setAttribute("tabindex", "0");
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
export const articleAt = (target) => (target instanceof Element ? target.closest("article[data-ts]") : null);

/** A name and what its app does, whose own messages take turns where there are some. */
function statusText(status, user) {
  const lines = status.loading_messages ?? [];
  if (!lines.length) return [h("b", {}, userName(user)), " ", h("span", { class: "shimmer" }, status.text)];
  const line = h("span", { class: "shimmer" }, lines[0]);
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    if (line.isConnected) line.textContent = lines[turn % lines.length];
    else clearInterval(timer);
  }, 3_000);
  return [h("b", {}, userName(user)), " ", line];
}

const dots = () => h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
