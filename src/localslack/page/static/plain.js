// Slack's mrkdwn back to what a person would type or hear: entities to names, escapes undone.

const ENTITY = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;

/** *bold*, _italic_, ~struck~ and `code`, where the marks stand at the edges of words. */
const MARKED = /(^|[\s(])(```|[*_~`])(\S(?:.*?\S)?)\2(?=$|[\s.,;:!?)])/gs;

/** @param {string} text */
const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/**
 * What was typed to make this text.
 * @param {string} text mrkdwn
 * @param {Map<string, import("./types.js").User>} users
 * @param {Map<string, import("./types.js").Channel>} channels
 */
export function typed(text, users, channels) {
  const shown = text.replace(ENTITY, (_, kind, target, label) => {
    if (kind === "@") return `@${users.get(target)?.name ?? label ?? target}`;
    if (kind === "#") return `#${channels.get(target)?.name ?? label ?? target}`;
    if (kind === "!") return target.startsWith("date^") ? (label ?? "") : `@${target}`;
    return label ?? target;
  });
  return unescape(shown);
}

/**
 * One line of a message for a notice, a quote or a screen reader.
 * @param {import("./types.js").Message | import("./types.js").Ephemeral} message
 * @param {Map<string, import("./types.js").User>} users
 * @param {Map<string, import("./types.js").Channel>} channels
 */
export function oneLine(message, users, channels, length = 200) {
  const line = typed(message.text, users, channels).replace(MARKED, "$1$3").replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
