// One message as Slack shows it: who, when, what, and what others made of it.
import { renderAttachments, renderBlocks, renderTasks } from "./render/blocks.js";
import { renderMrkdwn } from "./render/mrkdwn.js";
import { avatar } from "./avatar.js";
import { dayAndTime, full, time } from "./dates.js";
import { h, icon } from "./dom.js";
import { counted, listed, userName } from "./names.js";
import { oneLine } from "./plain.js";
import { isReply } from "./room.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./store.js").Store} Store */

/**
 * What a message is shown with.
 * @typedef {object} MessageView
 * @property {Store} store
 * @property {(message: Message) => object} contextOf what the renderers take along
 * @property {boolean} inThread
 */

/**
 * @param {Message} message
 * @param {boolean} follows whether it goes on beneath another of the same author
 * @param {MessageView} view
 * @returns {HTMLElement} what stands within the article
 */
export function messageElement(message, follows, view) {
  const { store } = view;
  const user = store.users.get(message.user);
  if (message.subtype === "tombstone") return tombstone(message, view);
  return h(
    "div",
    { class: `message${follows ? " follows" : ""}${message.streaming ? " streaming" : ""}` },
    follows
      ? timeLink(message, "gutter")
      : h(
          "button",
          {
            type: "button",
            class: "face",
            tabindex: "-1",
            "aria-hidden": "true",
            dataset: { act: "profile", user: message.user },
          },
          avatar(user),
        ),
    h(
      "div",
      { class: "message-main" },
      follows ? null : heading(message, user),
      broadcastNote(message, view),
      body(message, view),
      files(message),
      reactions(message, store),
      view.inThread ? null : replyBar(message, store),
    ),
  );
}

/** "Ana Ruiz, 14:02": what a screen reader says of the article. */
export function messageLabel(message, store) {
  const name = message.subtype === "tombstone" ? "Deleted message" : userName(store.users.get(message.user));
  return `${name}, ${dayAndTime(message.ts)}`;
}

function heading(message, user) {
  return h(
    "div",
    { class: "message-head" },
    h(
      "button",
      { type: "button", class: "author", dataset: { act: "profile", user: message.user } },
      userName(user),
    ),
    badge(user),
    timeLink(message, "time"),
  );
}

/** "APP" or "GUEST". @param {import("./types.js").User | undefined} user */
export function badge(user) {
  if (user?.is_bot) return h("span", { class: "badge" }, "APP");
  return user?.is_guest ? h("span", { class: "badge guest" }, "Guest") : null;
}

function timeLink(message, kind) {
  return h(
    "a",
    {
      class: kind,
      href: permalink(message),
      title: full(message.ts),
      tabindex: "-1",
      dataset: { act: "visit" },
    },
    h("time", { datetime: new Date(Number(message.ts) * 1000).toISOString() }, time(message.ts)),
  );
}

/** The address of a message on this page. @param {Message} message */
export function permalink(message) {
  const path = `/archives/${message.channel}/p${message.ts.replace(".", "")}`;
  return isReply(message) ? `${path}?thread_ts=${message.thread_ts}` : path;
}

function broadcastNote(message, view) {
  if (!message.broadcast || !isReply(message)) return null;
  if (view.inThread) return h("div", { class: "broadcast-note" }, "Also sent to the channel");
  const { store } = view;
  const root = store.room(message.channel).messages.get(message.thread_ts);
  const quote = root ? oneLine(root, store.users, store.channels, 80) : "a message";
  return h(
    "div",
    { class: "broadcast-note" },
    "replied to a thread: ",
    h("a", { class: "link", href: permalink(message), dataset: { act: "visit" } }, quote),
  );
}

function body(message, view) {
  const context = view.contextOf(message);
  const element = h("div", { class: "message-body" });
  if (message.tasks.length) element.append(renderTasks(message, context));
  element.append(said(message, context));
  if (message.attachments.length) element.append(renderAttachments(message.attachments, context));
  if (message.streaming) endOf(element).append(h("span", { class: "caret", "aria-hidden": "true" }));
  if (message.edited) endOf(element).append(h("span", { class: "edited" }, " (edited)"));
  return element;
}

/** What a person typed is in the text as well, with the *marks* that its rich_text leaves as typed. */
function said(message, context) {
  const isTyped = !message.bot_id && message.blocks.every(({ type }) => type === "rich_text");
  if (isTyped || !message.blocks.length) return renderMrkdwn(message.text, context);
  return renderBlocks(message.blocks, context);
}

/** The innermost last paragraph or line, where more text would go. @param {HTMLElement} element */
function endOf(element) {
  let end = element;
  while (end.lastElementChild?.matches("div, p, ul, ol, li, blockquote")) end = end.lastElementChild;
  return end.matches("ul, ol") ? element : end;
}

function files(message) {
  if (!message.files.length) return null;
  return h(
    "div",
    { class: "files" },
    ...message.files.map(({ name }) => h("span", { class: "file" }, icon("file"), name)),
  );
}

function reactions(message, store) {
  if (!message.reactions.length) return null;
  return h(
    "div",
    { class: "reactions" },
    ...message.reactions.map((reaction) => reactionPill(reaction, store)),
    h(
      "button",
      {
        type: "button",
        class: "reaction add",
        "aria-label": "Add a reaction",
        "data-tip": "Add a reaction",
        dataset: { act: "pick" },
      },
      icon("react"),
    ),
  );
}

function reactionPill({ name, emoji, users }, store) {
  const mine = users.includes(store.me.id);
  const others = users.filter((id) => id !== store.me.id).map((id) => userName(store.users.get(id)));
  const who = listed(mine ? ["You", ...others] : others);
  const label = `${who} reacted with :${name}:`;
  return h(
    "button",
    {
      type: "button",
      class: `reaction${mine ? " mine" : ""}`,
      "aria-pressed": String(mine),
      "aria-label": `${label}, ${users.length} in all`,
      "data-tip": label,
      "data-tip-emoji": emoji ?? "",
      dataset: { act: "react", name },
    },
    h("span", { class: "glyph", "aria-hidden": "true" }, emoji ?? `:${name}:`),
    h("span", { class: "count" }, String(users.length)),
  );
}

function replyBar(message, store) {
  if (!message.reply_count) return null;
  const faces = message.reply_users.map((id) => avatar(store.users.get(id), "small"));
  return h(
    "button",
    { type: "button", class: "reply-bar", dataset: { act: "thread", ts: message.ts } },
    h("span", { class: "faces" }, ...faces),
    h("span", { class: "reply-count" }, counted(message.reply_count, "reply", "replies")),
    message.latest_reply &&
      h("span", { class: "reply-latest" }, `Last reply ${dayAndTime(message.latest_reply)}`),
    h("span", { class: "reply-view", "aria-hidden": "true" }, "View thread"),
  );
}

function tombstone(message, view) {
  return h(
    "div",
    { class: "message tombstone" },
    h("span", { class: "avatar medium gone", "aria-hidden": "true" }, icon("trash")),
    h(
      "div",
      { class: "message-main" },
      h("div", { class: "message-body" }, "This message was deleted."),
      view.inThread ? null : replyBar(message, view.store),
    ),
  );
}
