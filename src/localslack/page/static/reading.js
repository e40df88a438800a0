// What the reader has seen of the channel that is open: where "New" stands, and the mark on the server.
import { compareTs } from "./dates.js";

export class Reading {
  /** @type {string | null} the ts of the first message that was new when the channel was opened */
  newFrom = null;
  /** @type {Map<string, string>} what the server was told last, by channel */
  #marked = new Map();

  /**
   * @param {import("./app.js").App} app
   * @param {import("./conversation.js").Conversation} conversation
   */
  constructor(app, conversation) {
    this.app = app;
    this.conversation = conversation;
    conversation.scroller.addEventListener("end", () => this.note());
    document.addEventListener("visibilitychange", () => this.note());
    window.addEventListener("focus", () => this.note());
  }

  get #channel() {
    return this.app.store.channels.get(this.conversation.channel ?? "");
  }

  get #room() {
    return this.app.store.room(this.conversation.channel);
  }

  get #isSeen() {
    const { hidden } = this.conversation.element;
    return document.visibilityState === "visible" && document.hasFocus() && !hidden;
  }

  get #isWatched() {
    return this.#isSeen && this.conversation.scroller.isAtEnd;
  }

  /** Begin with a channel whose messages were just loaded. */
  begin() {
    this.newFrom = this.#firstUnread();
  }

  /** Who sees a channel open at its first new message has seen what there is. */
  opened() {
    if (this.#isSeen && !this.#room.hasNewer) this.#mark();
  }

  /** A message of someone else has come. @param {import("./types.js").Message} message */
  came(message) {
    if (!this.#isWatched) this.newFrom ??= message.ts;
    this.note();
  }

  /** Note that everything was read, where the end is in sight of someone. */
  note() {
    if (this.#isWatched && this.#room.isLoaded && !this.#room.hasNewer) this.#mark();
  }

  #firstUnread() {
    const { store } = this.app;
    const channel = this.#channel;
    if (!channel?.unread) return null;
    const { hasOlder, messages, timeline } = this.#room;
    const isNew = (ts) => compareTs(ts, channel.last_read) > 0;
    if (hasOlder && isNew(timeline[0])) return null; // where it began is not loaded
    return timeline.find((ts) => isNew(ts) && messages.get(ts).user !== store.me.id) ?? null;
  }

  async #mark() {
    const { id, latest, mentions, unread } = this.#channel ?? {};
    if (!latest || !(unread || mentions) || this.#marked.get(id) === latest) return;
    this.#marked.set(id, latest);
    try {
      await this.app.api.act("read", { channel: id, ts: latest });
    } catch {
      this.#marked.delete(id); // the next look tries again
    }
  }
}
