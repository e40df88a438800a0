// What stands above the first message of a conversation, and tells someone who is new what to do.
import { avatar } from "./avatar.js";
import { h, icon } from "./dom.js";
import { userName } from "./names.js";

/**
 * @param {import("./store.js").Store} store
 * @param {import("./types.js").Channel} channel
 * @returns {HTMLElement[]}
 */
export function introduction(store, channel) {
  return channel.kind === "im" ? directIntro(store, channel) : channelIntro(store, channel);
}

function channelIntro(store, channel) {
  const bot = [...store.users.values()].find((user) => user.is_bot);
  const what =
    channel.kind === "group"
      ? "This private channel is only for those who are in it."
      : "Everyone in it can read what is said here.";
  const hint = bot ? ` Mention @${bot.name} to ask it something.` : "";
  return [
    h(
      "div",
      { class: "intro-icon", "aria-hidden": "true" },
      icon(channel.kind === "group" ? "lock" : "hash"),
    ),
    h("h2", {}, `This is the very beginning of #${channel.name}`),
    h("p", {}, `${what}${hint}`),
  ];
}

function directIntro(store, channel) {
  const other = store.users.get(channel.with ?? "");
  const name = userName(other);
  const what = other?.is_bot
    ? `This is the very beginning of your conversation with ${name}. Ask it something: no mention is needed here.`
    : `This conversation is just between you and ${name}.`;
  return [avatar(other, "large"), h("h2", {}, name), h("p", {}, what)];
}
