// Everything that this window knows of the workspace, and who is told when it changes.
import { Room } from "./room.js";

/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {import("./types.js").Status} Status */

const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Tells by events: `channels`, `users`, and with a detail `message` {message, previous},
 * `removed` {channel, ts}, `status` {status}, `ephemeral` {ephemeral}, `home` {app}.
 */
export class Store extends EventTarget {
  /** @type {import("./types.js").State["team"]} */
  team = { id: "", name: "" };
  /** @type {string | null} a message that a newcomer may begin with */
  prompt = null;
  /** @type {import("./types.js").User} */
  me;
  /** @type {import("./types.js").User[]} */
  seats = [];
  /** @type {Map<string, import("./types.js").User>} */
  users = new Map();
  /** @type {Map<string, Channel>} */
  channels = new Map();
  /** @type {Map<string, Room>} */
  rooms = new Map();
  /** @type {Map<string, Status>} */
  #statuses = new Map();
  /** @type {object[] | null} frames that came before the state did */
  #early = [];
  /** @type {Set<{channel: string, changes: ((room: Room) => void)[]}>} pages on their way */
  #fetches = new Set();

  /** Forget what was known, and take frames up again once the new state is there. */
  pause() {
    this.#early = [];
  }

  /** @param {import("./types.js").State} state */
  reset(state) {
    this.team = state.team;
    this.prompt = state.prompt;
    this.me = state.me;
    this.seats = state.seats;
    this.users = byId(state.users);
    this.channels = byId(state.channels);
    const kept = [...this.rooms].map(([id, { ephemerals }]) => ({ id, ephemerals }));
    this.rooms.clear();
    for (const { id, ephemerals } of kept) this.room(id).ephemerals = ephemerals;
    this.#statuses.clear();
    for (const status of state.statuses) this.#setStatus(status);
    const early = this.#early ?? [];
    this.#early = null;
    for (const frame of early) this.apply(frame);
  }

  /** @param {string} channel */
  room(channel) {
    let room = this.rooms.get(channel);
    if (!room) this.rooms.set(channel, (room = new Room()));
    return room;
  }

  /**
   * Take in a page of a channel when it comes. What has happened there since it was asked for may
   * not be in it, and is taken in after it, once more.
   * @param {string} channel
   * @param {Promise<import("./types.js").Page>} page
   * @param {(page: import("./types.js").Page) => void} take
   */
  async fetched(channel, page, take) {
    const fetch = { channel, changes: [] };
    this.#fetches.add(fetch);
    try {
      take(await page);
    } finally {
      this.#fetches.delete(fetch);
    }
    for (const change of fetch.changes) change(this.room(channel));
  }

  /** Take in what the server tells. @param {Record<string, any>} frame */
  apply(frame) {
    if (this.#early) {
      this.#early.push(frame);
      return;
    }
    switch (frame.type) {
      case "message":
        this.putMessage(frame.message);
        break;
      case "removed":
        this.#change(frame.channel, (room) => room.remove(frame.ts));
        this.#tell("removed", { channel: frame.channel, ts: frame.ts });
        break;
      case "status":
        this.#setStatus(frame.status);
        this.#tell("status", { status: frame.status });
        break;
      case "ephemeral":
        this.room(frame.ephemeral.channel).ephemerals.set(frame.ephemeral.ts, frame.ephemeral);
        this.#tell("ephemeral", { ephemeral: frame.ephemeral });
        break;
      case "channel":
        this.putChannel(frame.channel);
        break;
      case "left":
        this.channels.delete(frame.channel);
        this.rooms.delete(frame.channel);
        this.#tell("channels");
        break;
      case "home":
        this.#tell("home", { app: frame.app });
        break;
      case "users":
        this.users = byId(frame.users);
        this.#tell("users");
        break;
    }
  }

  /** @param {import("./types.js").Message} message */
  putMessage(message) {
    const previous = this.room(message.channel).messages.get(message.ts);
    this.#change(message.channel, (room) => room.put(message));
    this.#tell("message", { message, previous });
  }

  /** @param {Channel} channel */
  putChannel(channel) {
    this.channels.set(channel.id, channel);
    this.#tell("channels");
  }

  /** Take away a note that only this person saw. @param {string} channel @param {string} ts */
  dismiss(channel, ts) {
    this.room(channel).ephemerals.delete(ts);
    this.#tell("removed", { channel, ts });
  }

  /** What bots say that they are doing in a channel. @param {string} channel */
  statuses(channel) {
    return [...this.#statuses.values()].filter((status) => status.channel === channel);
  }

  /** @param {string} channel @param {(room: Room) => void} change */
  #change(channel, change) {
    for (const fetch of this.#fetches) if (fetch.channel === channel) fetch.changes.push(change);
    change(this.room(channel));
  }

  #setStatus(status) {
    const key = `${status.channel}/${status.thread_ts}`;
    const remaining = status.expires_at * 1000 - Date.now();
    if (!status.text || remaining <= 0) {
      this.#statuses.delete(key);
      return;
    }
    this.#statuses.set(key, status);
    setTimeout(() => this.#expire(key, status), Math.min(remaining, LONGEST_TIMER));
  }

  #expire(key, status) {
    if (this.#statuses.get(key) !== status) return;
    this.#statuses.delete(key);
    this.#tell("status", { status: { ...status, text: "" } });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @template {{id: string}} T @param {T[]} things @returns {Map<string, T>} */
const byId = (things) => new Map(things.map((thing) => [thing.id, thing]));
