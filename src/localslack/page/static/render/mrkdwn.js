// Slack's mrkdwn to DOM, in time linear in the text.
// Rules: Slack's documentation of formatting text for app surfaces.

import { codeBlock } from "./code.js";
import { element, fragment, link } from "./dom.js";
import { isOnlyEmoji, shortcodeAt } from "./emoji.js";
import { codeText, sequenceAt, unescaped, urlAt } from "./entities.js";
import { flatList } from "./lists.js";
import { StyledText } from "./styles.js";

/** @typedef {import("./types.js").Context} Context */

/** Three backticks; more of them in a row are text. */
const FENCE = /(?<!`)```(?!`)/;
const QUOTE = /^(?:>|&gt;) ?/;
const QUOTE_ALL = /^(?:>>>|&gt;&gt;&gt;) ?/;
const ITEM = /^([ \t]*)(?:[•◦▪‣-]|(\d{1,9})[.)])[ \t]+(?=\S)/;

const SPECIAL = /[`*_~<&:]|https?:\/\//g;
const CODE = /`([^`\n]+)`/y;
const RUN = /\*+|_+|~+/y;
const WORD = /[\p{L}\p{N}]/u;
/** @type {Record<string, "strong" | "em" | "s">} */
const TAGS = { "*": "strong", _: "em", "~": "s" };

/**
 * Paragraphs, lists, quotes and code blocks.
 * @param {string} text
 * @param {Context} ctx
 * @returns {DocumentFragment}
 */
export function renderMrkdwn(text, ctx) {
  const made = document.createDocumentFragment();
  const parts = text.split(FENCE);
  // Of an odd number of fences the last one opens nothing: it is text.
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join("```"));
  parts.forEach((part, at) => {
    const isCode = at % 2 === 1;
    const content = withoutBreaks(part, isCode || at > 0, isCode || at < parts.length - 1);
    made.append(isCode ? codeBlock(codeText(content)) : prose(content, ctx));
  });
  return made;
}

/**
 * Text within a line: no paragraphs, lists or quotes.
 * @param {string} text
 * @param {Context} ctx
 * @returns {DocumentFragment}
 */
export function renderMrkdwnInline(text, ctx) {
  const lines = text.split("\n").map((line) => fragment(inline(line, ctx)));
  return fragment(lines.flatMap((line, at) => (at === 0 ? [line] : [element("br"), line])));
}

/**
 * The line break on either side of a fence belongs to the fence.
 * @param {string} part
 * @param {boolean} first
 * @param {boolean} last
 */
function withoutBreaks(part, first, last) {
  const start = first && part.startsWith("\n") ? 1 : 0;
  const end = last && part.endsWith("\n") ? part.length - 1 : part.length;
  return part.slice(start, Math.max(start, end));
}

/**
 * @param {string} text
 * @param {Context} ctx
 * @param {boolean} [quoted] a quote holds no further quote
 * @returns {DocumentFragment}
 */
function prose(text, ctx, quoted = false) {
  const lines = text.split("\n");
  const made = document.createDocumentFragment();
  for (let at = 0; at < lines.length;) {
    const kind = kindOf(lines[at], quoted);
    let end = kind === "quote_all" ? lines.length : at + 1;
    while (end < lines.length && kindOf(lines[end], quoted) === kind) end += 1;
    const content = RENDERERS[kind](lines.slice(at, end), ctx);
    if (content) made.append(content);
    at = end;
  }
  return made;
}

/**
 * @param {string} line
 * @param {boolean} quoted
 * @returns {keyof typeof RENDERERS}
 */
function kindOf(line, quoted) {
  if (line.trim() === "") return "blank";
  if (!quoted && QUOTE_ALL.test(line)) return "quote_all";
  if (!quoted && QUOTE.test(line)) return "quote";
  return ITEM.test(line) ? "list" : "paragraph";
}

/** @type {Record<string, (lines: string[], ctx: Context) => Node | null>} */
const RENDERERS = {
  blank: () => null,
  paragraph,
  list,
  quote: (lines, ctx) =>
    quote(
      lines.map((line) => line.replace(QUOTE, "")),
      ctx,
    ),
  quote_all: ([first, ...rest], ctx) => quote([first.replace(QUOTE_ALL, ""), ...rest], ctx),
};

/**
 * @param {string[]} lines
 * @param {Context} ctx
 */
