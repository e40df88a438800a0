// Standard Markdown to DOM, as Slack's `markdown` block and streamed answers show it.
// Work is linear in the text: every line is read once for each level that holds it, and the
// levels are bounded. A text that is still arriving is shown like a finished one: an open fence
// is code, an open style or link is text.

import { codeBlock } from "./code.js";
import { element, fragment } from "./dom.js";
import { renderMarkdownInline } from "./markdown_inline.js";
import { isTableAt, tableAt } from "./markdown_table.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {{node: Node, end: number}} Block what was read, and the line after it */

const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?=[ \t]|$)/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])(?= |$)/;
const TASK = /^\[([ xX])\] (?=\S)/;
const DEEPEST = 12;

/**
 * @param {string} text
 * @param {Context} ctx
 * @returns {DocumentFragment}
 */
export function renderMarkdown(text, ctx) {
  return blocks(text.replace(/\r\n?/g, "\n").split("\n").map(expandTabs), ctx, 0);
}

/**
 * @param {string[]} lines
 * @param {Context} ctx
 * @param {number} depth how many quotes and lists these lines stand in
 * @returns {DocumentFragment}
 */
function blocks(lines, ctx, depth) {
  const made = document.createDocumentFragment();
  for (let at = 0; at < lines.length;) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const { node, end } = blockAt(lines, at, ctx, depth);
    made.append(node);
    at = end;
  }
  return made;
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {Context} ctx
 * @param {number} depth
 * @returns {Block}
 */
