// The second half of inline Markdown: match the styles in a text that was cut into tokens.

import { fragment, link } from "./dom.js";
import { tokensOf } from "./markdown_scan.js";
import { StyledText } from "./styles.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./markdown_scan.js").Token} Token */
/** @typedef {import("./markdown_scan.js").Run} Run */

/** Lone surrogates count, too: they are halves of emoji. */
const PUNCTUATION = /[\p{P}\p{S}\p{Cs}]/u;

/** @type {Record<string, "strong" | "em" | "s">} */
const TAGS = { "*": "em", "**": "strong", _: "em", __: "strong", "~~": "s" };

/**
 * @param {string} text may hold line breaks, which stay line breaks
 * @param {Context} ctx
 * @returns {DocumentFragment}
 */
export function renderMarkdownInline(text, ctx) {
  return build(tokensOf(text, ctx));
}

/**
 * @param {Token[]} tokens
 * @returns {DocumentFragment}
 */
function build(tokens) {
  const styled = new StyledText();
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token.type === "piece") styled.add(token.piece);
    else if (token.type === "run") addRun(token, styled);
    else if (token.role !== "open") styled.add(token.text);
    else {
      const close = closeOf(tokens, at);
      styled.add(link(token.url, [build(tokens.slice(at + 1, close))]));
      at = close;
    }
  }
  return fragment(styled.finish());
}

/**
 * @param {Token[]} tokens
 * @param {number} open
 */
function closeOf(tokens, open) {
  let at = open + 1;
  while (!isClose(tokens[at])) at += 1;
  return at;
}

/** @param {Token} token */
function isClose(token) {
  return token.type === "bracket" && token.role === "close";
}

/**
 * Close what the run can close, and open what is left of it (CommonMark, emphasis).
 * @param {Run} token
 * @param {StyledText} styled
 */
function addRun({ run, before, after }, styled) {
  const { opens, closes } = flanks(run[0], before, after);
  const markers = Object.keys(TAGS).filter((marker) => marker[0] === run[0]);
  let left = run.length > 3 ? "" : run;
  while (closes) {
    const marker = styled.innermost(markers.filter((each) => left.startsWith(each)));
    if (marker === null) break;
    styled.close(marker);
    left = left.slice(marker.length);
  }
  if (run.length > 3) styled.add(run);
  else if (opens && left.length === 3) openAll([run[0], run[0].repeat(2)], styled);
  else if (opens && left in TAGS) openAll([left], styled);
  else styled.add(left);
}

/**
 * @param {string[]} markers
 * @param {StyledText} styled
 */
function openAll(markers, styled) {
  for (const marker of markers) {
    if (marker in TAGS) styled.open(marker, TAGS[marker]);
    else styled.add(marker);
  }
}

/**
 * Whether a run may open and close, from the characters beside it; `_` does neither within a word.
 * @param {string} character
 * @param {string} before
 * @param {string} after
 */
function flanks(character, before, after) {
  const [spaceBefore, spaceAfter] = [before.trim() === "", after.trim() === ""];
  const [markBefore, markAfter] = [PUNCTUATION.test(before), PUNCTUATION.test(after)];
  const left = !spaceAfter && (!markAfter || spaceBefore || markBefore);
  const right = !spaceBefore && (!markBefore || spaceAfter || markAfter);
  if (character !== "_") return { opens: left, closes: right };
  return { opens: left && (!right || markBefore), closes: right && (!left || markAfter) };
}
