// The keys that work anywhere on the page, and those of a message in focus.
import { articleAt } from "./list.js";
import { openShortcuts } from "./shortcuts.js";
import { openSwitcher } from "./switcher.js";

const ON_MESSAGE = { t: "thread", ArrowRight: "thread", e: "edit", Delete: "delete", c: "copy", r: "pick" };

/** @param {import("./app.js").App} app */
export function watchKeys(app) {
  document.addEventListener("keydown", (event) => {
    if (
      app.layout.inert ||
      event.defaultPrevented ||
      event.isComposing ||
      document.querySelector("dialog[open]")
    )
      return;
    if (everywhere(app, event) || (!isTyping(event.target) && onMessage(app, event))) event.preventDefault();
  });
}

/** @returns {boolean} whether the key was for the page */
function everywhere(app, event) {
  const command = event.ctrlKey || event.metaKey;
  const { key } = event;
  if (command && key.toLowerCase() === "k") openSwitcher(app);
  else if (command && key === "/") openShortcuts();
  else if (key === "F6") nextRegion(app, event.shiftKey ? -1 : 1);
  else if (event.altKey && (key === "ArrowUp" || key === "ArrowDown"))
    stepChannel(app, key === "ArrowUp" ? -1 : 1);
  else if (key === "Escape") return escape(app);
  else if (key === "?" && !isTyping(event.target)) openShortcuts();
  else return false;
  return true;
}

function escape(app) {
  if (document.querySelector(":popover-open.popover")) return false; // it closes by itself
  if (app.isDrawerOpen) app.toggleDrawer();
  else if (app.thread.isOpen) app.navigation.closeThread();
  else app.timeline.conversation.composer.focus();
  return true;
}

function onMessage(app, event) {
  const article = articleAt(event.target);
  if (!article || event.ctrlKey || event.metaKey || event.altKey) return false;
  const conversation = app.conversations.find(({ list }) => list.element.contains(article));
  if (!conversation) return false;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    conversation.list.step(event.key === "ArrowUp" ? -1 : 1);
    return true;
  }
  const act = ON_MESSAGE[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || (act === "thread" && conversation.thread)) return false;
  conversation.actions.perform(act, { ts: article.dataset.ts, control: article, event });
  return true;
}

/** The conversation above (-1) or below (1) in the sidebar. */
function stepChannel({ navigation, sidebar }, step) {
  const ids = sidebar.items().flatMap(({ dataset }) => dataset.channelId ?? []);
  const next = ids[ids.indexOf(navigation.route.channel) + step];
  if (next) navigation.openChannel(next);
}

/** Sidebar, messages, composer, and the same two of the thread. */
function nextRegion(app, step) {
  const regions = [
    { element: app.sidebar.element, focus: () => app.sidebar.focus() },
    ...app.conversations.flatMap(({ viewport, list, composer }) => [
      { element: viewport, focus: () => list.focus() },
      { element: composer.element, focus: () => composer.focus() },
    ]),
  ].filter(({ element }) => element.checkVisibility());
  const current = regions.findIndex(({ element }) => element.contains(document.activeElement));
  // a region with nothing to focus in it is passed over
  for (let offset = 1; offset <= regions.length; offset += 1) {
    const next = regions[(current + step * offset + regions.length * 2) % regions.length];
    next.focus();
    if (next.element.contains(document.activeElement)) return;
  }
}

const isTyping = (target) =>
  target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
