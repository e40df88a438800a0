// A list of messages with its scrolling and its composer: what a channel and a thread have in common.
import { Actions } from "./actions.js";
import { announce } from "./notice.js";
import { Composer } from "./composer.js";
import { draft, keepDraft } from "./drafts.js";
import { h } from "./dom.js";
import { MessageList } from "./list.js";
import { userName } from "./names.js";
import { oneLine, typed } from "./plain.js";
import { Scroller } from "./scroller.js";

/**
 * @typedef {object} ConversationOptions
 * @property {boolean} inThread
 * @property {() => boolean} isLoaded whether what is shown is known; after a lost connection it is not
 * @property {() => import("./rows.js").Row[]} rows
 * @property {() => import("./types.js").Message[]} messages those that are shown, the oldest first
 * @property {(text: string) => Promise<void>} send
 */

export class Conversation {
  /** @type {string | null} */
  channel = null;
  /** @type {string | null} the root, where this is a thread */
  thread = null;
  /** @type {string | null} the ts of the message that is being edited */
  editing = null;
  #scheduled = false;

  /** @param {import("./app.js").App} app @param {ConversationOptions} options */
  constructor(app, options) {
    this.app = app;
    this.options = options;
    const { store } = app;
    this.actions = new Actions(app, () => this.channel, {
      inThread: options.inThread,
      edit: (ts) => this.edit(ts),
    });
    this.list = new MessageList({
      store,
      inThread: options.inThread,
      label: "",
      contextOf: app.contexts.ofMessage,
      actions: this.actions,
      editorOf: (message) => this.#editor(message),
    });
    this.intro = h("div", { class: "intro" });
    this.content = h("div", { class: "viewport-content" }, this.intro, this.list.element);
    this.viewport = h("div", { class: "viewport" }, this.content);
    this.scroller = new Scroller(this.viewport, this.content);
    this.composer = new Composer({
      label: "",
      store,
      send: options.send,
      changed: (text) => keepDraft(store.me.id, this.channel, this.thread, text),
      editLast: () => this.#editLast(),
    });
    this.element = h(
      "div",
      { class: "conversation" },
      h("div", { class: "viewport-frame" }, this.viewport, this.scroller.pill),
      this.composer.element,
    );
  }

  /** Show another channel or thread. @param {string} channel @param {string | null} thread */
  show(channel, thread) {
    if (this.channel === channel && this.thread === thread) return;
    this.channel = channel;
    this.thread = thread;
    this.editing = null;
    this.scroller.isAtEnd = true;
    this.scroller.hidePill();
    this.list.show([]);
    this.intro.replaceChildren();
    this.composer.text = draft(this.app.store.me.id, channel, thread);
  }

  /** Show what is new with the next frame; many changes are one then. */
  schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      if (this.channel && this.options.isLoaded()) this.update();
    });
  }

  /** Show what is new now. */
  update() {
    this.list.show(this.options.rows());
    this.scroller.follow();
  }

  /**
   * Say a message to those who listen, once it is whole.
   * @param {import("./types.js").Message} message
   * @param {import("./types.js").Message | undefined} previous
   */
  tell(message, previous) {
    const { store } = this.app;
    const isWhole = !message.streaming && (!previous || previous.streaming);
    if (!isWhole || message.user === store.me.id || message.subtype === "tombstone") return;
    const name = userName(store.users.get(message.user));
    announce(`${name}: ${oneLine(message, store.users, store.channels, 500)}`);
  }

  /** Begin to edit a message, or (null) end it. @param {string | null} ts */
  edit(ts) {
    const before = this.editing;
    this.editing = ts;
    this.update();
    if (ts) this.list.find(ts)?.querySelector("textarea")?.focus();
    else if (before) this.composer.focus();
  }

  #editLast() {
    const mine = this.options
      .messages()
      .findLast(({ user, subtype }) => user === this.app.store.me.id && subtype !== "tombstone");
    if (mine) this.edit(mine.ts);
  }

  #editor(message) {
    const { store, api } = this.app;
    const composer = new Composer({
      label: "Edit message",
      store,
      cancel: () => this.edit(null),
      send: async (text) => {
        await api.act("edit", { channel: message.channel, ts: message.ts, text });
        this.edit(null);
      },
    });
    composer.text = typed(message.text, store.users, store.channels);
    queueMicrotask(() => composer.focus());
    return composer.element;
  }
}
