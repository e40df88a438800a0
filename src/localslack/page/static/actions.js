// What can be done with a message of one list, by the name that its buttons and keys carry.
import { confirm } from "./dialog.js";
import { h } from "./dom.js";
import { messageElement, permalink } from "./message.js";
import { toast } from "./notice.js";
import { pickEmoji } from "./picker.js";
import { openProfile } from "./profile.js";
import { emojiFor } from "./render/emoji.js";
import { rootOf } from "./room.js";

/** @typedef {{ts?: string, control: Element, event: Event}} Pressed */

export class Actions {
  /**
   * @param {import("./app.js").App} app
   * @param {() => string | null} channel the channel that the list shows
   * @param {{inThread: boolean, edit: (ts: string | null) => void}} options
   */
  constructor(app, channel, { inThread, edit }) {
    this.app = app;
    this.channel = channel;
    this.inThread = inThread;
    this.edit = edit;
  }

  /** @param {string} ts */
  message(ts) {
    return this.app.store.room(this.channel()).messages.get(ts);
  }

  /** @param {string} name */
  glyph(name) {
    return emojiFor(name) ?? `:${name}:`;
  }

  /** @param {string} act @param {Pressed} pressed */
  perform(act, { ts, control, event }) {
    const message = ts && this.message(ts);
    switch (act) {
      case "dismiss":
        this.app.store.dismiss(this.channel(), ts);
        break;
      case "profile":
        openProfile(this.app, control.dataset.user, control);
        break;
      case "thread":
        this.app.navigation.openThread(this.channel(), message ? rootOf(message) : ts);
        break;
      case "visit":
        event.preventDefault();
        if (message) this.app.navigation.visit(message);
        break;
      default:
        if (message) this.#withMessage(act, message, control);
    }
  }

  /** @param {import("./types.js").Message} message @param {string} name */
  async react(message, name) {
    const mine = message.reactions.find((reaction) => reaction.name === name)?.users ?? [];
    const act = mine.includes(this.app.store.me.id) ? "unreact" : "react";
    await this.app.act(act, { channel: message.channel, ts: message.ts, name });
  }

  #withMessage(act, message, control) {
    const isMine = message.user === this.app.store.me.id && message.subtype !== "tombstone";
    if (act === "react") this.react(message, control.dataset.name);
    else if (act === "pick") pickEmoji(control, (name) => this.react(message, name));
    else if (act === "copy") this.#copy(message);
    else if (act === "edit" && isMine) this.edit(message.ts);
    else if (act === "delete" && isMine) this.#delete(message);
  }

  async #copy(message) {
    try {
      await navigator.clipboard.writeText(location.origin + permalink(message));
      toast("Link copied.");
    } catch {
      toast("The browser did not let the page copy. The time beside the name is the same link.");
    }
  }

  #delete(message) {
    const view = { store: this.app.store, inThread: true, contextOf: this.app.contexts.ofMessage };
    confirm(
      {
        title: "Delete message",
        text: "Are you sure you want to delete this message? This cannot be undone.",
        preview: h("div", {}, messageElement(message, false, view)),
        verb: "Delete",
      },
      () => this.app.act("delete", { channel: message.channel, ts: message.ts }),
    );
  }
}
