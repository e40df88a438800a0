// Tables of Markdown: a row of headings, a row of dashes, and rows of cells.

import { element } from "./dom.js";
import { renderMarkdownInline } from "./markdown_inline.js";

/** @typedef {import("./types.js").Context} Context */

const DASHES = /^:?-+:?$/;
const ALIGNMENT = { ":-": "left", ":-:": "center", "-:": "right" };

/**
 * True when these lines are headings and dashes with as many cells. A row of dashes that ends the
 * text may still be arriving, so it may have fewer.
 * @param {string[]} lines
 * @param {number} at
 */
export function isTableAt(lines, at) {
  if (at + 1 >= lines.length || !lines[at].includes("|") || !/^[ |:-]+$/.test(lines[at + 1]))
    return false;
  const dashes = cells(lines[at + 1]);
  const headings = cells(lines[at]).length;
  const arriving =
    at + 2 === lines.length && lines[at].trim()[0] === "|" && lines[at + 1].trim()[0] === "|";
  if (arriving && dashes.length < headings) return dashes.every((cell) => DASHES.test(cell));
  return dashes.length === headings && dashes.every((cell) => DASHES.test(cell));
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {Context} ctx
 * @param {(line: string) => boolean} startsBlock
 * @returns {{node: Node, end: number}}
 */
export function tableAt(lines, at, ctx, startsBlock) {
  const headings = cells(lines[at]);
  const dashes = cells(lines[at + 1]);
  const alignments = headings.map((_, column) => alignmentOf(dashes[column] ?? ""));
  let end = at + 2;
  while (end < lines.length && lines[end].trim() !== "" && !startsBlock(lines[end])) end += 1;
  const head = element("tr");
  headings.forEach((text, column) => {
    const attributes = { scope: "col", class: alignments[column] };
    head.append(element("th", attributes, renderMarkdownInline(text, ctx)));
  });
  const body = element("tbody");
  for (const line of lines.slice(at + 2, end)) body.append(row(cells(line), alignments, ctx));
  const table = element("table", {}, element("thead", {}, head), body);
  return { node: element("div", { class: "table-box" }, table), end };
}

/**
 * One row; cells that are missing are one empty cell, so that the work stays linear in the text.
 * @param {string[]} texts
 * @param {(string | false)[]} alignments one for each column
 * @param {Context} ctx
 */
function row(texts, alignments, ctx) {
  const made = element("tr");
  texts.slice(0, alignments.length).forEach((text, column) => {
    made.append(element("td", { class: alignments[column] }, renderMarkdownInline(text, ctx)));
  });
  const missing = alignments.length - texts.length;
  if (missing > 0) made.append(element("td", { colspan: missing }));
  return made;
}

/** @param {string} dashes */
function alignmentOf(dashes) {
  const key = dashes.replace(/-+/, "-");
  return (
    Object.hasOwn(ALIGNMENT, key) &&
    `align-${ALIGNMENT[/** @type {keyof typeof ALIGNMENT} */ (key)]}`
  );
}

/**
 * The texts between the bars; `\|` is no bar, nor is one in code.
 * @param {string} line
 * @returns {string[]}
 */
function cells(line) {
  const inner = line.trim().replace(/^\|/, "");
  /** @type {string[]} */
  const texts = [];
  let text = "";
  for (const piece of inner.match(/\\[\s\S]|`[^`]*`|\||[^\\`|]+|[\\`]/g) ?? []) {
    if (piece !== "|") text += piece === "\\|" ? "|" : piece;
    else {
      texts.push(text.trim());
      text = "";
    }
  }
  return text.trim() === "" ? texts : [...texts, text.trim()];
}
