// What the renderers of blocks and text take along: names to show, and what a press or a link does.

/** For so many messages it is remembered what was chosen in them; the oldest are forgotten. */
const MOST_KEPT = 500;

export class Contexts {
  /** @type {Map<string, Map<string, any>>} what was chosen in a message's controls, by its ts */
  #choices = new Map();

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
  }

  /** @param {import("./types.js").Message | import("./types.js").Ephemeral} message */
  ofMessage = (message) => {
    const isEphemeral = !("reactions" in message);
    const where = { channel: message.channel, [isEphemeral ? "ephemeral_ts" : "ts"]: message.ts };
    return this.of(where, this.#choicesOf(`${message.channel}/${message.ts}`));
  };

  /** @param {Record<string, string>} where what a press is in @param {Map<string, any>} choices */
  of(where, choices) {
    const { act, navigation, store } = this.app;
    return {
      users: store.users,
      channels: store.channels,
      me: store.me,
      choices,
      press: (_, { blockId, actionId, action }) =>
        act("press", { ...where, block_id: blockId, action_id: actionId, action }),
      openUser: (id) => navigation.openUser(id),
      openChannel: (id) => navigation.openChannel(id),
    };
  }

  #choicesOf(key) {
    const choices = this.#choices.get(key) ?? new Map();
    this.#choices.set(key, choices);
    if (this.#choices.size > MOST_KEPT) this.#choices.delete(this.#choices.keys().next().value);
    return choices;
  }
}
