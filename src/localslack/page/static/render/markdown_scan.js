// The first half of inline Markdown: cut a text into tokens and find which brackets are links.
// Code and links are found here, so that they win over styles, as CommonMark has it.

import { element, link, safeUrl } from "./dom.js";
import { shortcodeAt } from "./emoji.js";
import { sequenceAt, urlAt } from "./entities.js";

/** @typedef {import("./types.js").Context} Context */
/**
 * A piece is whole in itself, a run opens or closes styles, and a bracket is text until a target
 * follows its partner: then the label of a link stands between `open` and `close`.
 * @typedef {{type: "piece", piece: Node | string}} Piece
 * @typedef {{type: "run", run: string, before: string, after: string}} Run
 * @typedef {{type: "bracket", role: "text" | "open" | "close", text: string, url: string}} Bracket
 * @typedef {Piece | Run | Bracket} Token
 */

const SPECIAL = /[\\`*_~[\]<&:\n]|!\[|https?:\/\//g;
const RUN = /\*+|_+|~+/y;
const TICKS = /`+/y;
const ESCAPED = /\\([!-/:-@[-`{-~])/y;
const CHARACTER = /&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#[xX]([\da-fA-F]{1,6}));/y;
const BREAK = /\\\n|<br *\/?>/iy;
const TARGET = /\((?:<([^<>\n]*)>|((?:[^\s()\\<]|\\.|\([^\s()]*\))+))(?:[ \t]+"[^"\n]*")?[ \t]*\)/y;
const UNFINISHED_TARGET = /\([^\s()]*$/y;

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
const LAST_CHARACTER = 0x10ffff;

/**
 * @param {string} text
 * @param {Context} ctx
 * @returns {Token[]}
 */
export function tokensOf(text, ctx) {
  return new Scanner(text, ctx).scan();
}

/** Cuts a text into tokens, from its start to its end, and finds which brackets are links. */
class Scanner {
  /** @type {Token[]} */
  #tokens = [];
  /** @type {Bracket[]} brackets that may still become links */
  #brackets = [];
  /** @type {Map<number, number[]>} where backticks stand, by how many; the last place first */
  #ticks = new Map();
  #text;
  #ctx;

  /**
   * @param {string} text
   * @param {Context} ctx
   */
  constructor(text, ctx) {
    this.#text = text;
    this.#ctx = ctx;
    for (const { 0: run, index } of text.matchAll(/`+/g)) {
      const places = this.#ticks.get(run.length);
      if (places) places.push(index);
      else this.#ticks.set(run.length, [index]);
    }
    for (const places of this.#ticks.values()) places.reverse();
  }

  /** @returns {Token[]} */
  scan() {
    const text = this.#text;
    for (let at = 0; at < text.length;) {
      SPECIAL.lastIndex = at;
      const special = SPECIAL.exec(text)?.index ?? text.length;
      if (special > at) this.#add(text.slice(at, special));
      at = special < text.length ? this.#special(special) : special;
    }
    return this.#tokens;
  }

  /** @param {Node | string} piece */
  #add(piece) {
    this.#tokens.push({ type: "piece", piece });
  }

  /**
   * Take what starts at this place; return where it ends.
   * @param {number} at
   * @returns {number}
   */
  #special(at) {
    const text = this.#text;
    if (/[*_~]/.test(text[at])) return this.#run(at);
    if (text[at] === "[" || text.startsWith("![", at)) return this.#openBracket(at);
    if (text[at] === "]") return this.#closeBracket(at);
    if (text[at] === "`") return this.#code(at);
    const found = this.#whole(at);
    this.#add(found ? found.node : text[at]);
    return found ? found.end : at + 1;
  }

  /**
   * @param {number} at
   * @returns {{node: Node | string, end: number} | null}
   */
  #whole(at) {
    const text = this.#text;
    const lineBreak = text[at] === "\n" ? ["\n"] : match(BREAK, text, at);
    if (lineBreak) return { node: element("br"), end: at + lineBreak[0].length };
    switch (text[at]) {
      case "\\":
        return replaced(match(ESCAPED, text, at), at, ([, character]) => character);
      case "&":
        return replaced(match(CHARACTER, text, at), at, characterOf);
      case "<":
        return sequenceAt(text, at, this.#ctx);
      case ":":
        return shortcodeAt(text, at);
      default:
        return this.#address(at);
    }
  }

  /** @param {number} at */
  #address(at) {
    const found = urlAt(this.#text, at);
    return found && { node: link(found.url, [found.url]), end: found.end };
  }

  /** @param {number} at */
  #run(at) {
    const text = this.#text;
    const [run] = /** @type {RegExpExecArray} */ (match(RUN, text, at));
    const end = at + run.length;
    this.#tokens.push({ type: "run", run, before: text[at - 1] ?? " ", after: text[end] ?? " " });
    return end;
  }

  /**
   * Code ends at the next run of as many backticks.
   * @param {number} at
   */
  #code(at) {
    const [ticks] = /** @type {RegExpExecArray} */ (match(TICKS, this.#text, at));
    const start = at + ticks.length;
    const places = this.#ticks.get(ticks.length) ?? [];
    while (places.length > 0 && places[places.length - 1] < start) places.pop();
    const end = places[places.length - 1];
    if (end === undefined) {
      this.#add(ticks);
      return start;
    }
    const code = this.#text.slice(start, end).replaceAll("\n", " ");
    const padded = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "";
    this.#add(element("code", {}, padded ? code.slice(1, -1) : code));
    return end + ticks.length;
  }

  /**
   * A picture is shown as a link, as Slack does.
   * @param {number} at
   */
  #openBracket(at) {
    const text = this.#text[at] === "!" ? "![" : "[";
    /** @type {Bracket} */
    const bracket = { type: "bracket", role: "text", text, url: "" };
    this.#tokens.push(bracket);
    this.#brackets.push(bracket);
    return at + text.length;
  }

  /** @param {number} at */
  #closeBracket(at) {
    const open = this.#brackets.pop();
    const target = open && match(TARGET, this.#text, at + 1);
    const url = target && safeUrl(plainUrl(target[1] ?? target[2]));
    if (open && target && url) {
      this.#link(open, url);
      return at + 1 + target[0].length;
    }
    // A target that is still arriving is text: its address would change with every piece.
    const rest = open && match(UNFINISHED_TARGET, this.#text, at + 1);
    this.#add("]");
    if (rest) this.#add(rest[0]);
    return at + 1 + (rest ? rest[0].length : 0);
  }

  /**
   * @param {Bracket} open
   * @param {string} url
   */
  #link(open, url) {
    open.role = "open";
    open.url = url;
    for (let at = this.#tokens.length - 1; this.#tokens[at] !== open; at -= 1) {
      const token = this.#tokens[at];
      if (token.type !== "piece" || !(token.piece instanceof HTMLAnchorElement)) continue;
      token.piece = token.piece.textContent ?? "";
    }
    this.#tokens.push({ type: "bracket", role: "close", text: "", url: "" });
    this.#brackets = []; // a link holds no further link, so those around it are text
  }
}

/**
 * @param {RegExp} sticky
 * @param {string} text
 * @param {number} at
 */
function match(sticky, text, at) {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

/**
 * @param {RegExpExecArray | null} found
 * @param {number} at
 * @param {(found: RegExpExecArray) => string} replace
 */
function replaced(found, at, replace) {
  return found && { node: replace(found), end: at + found[0].length };
}

/** @param {RegExpExecArray} found */
function characterOf([whole, name, decimal, hexadecimal]) {
  if (name) return NAMED[/** @type {keyof typeof NAMED} */ (name)];
  const code = decimal ? Number(decimal) : parseInt(hexadecimal, 16);
  return code > 0 && code <= LAST_CHARACTER ? String.fromCodePoint(code) : whole;
}

/** @param {string} url as written, with escapes */
function plainUrl(url) {
  return url.replace(/\\([!-/:-@[-`{-~])/g, "$1").replaceAll("&amp;", "&");
}
