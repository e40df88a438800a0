// Rich text blocks, which Slack's own composer makes and bots may send.
// Shapes: Slack's reference of the rich text block.

import { codeBlock } from "./code.js";
import { element, fragment, link } from "./dom.js";
import { emojiElement, emojiFor } from "./emoji.js";
import { broadcast, channelMention, date, groupMention, userMention } from "./entities.js";
import { flatList } from "./lists.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

/** @type {[string, "strong" | "em" | "s" | "u" | "mark" | "code"][]} the outermost style last */
const STYLES = [
  ["code", "code"],
  ["strike", "s"],
  ["italic", "em"],
  ["bold", "strong"],
  ["underline", "u"],
  ["highlight", "mark"],
];

/**
 * @param {Json} block of type `rich_text`
 * @param {Context} ctx
 * @returns {DocumentFragment}
 */
export function renderRichText(block, ctx) {
  return fragment(block.elements.map((/** @type {Json} */ part) => renderPart(part, ctx)));
}

/**
 * @param {Json} part
 * @param {Context} ctx
 * @returns {Node}
 */
function renderPart(part, ctx) {
  switch (part.type) {
    case "rich_text_list":
      return list(part, ctx);
    case "rich_text_quote":
      return element("blockquote", {}, element("p", {}, inline(part, ctx)));
    case "rich_text_preformatted":
      return codeBlock(part.elements.map(plain).join(""), part.language);
    case "rich_text_section":
      return element("p", {}, inline(part, ctx));
    default:
      throw new TypeError(`no such rich text: ${part.type}`);
  }
}

/**
 * @param {Json} part
 * @param {Context} ctx
 */
function list(part, ctx) {
  const items = part.elements.map((/** @type {Json} */ section) => inline(section, ctx));
  return flatList(part.style === "ordered", part.indent ?? 0, (part.offset ?? 0) + 1, items);
}

/**
 * @param {Json} section
 * @param {Context} ctx
 */
function inline(section, ctx) {
  return fragment(
    section.elements.map((/** @type {Json} */ piece) =>
      styled(renderPiece(piece, ctx), piece.style),
    ),
  );
}

/**
 * @param {Node} node
 * @param {Record<string, boolean>} [style]
 * @returns {Node}
 */
function styled(node, style = {}) {
  return STYLES.filter(([name]) => style[name]).reduce(
    (inner, [, tag]) => element(tag, {}, inner),
    node,
  );
}

/** @type {Record<string, (piece: Json, ctx: Context) => Node>} */
const PIECES = {
  text: (piece) => document.createTextNode(piece.text),
  link: (piece) => link(piece.url, [piece.text || piece.url]),
  user: (piece, ctx) => userMention(piece.user_id, ctx),
  channel: (piece, ctx) => channelMention(piece.channel_id, ctx),
  usergroup: (piece) => groupMention(piece.usergroup_id),
  broadcast: (piece) => broadcast(piece.range),
  emoji: (piece) => emoji(piece),
  date: (piece) => date(Number(piece.timestamp), piece.format, piece.fallback ?? "", piece.url),
  color: (piece) => color(piece.value),
};

/**
 * @param {Json} piece
 * @param {Context} ctx
 */
function renderPiece(piece, ctx) {
  return Object.hasOwn(PIECES, piece.type)
    ? PIECES[piece.type](piece, ctx)
    : document.createTextNode(piece.text ?? piece.fallback ?? "");
}

/** @param {Json} piece with a short name and, mostly, code points such as `1f44d-1f3fd` */
function emoji({ name, unicode }) {
  const character = emojiFor(name) ?? characterOf(unicode);
  return character ? emojiElement(character, name) : document.createTextNode(`:${name}:`);
}

/** @param {unknown} unicode */
function characterOf(unicode) {
  if (typeof unicode !== "string" || !/^[\da-f]{2,5}(-[\da-f]{2,5})*$/i.test(unicode)) return null;
  return String.fromCodePoint(...unicode.split("-").map((point) => parseInt(point, 16)));
}

/** @param {string} value such as `#F405B3` */
function color(value) {
  const swatch = element("span", { class: "swatch" });
  if (/^#[\da-f]{3,8}$/i.test(value)) swatch.style.backgroundColor = value;
  return element("code", {}, value, swatch);
}

/** @param {Json} piece */
function plain(piece) {
  return piece.text ?? piece.url ?? "";
}
