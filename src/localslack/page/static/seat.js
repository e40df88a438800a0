// The menu of who one is in this window, and how the page looks.
import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { badge } from "./message.js";
import { userName } from "./names.js";
import { openPopover } from "./popover.js";
import { keepSeat, writeRoute } from "./route.js";
import { openShortcuts } from "./shortcuts.js";
import { chooseTheme, theme } from "./theme.js";

const THEMES = { system: "As the system", light: "Light", dark: "Dark" };

/** @param {import("./app.js").App} app @param {Element} anchor */
export function openSeatMenu(app, anchor) {
  const { store } = app;
  const seats = store.seats.map((user) =>
    item(
      "menuitemradio",
      user.id === store.me.id,
      () => sit(app, user),
      avatar(user, "medium"),
      seatText(user),
      badge(user),
    ),
  );
  const themes = Object.entries(THEMES).map(([name, label]) =>
    item("menuitemradio", name === theme(), () => (chooseTheme(name), close()), label),
  );
  const help = item(
    "menuitem",
    null,
    () => (close(), openShortcuts()),
    "Keyboard shortcuts",
    h("kbd", {}, "?"),
  );
  const menu = h(
    "div",
    { class: "menu" },
    group("You are, in this window", seats),
    group("Appearance", themes),
    help,
  );
  const { element, close } = openPopover(menu, anchor, {
    label: "Who you are",
    role: "menu",
    class: "menu-popover",
  });
  element.addEventListener("keydown", (event) => move(element, event));
  element.querySelector('[aria-checked="true"]')?.focus();
}

function sit(app, user) {
  keepSeat(user.name);
  location.assign(writeRoute({ channel: app.navigation.route.channel }, user.name));
  // only the hash may differ, and everything has to begin anew
  if (user.id === app.store.me.id) location.reload();
}

const seatText = (user) =>
  h(
    "span",
    { class: "menu-text" },
    h("span", {}, userName(user)),
    h("span", { class: "muted" }, user.title || `@${user.name}`),
  );

function item(role, checked, onclick, ...content) {
  return h(
    "button",
    {
      type: "button",
      role,
      class: "menu-item",
      tabindex: "-1",
      "aria-checked": checked === null ? null : String(checked),
      onclick,
    },
    ...content,
  );
}

const group = (label, items) =>
  h(
    "div",
    { role: "group", "aria-label": label },
    h("div", { class: "menu-title", "aria-hidden": "true" }, label),
    ...items,
  );

function move(menu, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll(".menu-item")];
  const place = items.indexOf(document.activeElement);
  items[(place + step + items.length) % items.length].focus();
}
