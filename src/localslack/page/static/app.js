// The page: puts its parts together, and knows where the reader is.
import { h } from "./dom.js";
import { channelHeader } from "./header.js";
import { Home } from "./home.js";
import { watchKeys } from "./keys.js";
import { channelTitle } from "./names.js";
import { toast } from "./notice.js";
import { isReply } from "./room.js";
import { forgetSeat, keepSeat, readRoute, writeRoute } from "./route.js";
import { Sidebar } from "./sidebar.js";
import { api, fetchState, live, store } from "./start.js";
import { openSwitcher } from "./switcher.js";
import { Thread } from "./thread.js";
import { Timeline } from "./timeline.js";
import { watchTooltips } from "./tooltip.js";

/** @typedef {import("./route.js").Route} Route */

export class App {
  store = store;
  api = api;
  layout = document.getElementById("app");
  /** @type {Route} */
  route = readRoute(location);
  /** @type {Map<string, Map<string, any>>} what was chosen in a message's controls, by its ts */
  #choices = new Map();
  #marked = new Map();

  constructor() {
    const main = document.getElementById("main");
    this.sidebar = new Sidebar(this, document.getElementById("sidebar"));
    this.head = h("div", { class: "head" });
    this.timeline = new Timeline(this);
    this.home = new Home(this);
    this.thread = new Thread(this);
    this.connecting = document.getElementById("connecting");
    main.replaceChildren(this.head, this.connecting, this.timeline.element, this.home.element);
    main.after(this.thread.element);
    document.getElementById("jump").addEventListener("click", () => openSwitcher(this));
    document.getElementById("backdrop").addEventListener("click", () => this.toggleDrawer());
    document.getElementById("skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.timeline.conversation.composer.focus();
    });
    this.#follow();
    watchKeys(this);
    watchTooltips();
    if (live.isUp) this.#refresh();
  }

  /** @returns {import("./conversation.js").Conversation[]} the channel's, and the thread's where one is open */
  get conversations() {
    return [this.timeline.conversation, ...(this.thread.isOpen ? [this.thread.conversation] : [])];
  }

  get isDrawerOpen() {
    return this.layout.classList.contains("drawer");
  }

  /** What the renderers of a message take along. @param {{channel: string, ts: string}} message */
  contextOf = (message) => {
    const isEphemeral = !("reactions" in message);
    const where = { channel: message.channel, [isEphemeral ? "ephemeral_ts" : "ts"]: message.ts };
    const key = `${message.channel}/${message.ts}`;
    if (!this.#choices.has(key)) this.#choices.set(key, new Map());
    return this.context(where, this.#choices.get(key));
  };

  /** @param {Record<string, string>} where what a press is in @param {Map<string, any>} choices */
  context(where, choices) {
    const { users, channels, me } = this.store;
    return {
      users,
      channels,
      me,
      choices,
      press: (_, { blockId, actionId, action }) =>
        this.#do("press", { ...where, block_id: blockId, action_id: actionId, action }),
      openUser: (id) => this.openUser(id),
      openChannel: (id) => this.openChannel(id),
    };
  }

  /** @param {string} id */
  openChannel(id) {
    this.#go({ channel: id, thread: null, home: false, highlight: null });
  }

  /** @param {string} id */
  async openUser(id) {
    if (id === this.store.me.id) return;
    const answer = await this.#do("open_dm", { user: id });
    if (!answer) return;
    this.store.putChannel(answer.channel);
    this.openChannel(answer.channel.id);
  }

  /** @param {boolean} home @param {{focus?: boolean}} [options] */
  openTab(home, { focus = false } = {}) {
    this.#go({ ...this.route, home, thread: home ? null : this.route.thread });
    if (focus) this.head.querySelector('[aria-selected="true"]')?.focus();
  }

  /** @param {string} channel @param {string} root */
  async openThread(channel, root) {
    await this.#go({ channel, thread: root, home: false, highlight: null });
    this.thread.conversation.composer.focus();
  }

  closeThread() {
    const root = this.thread.root;
    const hadFocus = this.thread.element.contains(document.activeElement);
    this.#go({ ...this.route, thread: null });
    if (hadFocus) (this.timeline.conversation.list.find(root) ?? this.timeline.conversation.composer).focus();
  }

  /** Go to a message and point it out. @param {import("./types.js").Message} message */
  visit(message) {
    const thread = isReply(message) ? message.thread_ts : null;
    this.#go({ channel: message.channel, thread, home: false, highlight: message.ts });
  }

  /** The conversation above (-1) or below (1) in the sidebar. @param {number} step */
  stepChannel(step) {
    const items = this.sidebar.items().filter((item) => item.dataset.channelId);
    const place = items.findIndex((item) => item.dataset.channelId === this.route.channel);
    const next = items[place + step];
    if (next) this.openChannel(next.dataset.channelId);
  }

  /** Tell the server that a channel was read to its end. @param {import("./types.js").Channel} channel */
  read(channel) {
    if (!channel.latest || this.#marked.get(channel.id) === channel.latest) return;
    this.#marked.set(channel.id, channel.latest);
    this.api
      .act("read", { channel: channel.id, ts: channel.latest })
      .catch(() => this.#marked.delete(channel.id));
  }

  /** Remember for a reload what the reader looks at. @param {{ts: string, offset: number} | null} place */
  keepPlace(place) {
    history.replaceState({ place }, "");
  }

  toggleDrawer() {
    this.layout.classList.toggle("drawer");
    if (this.isDrawerOpen) this.sidebar.focus();
  }

  #follow() {
    live.addEventListener("up", () => this.#refresh());
    live.addEventListener("down", () => this.#lost());
    store.addEventListener("message", ({ detail }) => this.#message(detail));
    store.addEventListener("removed", () => this.#schedule());
    store.addEventListener("status", () => this.#schedule());
    store.addEventListener("ephemeral", () => this.#schedule());
    store.addEventListener("channels", () => this.#channels());
    store.addEventListener("users", () => this.#users());
    store.addEventListener("home", ({ detail }) => this.home.changed(detail.app));
    window.addEventListener("popstate", () => this.#show(readRoute(location), history.state?.place));
  }

  /** Fetch everything anew, at the start and whenever the connection is back. */
  async #refresh() {
    try {
      const state = await fetchState();
      this.api.seat = state.me.name;
      keepSeat(state.me.name);
      this.store.reset(state);
      this.layout.inert = false;
      const place = this.timeline.conversation.channel
        ? this.timeline.conversation.scroller.place()
        : history.state?.place;
      await this.#show(this.route, place);
      this.connecting.hidden = live.isUp;
    } catch (error) {
      this.#failed(error);
    }
  }

  #lost() {
    this.connecting.hidden = false;
    // there may be nobody of that name, which a socket that is refused does not tell
    if (!this.store.me) this.#refresh();
  }

  #failed(error) {
    if (error.code !== "user_not_found") {
      toast(error.message);
      return;
    }
    forgetSeat();
    this.layout.inert = false;
    document
      .getElementById("main")
      .replaceChildren(
        h(
          "div",
          { class: "intro" },
          h("h2", {}, "There is nobody of that name here"),
          h("p", {}, h("a", { href: "/" }, "Go on as someone else")),
        ),
      );
  }

  /** Go somewhere else, and make it something to come back from. @param {Route} route */
  #go(route) {
    const address = writeRoute(route, this.api.seat);
    if (!location.href.endsWith(address)) history.pushState(null, "", address);
    return this.#show(route);
  }

  /** @param {Route} wanted @param {{ts: string, offset: number} | null} [place] */
  async #show(wanted, place = null) {
    const route = this.store.channels.has(wanted.channel)
      ? wanted
      : { ...wanted, channel: this.#firstChannel(), thread: null, highlight: null };
    if (wanted.channel && route.channel !== wanted.channel)
      toast("That conversation does not exist, or you are not in it.");
    const isElsewhere = this.timeline.conversation.channel !== route.channel;
    this.route = { ...route, highlight: null };
    history.replaceState(history.state, "", writeRoute(route, this.api.seat));
    this.layout.classList.remove("drawer");
    if (!route.channel) return;
    this.#channels();
    if (!route.thread) this.thread.close();
    try {
      await Promise.all([
        this.#showTab(route, isElsewhere, place),
        route.thread && this.thread.open(route.channel, route.thread, route),
      ]);
    } catch (error) {
      toast(error.message);
    }
  }

  async #showTab(route, isElsewhere, place) {
    const channel = this.store.channels.get(route.channel);
    const other = this.store.users.get(channel.with ?? "");
    this.timeline.element.hidden = route.home;
    if (route.home && other?.app_id) {
      await this.home.open(other);
      return;
    }
    this.home.close();
    const needsLoading = !this.store.room(route.channel).isLoaded;
    if (!isElsewhere && !needsLoading && !route.highlight) return;
    // a reply that a link led to is shown in its thread, with the root in the channel
    const highlight = route.thread ? null : route.highlight;
    const around = route.thread && route.highlight ? { ts: route.thread, offset: 80 } : place;
    if (isElsewhere && other?.app_id) this.#do("dm_opened", { channel: channel.id });
    await this.timeline.open(route.channel, { place: around, highlight });
    if (isElsewhere && !highlight && !route.thread) this.timeline.conversation.composer.focus();
  }

  #firstChannel() {
    const channels = [...this.store.channels.values()].filter(({ archived }) => !archived);
    const general = channels.find(({ name }) => name === "general");
    return (general ?? channels.find(({ kind }) => kind !== "im") ?? channels[0])?.id ?? null;
  }

  #message({ message, previous }) {
    if (message.channel === this.timeline.conversation.channel) this.timeline.changed(message, previous);
    if (this.thread.shows(message)) this.thread.changed(message, previous);
  }

  #schedule() {
    this.timeline.conversation.schedule();
    if (this.thread.isOpen) this.thread.schedule();
  }

  #channels() {
    this.sidebar.update();
    const channel = this.store.channels.get(this.route.channel);
    if (!channel) {
      if (this.route.channel) this.#show({ ...this.route, channel: null });
      return;
    }
    const head = channelHeader(this, channel);
    if (!this.head.firstElementChild?.isEqualNode(head)) this.head.replaceChildren(head);
    if (this.timeline.conversation.channel === channel.id) this.timeline.renew();
    this.#title(channel);
  }

  #users() {
    for (const { list } of this.conversations) list.forget();
    this.#channels();
    this.#schedule();
  }

  #title(channel) {
    const news = [...this.store.channels.values()].reduce(
      (sum, { mentions, kind, unread }) => sum + (kind === "im" ? unread : mentions),
      0,
    );
    const start = news ? `(${news}) ` : "";
    document.title = `${start}${channelTitle(this.store, channel)} · ${this.store.team.name}`;
  }

  async #do(what, details) {
    try {
      return await this.api.act(what, details);
    } catch (error) {
      toast(error.message);
      return null;
    }
  }
}

new App();
