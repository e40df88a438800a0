// What every interactive element does when it is used: ask, mark itself busy, tell the app.

import { confirmed } from "./confirm.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

/**
 * Tell the app, unless the person is asked first and thinks better of it.
 * @param {HTMLElement} control
 * @param {Json} block that holds it
 * @param {Json} spec the element as the app sent it
 * @param {Json} action what the app is told beside `type`, `action_id` and `block_id`
 * @param {Context} ctx
 */
export async function press(control, block, spec, action, ctx) {
  if (await confirmed(spec.confirm, ctx)) await tell(control, block, spec, action, ctx);
}

/**
 * Tell the app; the control is busy until the app has been told.
 * @param {HTMLElement} control
 * @param {Json} block
 * @param {Json} spec
 * @param {Json} action
 * @param {Context} ctx
 */
export async function tell(control, block, spec, action, ctx) {
  const interaction = {
    blockId: block.block_id ?? "",
    actionId: spec.action_id ?? "",
    action: { type: spec.type, ...action },
  };
  control.setAttribute("aria-busy", "true");
  try {
    await ctx.press(control, interaction);
  } finally {
    control.removeAttribute("aria-busy");
  }
}

/**
 * What the person chose in this element before, when the message is rendered again.
 * @param {Json} block
 * @param {Json} spec
 * @param {Context} ctx
 */
export function choice(block, spec, ctx) {
  return ctx.choices?.get(choiceKey(block, spec));
}

/**
 * @param {Json} block
 * @param {Json} spec
 * @param {unknown} value
 * @param {Context} ctx
 */
export function choose(block, spec, value, ctx) {
  ctx.choices?.set(choiceKey(block, spec), value);
}

/**
 * @param {Json} block
 * @param {Json} spec
 */
function choiceKey(block, spec) {
  return `${block.block_id}/${spec.action_id}`;
}
