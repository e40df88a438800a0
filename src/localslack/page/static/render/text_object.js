// Block Kit's text objects, `plain_text` and `mrkdwn`.

import { element, fragment } from "./dom.js";
import { shortcodeAt } from "./emoji.js";
import { renderMrkdwn, renderMrkdwnInline } from "./mrkdwn.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

/**
 * @param {Json} text
 * @param {Context} ctx
 */
export function renderText(text, ctx) {
  return text.type === "mrkdwn"
    ? renderMrkdwn(text.text, ctx)
    : element("p", {}, renderPlain(text));
}

/**
 * The same without paragraphs.
 * @param {Json} text
 * @param {Context} ctx
 */
export function renderTextInline(text, ctx) {
  return text.type === "mrkdwn" ? renderMrkdwnInline(text.text, ctx) : renderPlain(text);
}

/**
 * Plain text has no markup but emoji names, and those only where `emoji` is not false.
 * @param {Json} text
 * @returns {DocumentFragment}
 */
export function renderPlain({ text, emoji = true }) {
  if (typeof text !== "string") throw new TypeError("a text object without text");
  /** @type {(Node | string)[]} */
  const pieces = [];
  let written = 0;
  for (let at = emoji ? text.indexOf(":") : -1; at >= 0;) {
    const found = shortcodeAt(text, at);
    if (found) {
      pieces.push(text.slice(written, at), found.node);
      written = found.end;
    }
    at = text.indexOf(":", found ? found.end : at + 1);
  }
  return fragment([...pieces, text.slice(written)]);
}
