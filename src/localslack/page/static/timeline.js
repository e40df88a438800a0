// The channel that is open: its newest messages, and older ones as the reader scrolls up.
import { Conversation } from "./conversation.js";
import { compareTs } from "./dates.js";
import { dayLabel } from "./day_label.js";
import { introduction } from "./intro.js";
import { channelTitle } from "./names.js";
import { toast } from "./notice.js";
import { Prompt } from "./prompt.js";
import { Reading } from "./reading.js";
import { isReply } from "./room.js";
import { rowsOf } from "./rows.js";

const HIGHLIGHT_MS = 4_000;

export class Timeline {
  #isFetching = false;
  #prompt;
  #reading;

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.conversation = new Conversation(app, {
      inThread: false,
      isLoaded: () => this.#room.isLoaded,
      rows: () => this.#rows(),
      messages: () => this.#messages(),
      send: async (text) => {
        await app.api.act("say", { channel: this.channel.id, text });
        this.#prompt.retire();
        await this.#backToEnd();
      },
    });
    this.element = this.conversation.element;
    const { composer, scroller, viewport } = this.conversation;
    viewport.after(dayLabel(viewport));
    this.#prompt = new Prompt(app.store, composer);
    composer.element.before(this.#prompt.element);
    this.#reading = new Reading(app, this.conversation);
    scroller.addEventListener("near-start", () => this.#older());
    scroller.addEventListener("near-end", () => this.#newer());
    // for a reload, and for whoever comes back
    scroller.addEventListener("settled", () => history.replaceState({ place: scroller.place() }, ""));
    scroller.addEventListener("jump", () => this.#jump());
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
   * @param {{place?: import("./scroller.js").Place | null, highlight?: string | null}} [where]
   */
  async open(id, { place = null, highlight = null } = {}) {
    const { store, api } = this.app;
    const { conversation } = this;
    conversation.show(id, null);
    this.#reading.newFrom = null;
    this.#name();
    const around = highlight ?? place?.ts;
    const room = store.room(id);
    if (!room.isLoaded || (around ? !room.timeline.includes(around) : room.hasNewer)) {
      await store.fetched(id, api.messages(id, around ? { around } : {}), (page) => {
        if (conversation.channel === id) store.room(id).fill(page);
      });
      if (conversation.channel !== id) return;
    }
    this.#reading.begin();
    conversation.update();
    this.#introduce();
    this.#place(place, highlight);
    this.#reading.opened();
  }

  /** Take in a message of this channel. */
  changed(message, previous) {
    const { conversation } = this;
    if (conversation.scroller.isAtEnd) this.#room.leaveOldest();
    conversation.schedule();
    if (isReply(message) && !message.broadcast) return;
    // a root that is not loaded is sent when a reply to it comes, and is no news
    if (!previous && compareTs(message.ts, this.#room.timeline.at(-1) ?? "0") < 0) return;
    conversation.tell(message, previous);
    if (previous || message.user === this.app.store.me.id) return;
    this.#reading.came(message);
    conversation.scroller.noteNew();
  }

  /** Names, topic or membership of this channel have changed. */
  renew() {
    this.#name();
    this.conversation.schedule();
    this.#reading.note();
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
      newFrom: this.#reading.newFrom,
      editing: this.conversation.editing,
    });
  }

  #name() {
    const { store } = this.app;
    if (!this.channel) return;
    this.#prompt.show(this.channel);
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
      const { api, store } = this.app;
      await store.fetched(channel, api.messages(channel, place), add);
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

  async #jump() {
    try {
      await this.#backToEnd();
    } catch (error) {
      toast(error.message);
    }
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
