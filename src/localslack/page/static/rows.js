// What a list of messages shows, line by line: dividers, messages in groups, notes. Pure.
import { compareTs, dayKey, seconds } from "./dates.js";
import { rootOf } from "./room.js";

const GROUP_SECONDS = 5 * 60;

/** @typedef {import("./types.js").Message} Message */

/**
 * One line of a list. `key` stays the same for as long as the line means the same.
 * @typedef {{key: string, kind: "day", ts: string}
 *   | {key: string, kind: "new"}
 *   | {key: string, kind: "replies", count: number}
 *   | {key: string, kind: "message", message: Message, follows: boolean, editing: boolean}
 *   | {key: string, kind: "ephemeral", ephemeral: import("./types.js").Ephemeral}
 *   | {key: string, kind: "status", status: import("./types.js").Status}} Row
 */

/**
 * @param {object} shown
 * @param {Message[]} shown.messages the oldest first
 * @param {import("./types.js").Ephemeral[]} [shown.ephemerals]
 * @param {import("./types.js").Status[]} [shown.statuses] each stands behind its thread's last message
 * @param {string | null} [shown.newFrom] the ts of the first message that is new to the reader
 * @param {string | null} [shown.editing] the ts of the message that is being edited
 * @param {string | null} [shown.root] the root, where this is a thread
 * @returns {Row[]}
 */
export function rowsOf({ messages, ephemerals = [], statuses = [], newFrom, editing, root }) {
  const rows = [];
  const notes = [...ephemerals].sort((a, b) => compareTs(a.ts, b.ts));
  const days = new Set();
  let before = null;
  for (const message of messages) {
    while (notes.length && compareTs(notes[0].ts, message.ts) < 0) {
      rows.push(ephemeralRow(notes.shift()));
      before = null;
    }
    const today = dayKey(message.ts);
    if (!root && !days.has(today)) {
      days.add(today);
      rows.push({ key: `day:${today}`, kind: "day", ts: message.ts });
      before = null;
    }
    if (newFrom === message.ts) {
      rows.push({ key: "new", kind: "new" });
      before = null;
    }
    rows.push({
      key: message.ts,
      kind: "message",
      message,
      follows: before !== null && follows(message, before, Boolean(root)),
      editing: editing === message.ts,
    });
    before = message;
    if (message.ts === root) {
      if (messages.length > 1) rows.push({ key: "replies", kind: "replies", count: messages.length - 1 });
      before = null;
    }
    const status = root ? undefined : statuses.find((one) => one.thread_ts === message.ts);
    if (status) {
      rows.push(statusRow(status));
      before = null;
    }
  }
  rows.push(...notes.map(ephemeralRow));
  if (root) rows.push(...statuses.map(statusRow));
  return rows;
}

/** Whether a message goes on beneath the one before, without saying again who speaks. */
function follows(message, before, inThread) {
  return (
    message.user === before.user &&
    message.subtype !== "tombstone" &&
    before.subtype !== "tombstone" &&
    seconds(message.ts) - seconds(before.ts) < GROUP_SECONDS &&
    (inThread || (!message.broadcast && !before.broadcast)) &&
    (inThread || rootOf(before) !== before.ts || before.reply_count === 0)
  );
}

const ephemeralRow = (ephemeral) => ({ key: `only:${ephemeral.ts}`, kind: "ephemeral", ephemeral });

const statusRow = (status) => ({ key: `status:${status.thread_ts}`, kind: "status", status });

/** Whether two rows of one key look the same. @param {Row} a @param {Row} b */
export function sameRow(a, b) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
