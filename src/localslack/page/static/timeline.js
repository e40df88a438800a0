// The channel that is open: its newest messages, older ones as the reader scrolls up, what is new.
import { Conversation } from "./conversation.js";
import { compareTs, day } from "./dates.js";
import { h } from "./dom.js";
import { introduction } from "./intro.js";
import { channelTitle } from "./names.js";
import { toast } from "./notice.js";
import { isReply } from "./room.js";
import { rowsOf } from "./rows.js";

const HIGHLIGHT_MS = 4_000;

export class Timeline {
  /** @type {string | null} the ts of the first message that was new when the channel was opened */
  #newFrom = null;
  #isFetching = false;
  #day = h("div", { class: "day-label day-float", "aria-hidden": "true", hidden: true });

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.conversation = new Conversation(app, {
      inThread: false,
      rows: () => this.#rows(),
      messages: () => this.#messages(),
      send: async (text) => {
        await app.api.act("say", { channel: this.channel.id, text });
        await this.#backToEnd();
      },
    });
    this.element = this.conversation.element;
    const { scroller } = this.conversation;
    this.conversation.viewport.after(this.#day);
    this.conversation.viewport.addEventListener("scroll", () => this.#showDay(), { passive: true });
    scroller.addEventListener("near-start", () => this.#older());
    scroller.addEventListener("near-end", () => this.#newer());
    scroller.addEventListener("end", () => this.#read());
    scroller.addEventListener("settled", () => app.keepPlace(scroller.place()));
    scroller.addEventListener("jump", () => this.#backToEnd());
    document.addEventListener("visibilitychange", () => this.#read());
    window.addEventListener("focus", () => this.#read());
  }

  get channel() {
    return this.app.store.channels.get(this.conversation.channel ?? "");
  }

  get #room() {
    return this.app.store.room(this.conversation.channel);
  }

  /**
   * Open a channel at its end, at a place where the reader was, or at a message.
   * @param {string} id
   * @param {{place?: {ts: string, offset: number} | null, highlight?: string | null}} [where]
   */
  async open(id, { place = null, highlight = null } = {}) {
    const { store, api } = this.app;
    const { conversation } = this;
    conversation.show(id, null);
    this.#newFrom = null;
    this.#name();
    const around = highlight ?? place?.ts;
    const room = store.room(id);
    if (!room.isLoaded || (around ? !room.timeline.includes(around) : room.hasNewer)) {
      conversation.viewport.setAttribute("aria-busy", "true");
      const page = await api.messages(id, around ? { around } : {});
      if (conversation.channel !== id) return;
      store.room(id).fill(page);
      conversation.viewport.removeAttribute("aria-busy");
    }
    this.#newFrom = this.#firstUnread();
    conversation.update();
    this.#introduce();
    this.#place(place, highlight);
    if (this.#isSeen() && !this.#room.hasNewer) this.#markRead();
  }

  /** Take in a message of this channel. */
  changed(message, previous) {
    const { conversation } = this;
    if (conversation.scroller.isAtEnd) this.#room.leaveOldest();
    conversation.schedule();
    if (isReply(message) && !message.broadcast) return;
    conversation.tell(message, previous);
    if (previous) return;
    if (message.user === this.app.store.me.id) return;
    if (!this.#isWatched()) this.#newFrom ??= message.ts;
    conversation.scroller.noteNew();
    this.#read();
  }

  /** Names, topic or membership of this channel have changed. */
  renew() {
    this.#name();
    this.conversation.schedule();
    this.#read();
  }

  /** Show the highlight on a message that a link led to. @param {string} ts */
  highlight(ts) {
    const element = this.conversation.list.find(ts);
    if (!element) {
      toast("That message is gone.");
      return;
    }
    element.scrollIntoView({ block: "center" });
    element.classList.add("highlight");
    element.focus({ preventScroll: true });
    setTimeout(() => element.classList.remove("highlight"), HIGHLIGHT_MS);
  }

  #messages() {
    const room = this.#room;
    return room.timeline.map((ts) => room.messages.get(ts));
  }

  #rows() {
    return rowsOf({
      messages: this.#messages(),
      ephemerals: [...this.#room.ephemerals.values()].filter(({ thread_ts: thread }) => !thread),
      statuses: this.app.store.statuses(this.conversation.channel),
      newFrom: this.#newFrom,
      editing: this.conversation.editing,
    });
  }

  #name() {
    const { store } = this.app;
    if (!this.channel) return;
    const title = channelTitle(store, this.channel);
    this.conversation.list.rename(`Messages in ${title}`);
    this.conversation.composer.rename(`Message ${title}`);
    this.conversation.composer.close(
      this.channel.archived ? "This channel is archived: it can be read, but nobody can write in it." : null,
    );
  }

  #place(place, highlight) {
    const { scroller } = this.conversation;
    if (highlight) {
      scroller.isAtEnd = false;
      this.highlight(highlight);
    } else if (!place || !scroller.restore(place)) {
      const line = this.conversation.list.element.querySelector(".new-line");
      scroller.toEnd();
      const top = line ? line.offsetTop - 80 : Infinity;
      if (top < this.conversation.viewport.scrollTop) {
        scroller.isAtEnd = false;
        this.conversation.viewport.scrollTop = top;
      }
    }
    this.#offerEnd();
  }

  #firstUnread() {
    const { channel } = this;
    const isNew = (ts) => compareTs(ts, channel.last_read) > 0;
    if (!channel?.unread) return null;
    const { hasOlder, timeline } = this.#room;
    if (hasOlder && isNew(timeline[0])) return null; // where it began is not loaded
    const first = this.#messages().find(({ ts, user }) => isNew(ts) && user !== this.app.store.me.id);
    return first?.ts ?? null;
  }

  #isSeen() {
    return document.visibilityState === "visible" && document.hasFocus() && !this.element.hidden;
  }

  #isWatched() {
    return this.#isSeen() && this.conversation.scroller.isAtEnd;
  }

  /** Note that everything was read, where the end is in sight of someone. */
  #read() {
    if (this.#isWatched() && !this.#room.hasNewer && this.#room.isLoaded) this.#markRead();
  }

  #markRead() {
    const { channel } = this;
    if (channel?.unread || channel?.mentions) this.app.read(channel);
  }

  /** Say which day the first message in sight is of, where its divider is not in sight. */
  #showDay() {
    const { viewport } = this.conversation;
    const { left, top } = viewport.getBoundingClientRect();
    const first = document.elementFromPoint(left + 30, top + 30)?.closest("[data-ts]");
    this.#day.hidden = !first || viewport.scrollTop === 0;
    if (first) this.#day.textContent = day(first.dataset.ts);
  }