function blockAt(lines, at, ctx, depth) {
  const line = lines[at];
  if (FENCE.test(line)) return fenceAt(lines, at);
  if (HEADING.test(line)) return { node: heading(line, ctx), end: at + 1 };
  if (isRule(line)) return { node: element("hr"), end: at + 1 };
  if (depth < DEEPEST && QUOTE.test(line)) return quoteAt(lines, at, ctx, depth);
  if (depth < DEEPEST && ITEM.test(line)) return listAt(lines, at, ctx, depth);
  if (isTableAt(lines, at)) return tableAt(lines, at, ctx, startsBlock);
  return paragraphAt(lines, at, ctx);
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {Context} ctx
 * @returns {Block}
 */
function paragraphAt(lines, at, ctx) {
  let end = at + 1;
  while (end < lines.length && isText(lines[end]) && !isTableAt(lines, end)) end += 1;
  const text = lines
    .slice(at, end)
    .map((line) => line.trim())
    .join("\n");
  return { node: element("p", {}, renderMarkdownInline(text, ctx)), end };
}

/**
 * @param {string} line
 * @param {Context} ctx
 */
function heading(line, ctx) {
  const [start, marks] = /** @type {RegExpExecArray} */ (HEADING.exec(line));
  const title = line.slice(start.length).trim();
  let end = title.length;
  while (title[end - 1] === "#") end -= 1;
  const text = end === 0 || title[end - 1] === " " ? title.slice(0, end).trim() : title;
  return element(HEADINGS[marks.length - 1], {}, renderMarkdownInline(text, ctx));
}

/** The page itself has the first two levels. */
const HEADINGS = /** @type {const} */ (["h3", "h4", "h5", "h6", "h6", "h6"]);

/**
 * @param {string[]} lines
 * @param {number} at
 * @returns {Block}
 */
function fenceAt(lines, at) {
  const [, fence, info] = /** @type {RegExpExecArray} */ (FENCE.exec(lines[at]));
  let end = at + 1;
  while (end < lines.length && !closesFence(lines[end], fence)) end += 1;
  const code = lines.slice(at + 1, end).join("\n");
  return { node: codeBlock(code, info.trim().split(" ")[0]), end: end + 1 };
}

/**
 * @param {string} line
 * @param {string} fence
 */
function closesFence(line, fence) {
  const marks = line.trim();
  return marks.length >= fence.length && marks === fence[0].repeat(marks.length);
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {Context} ctx
 * @param {number} depth
 * @returns {Block}
 */
function quoteAt(lines, at, ctx, depth) {
  /** @type {string[]} */
  const inside = [];
  let end = at;
  while (end < lines.length && (QUOTE.test(lines[end]) || continues(inside, lines[end]))) {
    inside.push(lines[end].replace(QUOTE, ""));
    end += 1;
  }
  return { node: element("blockquote", {}, blocks(inside, ctx, depth + 1)), end };
}

/**
 * A list goes on as long as items of its kind follow.
 * @param {string[]} lines
 * @param {number} at
 * @param {Context} ctx
 * @param {number} depth
 * @returns {Block}
 */
function listAt(lines, at, ctx, depth) {
  const first = markerOf(lines[at]);
  const start = parseInt(first.marker, 10);
  const ordered = !Number.isNaN(start);
  const list = element(ordered ? "ol" : "ul", { start: ordered && start !== 1 && start });
  let end = at;
  while (end < lines.length && isItemOf(first, lines[end])) {
    const item = itemAt(lines, end, ctx, depth);
    list.append(item.node);
    end = item.end;
  }
  return { node: list, end };
}

/**
 * @typedef {{indent: number, marker: string, content: number}} Marker
 *   the columns at which the marker and what follows it stand
 * @param {string} line
 * @returns {Marker}
 */
function markerOf(line) {
  const [start, space, marker] = /** @type {RegExpExecArray} */ (ITEM.exec(line));
  const gap = indentOf(line.slice(start.length));
  return { indent: space.length, marker, content: start.length + (gap >= 1 && gap <= 4 ? gap : 1) };
}

/**
 * @param {Marker} first
 * @param {string} line
 */
function isItemOf(first, line) {
  const found = ITEM.exec(line);
  if (!found || isRule(line)) return false;
  return /\d/.test(found[2]) === /\d/.test(first.marker) && found[1].length < first.indent + 2;
}

/**
 * What belongs to an item is indented, or goes on with its paragraph.
 * @param {string[]} lines
 * @param {number} at
 * @param {Context} ctx
 * @param {number} depth
 * @returns {Block}
 */
function itemAt(lines, at, ctx, depth) {
  const { indent, content } = markerOf(lines[at]);
  const inside = [lines[at].slice(content)];
  let margin = content;
  let end = at + 1;
  for (; end < lines.length; end += 1) {
    const line = lines[end];
    // Two columns are enough, also below `1.`: that is how most models write.
    const isWithin = indentOf(line) >= indent + 2;
    if (!isWithin && !isBlank(line) && !continues(inside, line)) break;
    if (isWithin) margin = Math.min(margin, indentOf(line));
    inside.push(line.slice(Math.min(indentOf(line), margin)));
  }
  while (isBlank(inside[inside.length - 1]) && inside.length > 1) inside.pop();
  return { node: item(inside, ctx, depth), end };
}

/**
 * @param {string[]} inside
 * @param {Context} ctx
 * @param {number} depth
 */
function item([first, ...rest], ctx, depth) {
  const task = TASK.exec(first);
  const content = blocks([task ? first.slice(task[0].length) : first, ...rest], ctx, depth + 1);
  const opening = content.firstChild;
  if (opening instanceof HTMLParagraphElement)
    opening.replaceWith(fragment([...opening.childNodes]));
  if (!task) return element("li", {}, content);
  const done = task[1] !== " ";
  const box = element("input", {
    type: "checkbox",
    disabled: true,
    checked: done,
    "aria-label": done ? "Done" : "To do",
  });
  return element("li", { class: "task-item" }, box, content);
}

/**
 * True when a line without marker or indent goes on with the paragraph at the end of `inside`.
 * @param {string[]} inside
 * @param {string} line
 */
function continues(inside, line) {
  return inside.length > 0 && isText(inside[inside.length - 1]) && isText(line);
}

/** @param {string} line */
function isText(line) {
  return !isBlank(line) && !startsBlock(line);
}

/** @param {string} line */
function startsBlock(line) {
  return (
    [FENCE, HEADING, QUOTE].some((start) => start.test(line)) || isRule(line) || startsItem(line)
  );
}

/**
 * A marker with nothing after it may also be text that was wrapped.
 * @param {string} line
 */
function startsItem(line) {
  const found = ITEM.exec(line);
  return found !== null && line.trim() !== found[2];
}

/** @param {string} line */
function isRule(line) {
  return indentOf(line) < 4 && /^(?:-{3,}|\*{3,}|_{3,})$/.test(line.replaceAll(" ", ""));
}

/** @param {string} line */
function isBlank(line) {
  return line.trim() === "";
}

/** @param {string} line */
function indentOf(line) {
  return line.length - line.trimStart().length;
}

/**
 * Tabs at the start of a line are four columns wide.
 * @param {string} line
 */
function expandTabs(line) {
  const space = line.slice(0, indentOf(line));
  return space.replaceAll("\t", "    ") + line.slice(space.length);
}
