// What this window knows of one conversation: messages, which of them stand where, and what lies beyond.
import { compareTs } from "./dates.js";

/** @typedef {import("./types.js").Message} Message */

/** How much of a channel is kept at a time: what lies beyond is fetched when it is scrolled to. */
const MOST_KEPT = 300;

/** Put a ts in its place in an ordered list, once. @param {string[]} list @param {string} ts */
export function insert(list, ts) {
  let place = list.length;
  while (place > 0 && compareTs(list[place - 1], ts) > 0) place -= 1;
  if (list[place - 1] !== ts) list.splice(place, 0, ts);
}

/** @param {string[]} list @param {string} ts */
function drop(list, ts) {
  const place = list.indexOf(ts);
  if (place >= 0) list.splice(place, 1);
}

/** @param {Message} message */
export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

/** @param {Message} message */
export const rootOf = (message) => message.thread_ts || message.ts;

export class Room {
  /** @type {Map<string, Message>} */
  messages = new Map();
  /** @type {string[]} what is loaded of the channel itself, the oldest first */
  timeline = [];
  /** @type {Map<string, string[]>} loaded threads, by their root: its ts first, then the replies */
  threads = new Map();
  /** @type {Map<string, import("./types.js").Ephemeral>} */
  ephemerals = new Map();
  isLoaded = false;
  hasOlder = false;
  hasNewer = false;

  /** Begin anew with a page. @param {import("./types.js").Page} page */
  fill(page) {
    this.#forget(this.timeline);
    this.timeline = [];
    this.isLoaded = true;
    this.hasOlder = Boolean(page.has_more);
    this.hasNewer = Boolean(page.has_newer);
    this.#take(page);
  }

  /** @param {import("./types.js").Page} page */
  addOlder(page) {
    this.hasOlder = Boolean(page.has_more);
    this.#take(page);
    if (this.timeline.length <= MOST_KEPT) return;
    this.#forget(this.timeline.splice(MOST_KEPT));
    this.hasNewer = true;
  }

  /** @param {import("./types.js").Page} page */
  addNewer(page) {
    this.hasNewer = Boolean(page.has_newer);
    this.#take(page);
    this.leaveOldest();
  }

  /** Keep no more than the newest. */
  leaveOldest() {
    const excess = this.timeline.length - MOST_KEPT;
    if (excess <= 0) return;
    this.#forget(this.timeline.splice(0, excess));
    this.hasOlder = true;
  }

  /** @param {string} root @param {import("./types.js").Page} page */
  fillThread(root, page) {
    for (const message of page.messages) this.messages.set(message.ts, message);
    this.threads.set(root, page.messages.map((message) => message.ts).sort(compareTs));
  }

  /** Note a message that is new or has changed, where it stands in what is loaded. @param {Message} message */
  put(message) {
    const thread = this.threads.get(rootOf(message));
    const standsInTimeline = this.#standsInTimeline(message);
    if (thread || standsInTimeline) this.messages.set(message.ts, message);
    if (thread) insert(thread, message.ts);
    if (standsInTimeline) insert(this.timeline, message.ts);
  }

  /** @param {string} ts */
  remove(ts) {
    this.messages.delete(ts);
    this.ephemerals.delete(ts);
    drop(this.timeline, ts);
    for (const thread of this.threads.values()) drop(thread, ts);
  }

  /** Drop messages that have left the timeline, unless a thread shows them. @param {string[]} dropped */
  #forget(dropped) {
    const inThreads = new Set([...this.threads.values()].flat());
    for (const ts of dropped) if (!inThreads.has(ts)) this.messages.delete(ts);
  }

  #take(page) {
    for (const message of page.messages) {
      this.messages.set(message.ts, message);
      insert(this.timeline, message.ts);
    }
  }

  /** Only where the loaded stretch reaches: what lies beyond comes with its own page. */
  #standsInTimeline(message) {
    if (!this.isLoaded || (isReply(message) && !message.broadcast)) return false;
    const [first, last] = [this.timeline[0], this.timeline[this.timeline.length - 1]];
    const isTooOld = this.hasOlder && first !== undefined && compareTs(message.ts, first) < 0;
    const isTooNew = this.hasNewer && last !== undefined && compareTs(message.ts, last) > 0;
    return !isTooOld && !isTooNew;
  }
}
