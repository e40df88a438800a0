// What the page asks of the server, and its errors in plain words.

/** Slack's error codes that a person can run into, and what to do about them. */
const SENTENCES = {
  already_reacted: "You have already reacted with that.",
  cant_delete_message: "Only its author can delete a message.",
  cant_update_message: "Only its author can change a message.",
  channel_not_found: "This conversation does not exist, or you are not in it.",
  invalid_name: "This workspace does not know that emoji.",
  is_archived: "This channel is archived: it can be read, but nobody can write in it.",
  message_not_found: "That message is gone.",
  msg_too_long: "That is too long for one message. Please split it.",
  no_text: "There is nothing to send yet.",
  not_in_channel: "You are not a member of this channel.",
  ratelimited: "That was a little too fast. Try again in a moment.",
  thread_not_found: "The message that this thread belongs to is gone.",
  user_not_found: "There is nobody of that name here.",
  no_app_connected: "The app is not running, so nobody heard that.",
  app_not_connected: "The app is not running, so nobody heard that.",
};

/** Something that the server, or the way to it, refused. `message` is for people. */
class Refused extends Error {
  /** @param {string} code */
  constructor(code) {
    super(SENTENCES[code] ?? `That did not work (${code}). Please try again.`);
    this.code = code;
  }
}

const UNREACHABLE = "The local workspace does not answer. Is it still running?";

export class Api {
  /** @param {string | null} seat a user's name or id; null: whoever sits first */
  constructor(seat) {
    this.seat = seat;
  }

  /** @returns {Promise<import("./types.js").State>} */
  state() {
    return this.#get("state", {});
  }

  /**
   * A page of what stands in a channel, the oldest first: the newest, or those around, before
   * or after a ts.
   * @param {string} channel
   * @param {{before?: string, after?: string, around?: string}} [place]
   * @returns {Promise<import("./types.js").Page>}
   */
  messages(channel, place = {}) {
    return this.#get("messages", { channel, limit: "50", ...place });
  }

  /** @param {string} channel @param {string} ts @returns {Promise<import("./types.js").Page>} */
  thread(channel, ts) {
    return this.#get("thread", { channel, ts });
  }

  /** @param {string} app @returns {Promise<{view: Record<string, any> | null}>} */
  home(app) {
    return this.#get("home", { app });
  }

  /**
   * Do something as the person in this seat.
   * @param {string} what
   * @param {Record<string, any>} details
   * @returns {Promise<any>}
   * @throws {Refused}
   */
  act(what, details) {
    return this.#post("/page/act", { as: this.seat, do: what, ...details });
  }

  /** What is in force for the apps, and how they do in it. @returns {Promise<Record<string, any>>} */
  weather() {
    return this.#fetch("/control/state", {});
  }

  /**
   * Make trouble for the apps, or end it.
   * @param {string} what a part of the control API
   * @param {Record<string, any>} details
   * @throws {Refused}
   */
  control(what, details) {
    return this.#post(`/control/${what}`, details);
  }

  /** The address of the live WebSocket. */
  get liveUrl() {
    return `${location.origin.replace(/^http/, "ws")}/page/live?${this.#query({})}`;
  }

  #query(parameters) {
    return new URLSearchParams(this.seat ? { as: this.seat, ...parameters } : parameters);
  }

  async #post(address, body) {
    const answer = await this.#fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Refused(answer.error);
    return answer;
  }

  #get(what, parameters) {
    return this.#fetch(`/page/${what}?${this.#query(parameters)}`, {});
  }

  async #fetch(address, options) {
    let response;
    try {
      response = await fetch(address, { ...options, signal: AbortSignal.timeout(10_000) });
    } catch {
      throw Object.assign(new Refused("unreachable"), { message: UNREACHABLE });
    }
    const answer = await response.json().catch(() => ({ error: `status ${response.status}` }));
    if (!response.ok) throw new Refused(answer.error ?? `status ${response.status}`);
    return answer;
  }
}
