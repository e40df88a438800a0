// Emoji by the short names that Slack uses, and back, for text, reactions and the picker.

import { element } from "./dom.js";
import { TABLE } from "./emoji_table.js";

const SHORTCODE = /:([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?/y;
const ONE_EMOJI =
  /(?:\p{RI}\p{RI}|[\d#*]\uFE0F?\u20E3|\p{Extended_Pictographic}\uFE0F?\p{EMod}?(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{EMod}?)*)/uy;
const MOST_JUMBO = 23;

/**
 * @typedef {{name: string, names: string[], character: string, keywords: string[]}} Emoji
 * @type {readonly Emoji[]}
 */
export const EMOJI = TABLE.trim().split("\n").map(parseLine);

const BY_NAME = new Map(
  EMOJI.flatMap((emoji) => emoji.names.map((name) => [name, emoji.character])),
);

/**
 * @param {string} name without colons; a skin tone after it (`+1::skin-tone-2`) is left aside
 * @returns {string | null} the character, or null where the name is not known
 */
export function emojiFor(name) {
  return BY_NAME.get(name.split("::", 1)[0]) ?? null;
}

/**
 * What a picker shows for a query: matches from the start of a name first, then of other words.
 * @param {string} query empty for those that are used most
 * @param {number} [limit]
 * @returns {Emoji[]}
 */
export function searchEmoji(query, limit = 40) {
  const wanted = query
    .toLowerCase()
    .replace(/^:|:$/g, "")
    .replace(/[\s_]+/g, "_");
  const starts = EMOJI.filter((emoji) => emoji.names.some((name) => name.startsWith(wanted)));
  const within = EMOJI.filter((emoji) =>
    [...emoji.names, ...emoji.keywords].some((word) => word.includes(wanted)),
  );
  return [...new Set([...starts, ...within])].slice(0, limit);
}

/**
 * An emoji with its name as tooltip.
 * @param {string} character
 * @param {string} name
 */
export function emojiElement(character, name) {
  return element("span", { class: "emoji", title: `:${name}:` }, character);
}

/**
 * The emoji whose short name in colons starts at this place.
 * @param {string} text
 * @param {number} at
 * @returns {{node: Node, end: number} | null}
 */
export function shortcodeAt(text, at) {
  SHORTCODE.lastIndex = at;
  const found = SHORTCODE.exec(text);
  const character = found && emojiFor(found[1]);
  return character ? { node: emojiElement(character, found[1]), end: SHORTCODE.lastIndex } : null;
}

/**
 * True for a text of a few emoji and nothing else, which Slack shows large.
 * @param {string} text
 */
export function isOnlyEmoji(text) {
  let found = 0;
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at])) {
      at += 1;
      continue;
    }
    const end = emojiEnd(text, at);
    found += 1;
    if (end === null || found > MOST_JUMBO) return false;
    at = end;
  }
  return found > 0;
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {number | null}
 */
function emojiEnd(text, at) {
  const shortcode = shortcodeAt(text, at);
  if (shortcode) return shortcode.end;
  ONE_EMOJI.lastIndex = at;
  return ONE_EMOJI.test(text) ? ONE_EMOJI.lastIndex : null;
}

/**
 * @param {string} line
 * @returns {Emoji}
 */
function parseLine(line) {
  const [left, keywords] = line.split(" | ");
  const [character, ...names] = left.split(" ");
  return { name: names[0], names, character, keywords: keywords.split(" ") };
}
