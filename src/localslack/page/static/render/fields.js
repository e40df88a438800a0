// Elements to choose with or to write in, made of the browser's own controls.
// Shapes and payloads: Slack's reference of block elements and of block_actions.

import { confirmed } from "./confirm.js";
import { element, fragment } from "./dom.js";
import { choice, choose, tell } from "./press.js";
import { renderPlain, renderTextInline } from "./text_object.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

/**
 * Tell the app what a field holds now, or put back what it held. In an input block the app is told
 * only where it wants to be: its value is otherwise kept until the form is sent.
 * @param {HTMLElement} control
 * @param {Json} block
 * @param {Json} spec
 * @param {Json} action
 * @param {Context} ctx
 * @param {() => void} undo
 */
async function changed(control, block, spec, action, ctx, undo) {
  const isSilent = block.type === "input" && !block.dispatch_action;
  if (!isSilent && !(await confirmed(spec.confirm, ctx))) return undo();
  choose(block, spec, action, ctx);
  if (!isSilent) await tell(control, block, spec, action, ctx);
}

/**
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 */
export function staticSelect(spec, block, ctx) {
  /** @type {Json[]} */
  const options = [];
  /** @param {Json} option */
  const optionElement = (option) =>
    element("option", { value: options.push(option) - 1 }, renderPlain(option.text));
  const placeholder = spec.placeholder?.text ?? "Select an option";
  const select = element("select", { class: "field", "aria-label": placeholder });
  select.append(element("option", { value: -1, hidden: true }, placeholder));
  for (const option of spec.options ?? []) select.append(optionElement(option));
  for (const group of spec.option_groups ?? []) {
    select.append(
      element("optgroup", { label: group.label.text }, fragment(group.options.map(optionElement))),
    );
  }
  const chosen = choice(block, spec, ctx)?.selected_option ?? spec.initial_option;
  let held = String(options.findIndex((option) => option.value === chosen?.value));
  select.value = held;
  select.addEventListener("change", async () => {
    const action = { selected_option: options[Number(select.value)] };
    const undo = () => void (select.value = held);
    await changed(select, block, spec, action, ctx, undo);
    held = select.value;
  });
  return select;
}

/**
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 */
export function checkboxes(spec, block, ctx) {
  const chosen = choice(block, spec, ctx)?.selected_options ?? spec.initial_options ?? [];
  return optionList(spec, block, ctx, "checkbox", chosen, (selected) => ({
    selected_options: selected,
  }));
}

/**
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 */
export function radioButtons(spec, block, ctx) {
  const chosen = choice(block, spec, ctx)?.selected_option ?? spec.initial_option;
  const selection = chosen ? [chosen] : [];
  return optionList(spec, block, ctx, "radio", selection, ([option]) => ({
    selected_option: option,
  }));
}

/**
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 * @param {"checkbox" | "radio"} type
 * @param {Json[]} chosen
 * @param {(selected: Json[]) => Json} actionOf
 */
function optionList(spec, block, ctx, type, chosen, actionOf) {
  // One message may stand on the page twice, so that its ids are not enough to tell groups apart.
  const name = `${spec.action_id}-${Math.random()}`;
  /** @type {HTMLInputElement[]} */
  const inputs = spec.options.map((/** @type {Json} */ option) =>
    element("input", { type, name, checked: chosen.some((each) => each.value === option.value) }),
  );
  let held = inputs.map((input) => input.checked);
  const group = element("div", {
    class: "options",
    role: type === "radio" ? "radiogroup" : "group",
  });
  spec.options.forEach((/** @type {Json} */ option, /** @type {number} */ at) => {
    const text = element("span", {}, renderTextInline(option.text, ctx));
    const note =
      option.description &&
      element("span", { class: "option-note" }, renderTextInline(option.description, ctx));
    group.append(element("label", {}, inputs[at], element("span", {}, text, note)));
  });
  for (const input of inputs) input.addEventListener("change", onChange);
  return group;

  /** @this {HTMLInputElement} */
  async function onChange() {
    const action = actionOf(
      spec.options.filter((/** @type {Json} */ _, /** @type {number} */ at) => inputs[at].checked),
    );
    await changed(this, block, spec, action, ctx, () =>
      inputs.forEach((input, at) => (input.checked = held[at])),
    );
    held = inputs.map((input) => input.checked);
  }
}

/**
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 */
export function datePicker(spec, block, ctx) {
  const label = spec.placeholder?.text ?? "Select a date";
  const input = element("input", { class: "field", type: "date", "aria-label": label });
  let held = choice(block, spec, ctx)?.selected_date ?? spec.initial_date ?? "";
  input.value = held;
  input.addEventListener("change", async () => {
    const action = { selected_date: input.value || null, initial_date: spec.initial_date };
    await changed(input, block, spec, action, ctx, () => void (input.value = held));
    held = input.value;
  });
  return input;
}

/**
 * @param {Json} spec
 * @param {Json} block
 * @param {Context} ctx
 */
export function plainTextInput(spec, block, ctx) {
  const attributes = {
    class: "field",
    placeholder: spec.placeholder?.text,
    maxlength: spec.max_length,
  };
  const input = spec.multiline
    ? element("textarea", { rows: 3, ...attributes })
    : element("input", attributes);
  input.value = choice(block, spec, ctx)?.value ?? spec.initial_value ?? "";
  input.addEventListener("change", () =>
    changed(input, block, spec, { value: input.value }, ctx, () => {}),
  );
  return input;
}
