// Where the reader is: a channel, a thread beside it, an app's Home; and how to get elsewhere.
import { toast } from "./notice.js";
import { isReply } from "./room.js";
import { readRoute, writeRoute } from "./route.js";

/** @typedef {import("./route.js").Route} Route */
/** @typedef {import("./scroller.js").Place} Place */

export class Navigation {
  /** @type {Route} */
  route = readRoute(location);

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    window.addEventListener("popstate", () => this.show(readRoute(location), history.state?.place));
  }

  /** @param {string} id */
  openChannel(id) {
    this.#go({ channel: id, thread: null, home: false, highlight: null });
  }

  /** @param {string} id */
  async openUser(id) {
    const { act, store } = this.app;
    if (id === store.me.id) return;
    const answer = await act("open_dm", { user: id });
    if (!answer) return;
    store.putChannel(answer.channel);
    this.openChannel(answer.channel.id);
  }

  /** @param {boolean} home whether it is an app's Home tab, or the one of its messages */
  openTab(home) {
    this.#go({ ...this.route, home, thread: home ? null : this.route.thread });
  }

  /** @param {string} channel @param {string} root */
  async openThread(channel, root) {
    await this.#go({ channel, thread: root, home: false, highlight: null });
    this.app.thread.conversation.composer.focus();
  }

  closeThread() {
    const { thread, timeline } = this.app;
    const { root } = thread;
    const hadFocus = thread.element.contains(document.activeElement);
    this.#go({ ...this.route, thread: null });
    if (hadFocus) (timeline.conversation.list.find(root) ?? timeline.conversation.composer).focus();
  }

  /** Go to a message and point it out. @param {import("./types.js").Message} message */
  visit(message) {
    const thread = isReply(message) ? message.thread_ts : null;
    this.#go({ channel: message.channel, thread, home: false, highlight: message.ts });
  }

  /**
   * Show a place without a step in the browser's history. A channel that is not there gives way to
   * the first one.
   * @param {Route} wanted
   * @param {Place | null} [place]
   */
  async show(wanted, place = null) {
    const { api, layout, store, thread, timeline } = this.app;
    const route = store.channels.has(wanted.channel)
      ? wanted
      : { ...wanted, channel: firstChannel(store), thread: null, highlight: null };
    if (wanted.channel && route.channel !== wanted.channel)
      toast("That conversation does not exist, or you are not in it.");
    const isElsewhere = timeline.conversation.channel !== route.channel;
    this.route = { ...route, highlight: null };
    history.replaceState(history.state, "", writeRoute(route, api.seat));
    layout.classList.remove("drawer");
    if (!route.channel) return;
    this.app.nameChannels();
    if (!route.thread) thread.close();
    try {
      await Promise.all([
        this.#showTab(route, isElsewhere, place),
        route.thread && thread.open(route.channel, route.thread, route),
      ]);
    } catch (error) {
      toast(error.message);
    }
  }

  /** Go somewhere else, and make it something to come back from. @param {Route} route */
  #go(route) {
    const address = writeRoute(route, this.app.api.seat);
    if (!location.href.endsWith(address)) history.pushState(null, "", address);
    return this.show(route);
  }

  async #showTab(route, isElsewhere, place) {
    const { act, home, store, timeline } = this.app;
    const channel = store.channels.get(route.channel);
    const other = store.users.get(channel.with ?? "");
    timeline.element.hidden = route.home;
    if (route.home && other?.app_id) {
      await home.open(other);
      return;
    }
    home.close();
    const needsLoading = !store.room(route.channel).isLoaded;
    if (!isElsewhere && !needsLoading && !route.highlight) return;
    // a reply that a link led to is shown in its thread, with the root in the channel
    const highlight = route.thread ? null : route.highlight;
    const around = route.thread && route.highlight ? { ts: route.thread, offset: 80 } : place;
    if (isElsewhere && other?.app_id) act("dm_opened", { channel: channel.id });
    await timeline.open(route.channel, { place: around, highlight });
    if (isElsewhere && !highlight && !route.thread) timeline.conversation.composer.focus();
  }
}

/** Where a visit begins that has no place in its address. @param {import("./store.js").Store} store */
function firstChannel(store) {
  const channels = [...store.channels.values()].filter(({ archived }) => !archived);
  const general = channels.find(({ name }) => name === "general");
  return (general ?? channels.find(({ kind }) => kind !== "im") ?? channels[0])?.id ?? null;
}
