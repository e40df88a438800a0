// What stands in angle brackets in Slack's text: mentions, channels, groups, dates and links.
// Forms: Slack's documentation of formatting text for app surfaces.

import { element, link } from "./dom.js";
import { formatDate } from "./dates.js";

/** @typedef {import("./types.js").Context} Context */

const SEQUENCE = /<([^<>\n]+)>/y;
const BARE_URL = /https?:\/\/[^\s<>"`|[\]]+/y;
const TRAILING = new Set(".,;:!?'\"*_~)}");

/** Undo Slack's escapes, which are these three and no others. */
const ESCAPES = /&(amp|lt|gt);/g;
const CHARACTERS = { amp: "&", lt: "<", gt: ">" };

/** @param {string} text */
export function unescaped(text) {
  return text.replace(ESCAPES, (_, name) => CHARACTERS[/** @type {"amp"} */ (name)]);
}

/**
 * The sequence that starts at the `<` at this place, if there is one that Slack knows.
 * @param {string} text
 * @param {number} at
 * @param {Context} ctx
 * @returns {{node: Node, end: number} | null}
 */
export function sequenceAt(text, at, ctx) {
  SEQUENCE.lastIndex = at;
  const found = SEQUENCE.exec(text);
  const node = found && sequence(found[1], ctx);
  return node && { node, end: SEQUENCE.lastIndex };
}

/**
 * The address that starts at this place, without the punctuation of the sentence around it.
 * @param {string} text
 * @param {number} at
 * @returns {{url: string, end: number} | null}
 */
export function urlAt(text, at) {
  if (at > 0 && /\w/.test(text[at - 1])) return null;
  BARE_URL.lastIndex = at;
  const found = BARE_URL.exec(text);
  if (!found) return null;
  let url = found[0];
  let unopened = count(url, ")") - count(url, "(");
  let length = url.length;
  while (TRAILING.has(url[length - 1])) {
    if (url[length - 1] === ")" && unopened-- <= 0) break;
    length -= 1;
  }
  url = url.slice(0, length);
  return { url, end: at + length };
}

/**
 * @param {string} inside what stands between the brackets
 * @param {Context} ctx
 * @returns {Node | null} null where it is no sequence of Slack's
 */
function sequence(inside, ctx) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(inside.slice(bar + 1));
  if (/^@[UWB]\w+$/.test(target)) return userMention(target.slice(1), ctx, label);
  if (/^#[CGD]\w+$/.test(target)) return channelMention(target.slice(1), ctx, label);
  if (/^!(here|channel|everyone)$/.test(target)) return broadcast(target.slice(1));
  if (/^!subteam\^\w+$/.test(target)) return groupMention(target.slice(9), label);
  if (target.startsWith("!date^")) return dateSequence(target.slice(6).split("^"), label);
  if (/^(https?:\/\/|mailto:)/.test(target)) return linkSequence(unescaped(target), label);
  return null;
}

/**
 * @param {string} url
 * @param {string} label
 */
function linkSequence(url, label) {
  return link(url, [label || url.replace(/^mailto:/, "")]);
}

/**
 * @param {string[]} parts seconds, format, and perhaps a link
 * @param {string} fallback
 */
function dateSequence([seconds, format = "", ...url], fallback) {
  return date(Number(seconds), format, fallback, url.join("^"));
}

/**
 * @param {number} seconds since the epoch
 * @param {string} format
 * @param {string} fallback
 * @param {string} [url]
 * @returns {Node}
 */
export function date(seconds, format, fallback, url) {
  const text = formatDate(seconds, format);
  if (text === null) return document.createTextNode(fallback);
  const datetime = new Date(seconds * 1000).toISOString();
  const title = formatDate(seconds, "{date_long} at {time}");
  const time = element("time", { datetime, title }, text);
  return url ? link(url, [time]) : time;
}

/**
 * @param {string} id
 * @param {Context} ctx
 * @param {string} [label] what to show of someone who is not known here
 */
export function userMention(id, ctx, label = "") {
  const user = ctx.users.get(id);
  const name = user ? user.real_name || user.name : label.replace(/^@/, "") || id;
  const mine = id === ctx.me.id ? " mention-me" : "";
  const chip = element(
    user ? "button" : "span",
    {
      class: `mention${mine}`,
      "data-user-id": id,
      type: user && "button",
    },
    `@${name}`,
  );
  if (user) chip.addEventListener("click", () => ctx.openUser(id));
  return chip;
}

/**
 * @param {string} id
 * @param {Context} ctx
 * @param {string} [label]
 */
export function channelMention(id, ctx, label = "") {
  const channel = ctx.channels.get(id);
  const name = channel ? channel.name : label.replace(/^#/, "");
  if (!channel)
    return element("span", { class: "mention" }, name ? `#${name}` : "🔒 private channel");
  const chip = element(
    "button",
    { class: "mention", "data-channel": id, type: "button" },
    `#${name}`,
  );
  chip.addEventListener("click", () => ctx.openChannel(id));
  return chip;
}

/** @param {string} range here, channel or everyone */
export function broadcast(range) {
  return element("span", { class: "mention mention-me" }, `@${range}`);
}

/**
 * @param {string} id
 * @param {string} [label]
 */
export function groupMention(id, label = "") {
  return element("span", { class: "mention", title: id }, `@${label.replace(/^@/, "") || id}`);
}

/**
 * Code keeps its characters; of Slack's sequences only links are undone, which Slack adds itself.
 * @param {string} text
 */
export function codeText(text) {
  return unescaped(
    text.replace(
      /<((?:https?:\/\/|mailto:)[^<>|\n]+)(?:\|([^<>\n]*))?>/g,
      (_, url, label) => label || url,
    ),
  );
}

/**
 * @param {string} text
 * @param {string} character
 */
function count(text, character) {
  let found = 0;
  for (const each of text) if (each === character) found += 1;
  return found;
}
