// The page: puts its parts together, and tells them what is new.
import { Contexts } from "./contexts.js";
import { h } from "./dom.js";
import { channelHeader } from "./header.js";
import { Home } from "./home.js";
import { watchKeys } from "./keys.js";
import { channelTitle } from "./names.js";
import { Navigation } from "./navigation.js";
import { toast } from "./notice.js";
import { forgetSeat, keepSeat } from "./route.js";
import { Sidebar } from "./sidebar.js";
import { api, fetchState, live, store } from "./start.js";
import { openSwitcher } from "./switcher.js";
import { Thread } from "./thread.js";
import { Timeline } from "./timeline.js";
import { watchTooltips } from "./tooltip.js";
import { Weather } from "./weather.js";

export class App {
  store = store;
  api = api;
  layout = document.getElementById("app");

  constructor() {
    const main = document.getElementById("main");
    this.navigation = new Navigation(this);
    this.contexts = new Contexts(this);
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
    new Weather(api, document.querySelector(".topbar"));
    if (live.isUp) this.#refresh();
  }

  /** @returns {import("./conversation.js").Conversation[]} the channel's, and the thread's where one is open */
  get conversations() {
    return [this.timeline.conversation, ...(this.thread.isOpen ? [this.thread.conversation] : [])];
  }

  get isDrawerOpen() {
    return this.layout.classList.contains("drawer");
  }

  toggleDrawer() {
    this.layout.classList.toggle("drawer");
    if (this.isDrawerOpen) this.sidebar.focus();
    else this.head.querySelector(".drawer-button").focus();
  }

  /**
   * Do something as the person in this seat; whoever looks is told why where it is refused.
   * @param {string} what
   * @param {Record<string, any>} details
   * @returns {Promise<any>} the server's answer, null where there is none
   */
  act = async (what, details) => {
    try {
      return await this.api.act(what, details);
    } catch (error) {
      toast(error.message);
      return null;
    }
  };

  /** Show the names of channels, and what is new in them, wherever they stand. */
  nameChannels() {
    const { navigation } = this;
    this.sidebar.update();
    const channel = this.store.channels.get(navigation.route.channel);
    if (!channel) {
      if (navigation.route.channel) navigation.show({ ...navigation.route, channel: null });
      return;
    }
    const head = channelHeader(this, channel);
    if (!this.head.firstElementChild?.isEqualNode(head)) this.head.replaceChildren(head);
    if (this.timeline.conversation.channel === channel.id) this.timeline.renew();
    this.#title(channel);
  }

  #follow() {
    live.addEventListener("up", () => this.#refresh());
    live.addEventListener("down", () => this.#lost());
    store.addEventListener("message", ({ detail }) => this.#message(detail));
    store.addEventListener("removed", () => this.#schedule());
    store.addEventListener("status", () => this.#schedule());
    store.addEventListener("ephemeral", () => this.#schedule());
    store.addEventListener("channels", () => this.nameChannels());
    store.addEventListener("users", () => this.#users());
    store.addEventListener("home", ({ detail }) => this.home.changed(detail.app));
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
      await this.navigation.show(this.navigation.route, place);
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

  #message({ message, previous }) {
    if (message.channel === this.timeline.conversation.channel) this.timeline.changed(message, previous);
    if (this.thread.shows(message)) this.thread.changed(message, previous);
  }

  #schedule() {
    this.timeline.conversation.schedule();
    if (this.thread.isOpen) this.thread.schedule();
  }

  #users() {
    for (const { list } of this.conversations) list.forget();
    this.nameChannels();
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
}

new App();
