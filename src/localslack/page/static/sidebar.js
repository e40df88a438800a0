// The column at the left: where one can go, what is new there, and who one is.
import { avatar } from "./avatar.js";
import { h, icon, iconButton } from "./dom.js";
import { channelName, counted, userName } from "./names.js";
import { writeRoute } from "./route.js";
import { openSeatMenu } from "./seat.js";
import { openSwitcher } from "./switcher.js";

export class Sidebar {
  /** @param {import("./app.js").App} app @param {HTMLElement} element */
  constructor(app, element) {
    this.app = app;
    this.element = element;
    this.team = h("div", { class: "team" });
    this.places = h("div", { class: "places" });
    this.seat = h("button", {
      type: "button",
      class: "seat",
      "data-role": "seat-menu",
      "aria-haspopup": "menu",
      onclick: () => openSeatMenu(app, this.seat),
    });
    element.replaceChildren(
      h(
        "div",
        { class: "sidebar-head" },
        this.team,
        iconButton("edit", "New message", { onclick: () => openSwitcher(app) }),
      ),
      this.places,
      this.seat,
    );
    this.places.addEventListener("click", (event) => this.#clicked(event));
  }

  update() {
    const { store } = this.app;
    this.team.textContent = store.team.name;
    const channels = [...store.channels.values()];
    const rooms = channels.filter(({ kind }) => kind !== "im").sort((a, b) => a.name.localeCompare(b.name));
    const focused = this.places.contains(document.activeElement) ? document.activeElement.dataset : null;
    this.places.replaceChildren(
      section(
        "Channels",
        rooms.map((channel) => this.#channel(channel)),
      ),
      section("Direct messages", this.#people(false)),
      section("Apps", this.#people(true)),
    );
    if (focused) this.#find(focused)?.focus();
    this.seat.replaceChildren(
      avatar(store.me, "medium"),
      h(
        "span",
        { class: "seat-text" },
        h("span", { class: "seat-you" }, "You are"),
        h("span", { class: "seat-name" }, userName(store.me)),
      ),
      icon("chevron"),
    );
  }

  /** The places in the order in which they are shown. @returns {HTMLElement[]} */
  items() {
    return [...this.places.querySelectorAll(".place")];
  }

  focus() {
    (this.places.querySelector('[aria-current="page"]') ?? this.items()[0])?.focus();
  }

  /** Direct conversations that are there, and those that could be. */
  #people(bots) {
    const { store } = this.app;
    const direct = new Map(
      [...store.channels.values()]
        .filter(({ kind }) => kind === "im")
        .map((channel) => [channel.with, channel]),
    );
    const offered = new Set(
      bots ? [...store.users.keys()] : [...direct.keys(), ...store.seats.map(({ id }) => id)],
    );
    return [...store.users.values()]
      .filter((user) => user.is_bot === bots && offered.has(user.id))
      .filter((user) => user.id !== store.me.id || direct.has(user.id))
      .sort((a, b) => userName(a).localeCompare(userName(b)))
      .map((user) => (direct.has(user.id) ? this.#channel(direct.get(user.id)) : this.#user(user)));
  }

  #channel(channel) {
    const { app } = this;
    const isDirect = channel.kind === "im";
    const badge = isDirect ? channel.unread : channel.mentions;
    const isOpen = app.navigation.route.channel === channel.id;
    const news = badge
      ? counted(badge, isDirect ? "new message" : "mention", isDirect ? "new messages" : "mentions")
      : "unread";
    const face = isDirect
      ? avatar(app.store.users.get(channel.with), "small")
      : icon(channel.kind === "group" ? "lock" : "hash");
    return h(
      "a",
      {
        class: `place${channel.unread || badge ? " unread" : ""}${channel.archived ? " archived" : ""}`,
        href: writeRoute({ channel: channel.id }, app.api.seat),
        "aria-current": isOpen ? "page" : null,
        dataset: { channelId: channel.id },
      },
      face,
      h("span", { class: "place-name" }, channelName(app.store, channel)),
      channel.unread || badge ? h("span", { class: "visually-hidden" }, `, ${news}`) : null,
      badge ? h("span", { class: "count-badge", "aria-hidden": "true" }, String(badge)) : null,
    );
  }

  #user(user) {
    return h(
      "button",
      { type: "button", class: "place", dataset: { userId: user.id } },
      avatar(user, "small"),
      h("span", { class: "place-name" }, userName(user)),
    );
  }

  #clicked(event) {
    const place = event.target.closest(".place");
    if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (place.dataset.userId) this.app.navigation.openUser(place.dataset.userId);
    else this.app.navigation.openChannel(place.dataset.channelId);
  }

  #find({ channelId, userId }) {
    const selector = channelId ? `[data-channel-id="${channelId}"]` : `[data-user-id="${userId}"]`;
    return this.places.querySelector(selector);
  }
}

function section(title, items) {
  if (!items.length) return "";
  const list = h("ul", { "aria-label": title }, ...items.map((item) => h("li", {}, item)));
  return h("section", {}, h("h2", {}, title), list);
}
