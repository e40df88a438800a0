// Elements to press: button, icon button, feedback buttons, overflow menu.
// Shapes and payloads: Slack's reference of block elements and of block_actions.

import { element, link, unseen } from "./dom.js";
import { icon } from "./icons.js";
import { choice, choose, press } from "./press.js";
import { renderPlain } from "./text_object.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

const STYLES = new Set(["primary", "danger"]);

/**
 * A button with a `url` opens it and tells the app nevertheless, as in Slack.
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 * @returns {HTMLElement}
 */
export function button(spec, block, ctx) {
  const style = STYLES.has(spec.style) ? spec.style : "";
  const attributes = {
    class: `kit-button ${style}`.trim(),
    "aria-label": spec.accessibility_label,
  };
  const anchor = spec.url && link(spec.url, [renderPlain(spec.text)], attributes);
  const made =
    anchor instanceof HTMLAnchorElement
      ? anchor
      : element("button", { type: "button", ...attributes }, renderPlain(spec.text));
  made.addEventListener("click", () => press(made, block, spec, actionOf(spec), ctx));
  return made;
}

/**
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 */
export function iconButton(spec, block, ctx) {
  const seenBy = spec.visible_to_user_ids;
  if (seenBy?.length > 0 && !seenBy.includes(ctx.me.id)) return document.createDocumentFragment();
  const label = spec.accessibility_label ?? spec.text.text;
  const made = element(
    "button",
    { class: "kit-icon-button", type: "button", title: spec.text.text },
    icon(spec.icon === "trash" ? "trash" : "more"),
    unseen(label),
  );
  made.addEventListener("click", () => press(made, block, spec, actionOf(spec), ctx));
  return made;
}

/**
 * Two buttons of which one at most is pressed; pressing it again says nothing new.
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 */
export function feedbackButtons(spec, block, ctx) {
  const chosen = choice(block, spec, ctx);
  const sides = /** @type {const} */ ([
    [spec.positive_button, "thumbs_up"],
    [spec.negative_button, "thumbs_down"],
  ]);
  const buttons = sides.map(([side, name]) =>
    element(
      "button",
      {
        class: "kit-icon-button",
        type: "button",
        title: side.text.text,
        "aria-pressed": String(chosen === name),
      },
      icon(name),
      unseen(side.accessibility_label ?? side.text.text),
    ),
  );
  sides.forEach(([side, name], at) => {
    buttons[at].addEventListener("click", () => {
      if (buttons[at].getAttribute("aria-pressed") === "true") return;
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === buttons[at]));
      choose(block, spec, name, ctx);
      press(buttons[at], block, spec, actionOf(side), ctx);
    });
  });
  return element(
    "span",
    { class: "feedback", role: "group", "aria-label": "Feedback" },
    ...buttons,
  );
}

/**
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 */
export function overflow(spec, block, ctx) {
  const opener = element(
    "summary",
    { class: "kit-icon-button", title: "More actions" },
    icon("more"),
    unseen("More actions"),
  );
  const menu = element("details", { class: "overflow" }, opener);
  const list = element("ul", { class: "kit-menu" });
  for (const option of spec.options) list.append(element("li", {}, overflowItem(option)));
  menu.append(list);
  menu.addEventListener("focusout", (event) => {
    if (!menu.contains(/** @type {Node | null} */ (event.relatedTarget))) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    opener.focus();
  });
  return menu;

  /** @param {Json} option */
  function overflowItem(option) {
    const label = renderPlain(option.text);
    const anchor = option.url && link(option.url, [label], { class: "kit-menu-item" });
    const item =
      anchor instanceof HTMLAnchorElement
        ? anchor
        : element("button", { class: "kit-menu-item", type: "button" }, label);
    item.addEventListener("click", () => {
      item.closest("details")?.removeAttribute("open");
      press(item, block, spec, { selected_option: option }, ctx);
    });
    return item;
  }
}

/** @param {Json} pressed a button, or one side of the feedback buttons */
function actionOf({ text, value, style, icon: name }) {
  return Object.fromEntries(
    Object.entries({ text, value, style, icon: name }).filter(([, given]) => given !== undefined),
  );
}