  async #older() {
    const room = this.#room;
    const [before] = room.timeline;
    if (!room.hasOlder || !before) return;
    await this.#fetch({ before }, (page) => room.addOlder(page));
    this.#introduce();
    this.#offerEnd();
  }

  async #newer() {
    const room = this.#room;
    const after = room.timeline.at(-1);
    if (!room.hasNewer || !after) return;
    await this.#fetch({ after }, (page) => room.addNewer(page));
    this.#introduce();
  }

  async #fetch(place, add) {
    const { channel } = this.conversation;
    if (this.#isFetching) return;
    this.#isFetching = true;
    try {
      const page = await this.app.api.messages(channel, place);
      add(page);
      if (this.conversation.channel !== channel) return;
      const { scroller } = this.conversation;
      if ("after" in place) scroller.isAtEnd = false;
      scroller.keeping(() => this.conversation.update());
    } catch (error) {
      toast(error.message);
    } finally {
      this.#isFetching = false;
    }
  }

  #offerEnd() {
    const { scroller } = this.conversation;
    if (this.#room.hasNewer) scroller.showPill("Jump to the latest messages");
  }

  async #backToEnd() {
    const { id } = this.channel;
    if (this.#room.hasNewer) {
      this.#room.isLoaded = false;
      await this.open(id);
    } else {
      this.conversation.update();
      this.conversation.scroller.toEnd();
    }
  }

  /** What stands above the first message, and tells someone who is new here what to do. */
  #introduce() {
    const { store } = this.app;
    const { intro } = this.conversation;
    if (this.#room.hasOlder || !this.channel) {
      intro.replaceChildren();
      return;
    }
    intro.replaceChildren(...introduction(store, this.channel));
  }
}
