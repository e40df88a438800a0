// Which function draws which Block Kit element.

import { button, feedbackButtons, iconButton, overflow } from "./buttons.js";
import { element } from "./dom.js";
import { checkboxes, datePicker, plainTextInput, radioButtons, staticSelect } from "./fields.js";
import { icon } from "./icons.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

/** @type {Record<string, (spec: Json, block: Json, ctx: Context) => Node>} */
const ELEMENTS = {
  button,
  checkboxes,
  datepicker: datePicker,
  feedback_buttons: feedbackButtons,
  icon_button: iconButton,
  image: imagePlace,
  overflow,
  plain_text_input: plainTextInput,
  radio_buttons: radioButtons,
  static_select: staticSelect,
};

/**
 * @param {Json} spec
 * @param {Json} block that holds it
 * @param {Context} ctx
 * @returns {Node}
 */
export function renderElement(spec, block, ctx) {
  if (Object.hasOwn(ELEMENTS, spec.type)) return ELEMENTS[spec.type](spec, block, ctx);
  return element("span", { class: "unsupported" }, `Unsupported element: ${spec.type}`);
}

/**
 * A picture is never fetched: its place says what it shows.
 * @param {Json} spec
 */
function imagePlace(spec) {
  const alt = spec.alt_text || "Picture";
  return element(
    "span",
    { class: "image-place", role: "img", "aria-label": alt, title: alt },
    icon("picture"),
  );
}
