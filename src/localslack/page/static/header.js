// The line above the messages: where one is, what it is about, and an app's two tabs.
import { avatar } from "./avatar.js";
import { h, icon, iconButton } from "./dom.js";
import { badge } from "./message.js";
import { channelName, counted } from "./names.js";

/**
 * @param {import("./app.js").App} app
 * @param {import("./types.js").Channel} channel
 * @returns {HTMLElement}
 */
export function channelHeader(app, channel) {
  const other = channel.kind === "im" ? app.store.users.get(channel.with ?? "") : undefined;
  const face = other ? avatar(other, "small") : icon(channel.kind === "group" ? "lock" : "hash");
  const members = counted(channel.members, "member", "members");
  return h(
    "header",
    { class: "channel-head" },
    h(
      "div",
      { class: "channel-line" },
      iconButton("list", "Conversations", {
        class: "icon-button drawer-button",
        onclick: () => app.toggleDrawer(),
      }),
      h("h1", {}, face, h("span", { class: "channel-name" }, channelName(app.store, channel)), badge(other)),
      h("div", { class: "topic", title: channel.topic }, channel.topic || other?.title || ""),
      other
        ? null
        : h(
            "div",
            { class: "members", "data-tip": members },
            icon("people"),
            h("span", { "aria-hidden": "true" }, String(channel.members)),
            h("span", { class: "visually-hidden" }, members),
          ),
    ),
    other?.app_id ? tabs(app) : null,
  );
}

function tabs(app) {
  const tab = (label, home) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        "aria-selected": String(app.navigation.route.home === home),
        tabindex: app.navigation.route.home === home ? "0" : "-1",
        onclick: () => app.navigation.openTab(home),
      },
      label,
    );
  const list = h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": "Parts of this app" },
    tab("Messages", false),
    tab("Home", true),
  );
  list.addEventListener("keydown", ({ key }) => {
    if (key !== "ArrowLeft" && key !== "ArrowRight") return;
    app.navigation.openTab(!app.navigation.route.home);
    app.head.querySelector('[aria-selected="true"]').focus();
  });
  return list;
}