function paragraph(lines, ctx) {
  const text = lines.join("\n");
  return element("p", { class: isOnlyEmoji(text) && "jumbo" }, renderMrkdwnInline(text, ctx));
}

/**
 * @param {string[]} lines
 * @param {Context} ctx
 */
function quote(lines, ctx) {
  return element("blockquote", {}, prose(lines.join("\n"), ctx, true));
}

/**
 * Items at the same indent and of the same kind make one list.
 * @param {string[]} lines
 * @param {Context} ctx
 */
function list(lines, ctx) {
  const indents = [-1];
  /** @type {{ordered: boolean, depth: number, start: number, items: Node[]}[]} */
  const lists = [];
  for (const line of lines) {
    const [marker, space, number] = /** @type {RegExpExecArray} */ (ITEM.exec(line));
    const width = space.replaceAll("\t", "    ").length;
    while (indents.length > 1 && width < indents[indents.length - 1]) indents.pop();
    if (width > indents[indents.length - 1]) indents.push(width);
    const depth = indents.length - 2;
    const ordered = number !== undefined;
    const last = lists[lists.length - 1];
    const item = renderMrkdwnInline(line.slice(marker.length), ctx);
    if (last?.depth === depth && last.ordered === ordered) last.items.push(item);
    else lists.push({ ordered, depth, start: ordered ? Number(number) : 1, items: [item] });
  }
  return fragment(lists.map((each) => flatList(each.ordered, each.depth, each.start, each.items)));
}

/**
 * @param {string} text one line
 * @param {Context} ctx
 * @returns {(Node | string)[]}
 */
function inline(text, ctx) {
  const styled = new StyledText();
  for (let at = 0; at < text.length;) {
    SPECIAL.lastIndex = at;
    const special = SPECIAL.exec(text)?.index ?? text.length;
    styled.add(unescaped(text.slice(at, special)));
    at = special;
    if (at < text.length) at = specialAt(text, at, styled, ctx);
  }
  return styled.finish();
}

/**
 * Add what starts at this place; return where it ends.
 * @param {string} text
 * @param {number} at
 * @param {StyledText} styled
 * @param {Context} ctx
 */
function specialAt(text, at, styled, ctx) {
  const found = pieceAt(text, at, ctx);
  if (found) {
    styled.add(found.node);
    return found.end;
  }
  if (text[at] in TAGS) return markerAt(text, at, styled);
  const escaped = text[at] === "&" ? /^&(?:amp|lt|gt);/.exec(text.slice(at, at + 5)) : null;
  const plain = escaped ? escaped[0] : text[at];
  styled.add(unescaped(plain));
  return at + plain.length;
}

/**
 * What is whole in itself: a sequence of Slack's, an emoji, code, an address.
 * @param {string} text
 * @param {number} at
 * @param {Context} ctx
 * @returns {{node: Node, end: number} | null}
 */
function pieceAt(text, at, ctx) {
  switch (text[at]) {
    case "<":
      return sequenceAt(text, at, ctx);
    case ":":
      return shortcodeAt(text, at);
    case "`":
      return codeAt(text, at);
    case "h":
      return addressAt(text, at);
    default:
      return null;
  }
}

/**
 * @param {string} text
 * @param {number} at
 */
function codeAt(text, at) {
  CODE.lastIndex = at;
  const found = CODE.exec(text);
  return found && { node: element("code", {}, codeText(found[1])), end: CODE.lastIndex };
}

/**
 * @param {string} text
 * @param {number} at
 */
function addressAt(text, at) {
  const found = urlAt(text, at);
  const url = found && unescaped(found.url);
  return found && { node: link(url, [/** @type {string} */ (url)]), end: found.end };
}

/**
 * A style opens before a word and closes after one; two markers in a row mean nothing.
 * @param {string} text
 * @param {number} at
 * @param {StyledText} styled
 */
function markerAt(text, at, styled) {
  RUN.lastIndex = at;
  const [run] = /** @type {RegExpExecArray} */ (RUN.exec(text));
  const end = at + run.length;
  const [before, after] = [text[at - 1] ?? " ", text[end] ?? " "];
  if (run.length > 1) styled.add(run);
  else if (styled.innermost([run]) && before.trim() && !WORD.test(after)) styled.close(run);
  else if (after.trim() && !WORD.test(before)) styled.open(run, TAGS[run]);
  else styled.add(run);
  return end;
}
