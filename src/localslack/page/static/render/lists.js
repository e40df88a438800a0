// Flat lists with an indent, as Slack's mrkdwn and rich text have them.

import { element } from "./dom.js";

const DEEPEST = 8;

/**
 * A list whose items are filled in by the caller.
 * @param {boolean} ordered
 * @param {number} indent 0 is the outermost
 * @param {number} start number of the first item
 * @param {Iterable<Node>} contents one for each item
 */
export function flatList(ordered, indent, start, contents) {
  const depth = Math.max(0, Math.min(Math.trunc(indent) || 0, DEEPEST));
  const list = element(ordered ? "ol" : "ul", {
    class: `list list-${depth % 3}`,
    start: ordered && start !== 1 && start,
  });
  list.style.setProperty("--indent", String(depth));
  for (const content of contents) list.append(element("li", {}, content));
  return list;
}
