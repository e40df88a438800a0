// A card with who someone is, and a way to write to them.
import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { badge } from "./message.js";
import { userName } from "./names.js";
import { openPopover } from "./popover.js";

/**
 * @param {import("./app.js").App} app
 * @param {string} id
 * @param {Element} anchor
 */
export function openProfile(app, id, anchor) {
  const user = app.store.users.get(id);
  if (!user) return;
  const isMe = user.id === app.store.me.id;
  const message = h(
    "button",
    { type: "button", class: "button", onclick: () => (close(), app.navigation.openUser(user.id)) },
    "Message",
  );
  const card = h(
    "div",
    { class: "profile" },
    avatar(user, "large"),
    h(
      "div",
      { class: "profile-text" },
      h(
        "div",
        { class: "profile-name" },
        userName(user),
        badge(user),
        isMe ? h("span", { class: "muted" }, "(you)") : null,
      ),
      h("div", { class: "muted" }, `@${user.name}`),
      user.title ? h("div", {}, user.title) : null,
      isMe ? null : message,
    ),
  );
  const { element, close } = openPopover(card, anchor, { label: userName(user) });
  element.querySelector("button")?.focus();
}
