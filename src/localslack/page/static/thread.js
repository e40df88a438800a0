// The panel at the right: one thread, what bots are doing in it, and a box to reply.
import { Conversation } from "./conversation.js";
import { h, iconButton } from "./dom.js";
import { channelTitle, listed, userName } from "./names.js";
import { rootOf } from "./room.js";
import { rowsOf } from "./rows.js";

const WIDTH_KEY = "localslack:thread-width";
const [NARROWEST, WIDEST, STEP] = [320, 900, 24];

export class Thread {
  #where;
  #broadcast;
  #broadcastLabel;
  #doing;
  #handle;

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.conversation = new Conversation(app, {
      inThread: true,
      isLoaded: () => app.store.room(this.conversation.channel).threads.has(this.root),
      rows: () => this.#rows(),
      messages: () => this.#messages(),
      send: (text) => this.#send(text),
    });
    this.#where = h("button", { type: "button", class: "thread-where", onclick: () => this.#showRoot() });
    this.#broadcast = h("input", { type: "checkbox" });
    this.#broadcastLabel = h("span");
    this.conversation.composer.extras.append(
      h("label", { class: "broadcast" }, this.#broadcast, this.#broadcastLabel),
    );
    this.#doing = h("div", { class: "composer-status", role: "status" });
    this.conversation.element.append(this.#doing);
    this.#handle = this.#makeHandle();
    this.element = h(
      "aside",
      { class: "thread-panel", "aria-label": "Thread", hidden: true },
      this.#handle,
      h(
        "header",
        { class: "thread-head" },
        h("h2", {}, "Thread"),
        this.#where,
        iconButton("close", "Close thread", { onclick: () => app.navigation.closeThread() }),
      ),
      this.conversation.element,
    );
    const kept = Number(localStorage.getItem(WIDTH_KEY));
    if (kept) this.#resize(kept);
    this.conversation.scroller.addEventListener("jump", () => this.conversation.scroller.toEnd());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  get root() {
    return this.conversation.thread;
  }

  /**
   * Open a thread at its newest message, or at the one to point out; one that is open keeps its place.
   * @param {string} channel
   * @param {string} root
   * @param {{highlight?: string | null}} [options]
   */
  async open(channel, root, { highlight = null } = {}) {
    const { store, api } = this.app;
    const { conversation } = this;
    const { scroller } = conversation;
    const isOpenAlready = conversation.channel === channel && conversation.thread === root;
    conversation.show(channel, root);
    this.#name();
    this.element.hidden = false;
    if (!store.room(channel).threads.has(root)) {
      await store.fetched(channel, api.thread(channel, root), (page) =>
        store.room(channel).fillThread(root, page),
      );
    }
    if (conversation.channel !== channel || conversation.thread !== root) return;
    if (isOpenAlready) scroller.keeping(() => this.update());
    else this.update();
    if (highlight) this.#highlight(highlight);
    else if (!isOpenAlready) scroller.toNewest();
  }

  close() {
    this.element.hidden = true;
    this.conversation.channel = null;
    this.conversation.thread = null;
  }

  /** @param {import("./types.js").Message} message */
  shows(message) {
    return this.isOpen && message.channel === this.conversation.channel && rootOf(message) === this.root;
  }

  changed(message, previous) {
    if (message.ts !== this.root) {
      this.conversation.tell(message, previous);
      if (!previous && message.user !== this.app.store.me.id) this.conversation.scroller.noteNew();
    }
    this.schedule();
  }

  schedule() {
    this.conversation.schedule();
    this.#showDoing();
  }

  update() {
    this.conversation.update();
    this.#showDoing();
  }

  #messages() {
    const room = this.app.store.room(this.conversation.channel);
    return (room.threads.get(this.root) ?? []).map((ts) => room.messages.get(ts)).filter(Boolean);
  }

  get #statuses() {
    const { store } = this.app;
    return store.statuses(this.conversation.channel).filter(({ thread_ts: root }) => root === this.root);
  }

  #rows() {
    const { ephemerals } = this.app.store.room(this.conversation.channel);
    return rowsOf({
      messages: this.#messages(),
      ephemerals: [...ephemerals.values()].filter(({ thread_ts: root }) => root === this.root),
      statuses: this.#statuses,
      editing: this.conversation.editing,
      root: this.root,
    });
  }

  #name() {
    const { store } = this.app;
    const channel = store.channels.get(this.conversation.channel);
    const title = channel ? channelTitle(store, channel) : "";
    this.#where.textContent = title;
    this.element.setAttribute("aria-label", `Thread in ${title}`);
    this.conversation.list.rename(`Thread in ${title}`);
    this.conversation.composer.rename("Reply…");
    this.conversation.composer.close(channel?.archived ? "This channel is archived." : null);
    this.#broadcast.checked = false;
    this.#broadcastLabel.textContent = `Also send to ${title}`;
  }

  async #send(text) {
    const broadcast = this.#broadcast.checked;
    this.#broadcast.checked = false;
    await this.app.api.act("say", {
      channel: this.conversation.channel,
      text,
      thread_ts: this.root,
      broadcast,
    });
    this.conversation.scroller.toEnd();
  }

  /** What goes on in the thread: the line under the composer, and Stop while an answer is written. */
  #showDoing() {
    const { act, store } = this.app;
    const { channel, thread } = this.conversation;
    if (!channel) return;
    const doing = this.#statuses.map(({ user, text }) => `${userName(store.users.get(user))} ${text}`);
    const shown = listed(doing);
    if (this.#doing.textContent !== shown) this.#doing.textContent = shown;
    const isStreaming = this.#messages().some((message) => message.streaming);
    const stop = () => act("stop", { channel, thread_ts: thread });
    this.conversation.composer.offerStop(isStreaming ? stop : null);
  }

  #highlight(ts) {
    const element = this.conversation.list.find(ts);
    if (!element) return;
    this.conversation.scroller.isAtEnd = false;
    element.scrollIntoView({ block: "center" });
    element.classList.add("highlight");
    element.focus({ preventScroll: true });
  }

  #showRoot() {
    const message = this.app.store.room(this.conversation.channel).messages.get(this.root);
    if (message) this.app.navigation.visit(message);
  }

  /** The edge that is drawn to make the panel wider, or moved with the arrow keys. */
  #makeHandle() {
    const handle = h("div", {
      class: "thread-handle",
      role: "separator",
      tabindex: "0",
      "aria-orientation": "vertical",
      "aria-label": "Width of the thread",
      "aria-valuemin": NARROWEST,
      "aria-valuemax": WIDEST,
      "aria-valuenow": 400,
    });
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      handle.onpointermove = ({ clientX }) =>
        this.#resize(this.element.getBoundingClientRect().right - clientX);
    });
    handle.addEventListener("lostpointercapture", () => (handle.onpointermove = null));
    handle.addEventListener("keydown", ({ key }) => {
      const step = { ArrowLeft: STEP, ArrowRight: -STEP }[key];
      if (step) this.#resize(this.element.offsetWidth + step);
    });
    return handle;
  }

  #resize(width) {
    const fitting = Math.round(Math.max(NARROWEST, Math.min(width, WIDEST)));
    this.app.layout.style.setProperty("--thread-width", `${fitting}px`);
    localStorage.setItem(WIDTH_KEY, String(fitting));
    this.#handle.setAttribute("aria-valuenow", String(fitting));
  }
}
