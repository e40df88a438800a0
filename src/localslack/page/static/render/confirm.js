// The dialog that asks before an action which carries a `confirm` object.

import { element } from "./dom.js";
import { renderTextInline } from "./text_object.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

/**
 * Ask; Escape and the second button mean no. The dialog stands outside the message, so that a
 * new rendering of the message does not take it away.
 * @param {Json | undefined} confirm nothing to ask where it is missing
 * @param {Context} ctx
 * @returns {Promise<boolean>}
 */
export async function confirmed(confirm, ctx) {
  if (!confirm) return true;
  const kind = confirm.style === "danger" ? "danger" : "primary";
  const yes = element(
    "button",
    { class: `kit-button ${kind}`, value: "yes" },
    confirm.confirm?.text ?? "Yes",
  );
  const no = element(
    "button",
    { class: "kit-button", value: "no" },
    confirm.deny?.text ?? "Cancel",
  );
  const title = confirm.title?.text ?? "Are you sure?";
  const dialog = element(
    "dialog",
    { class: "confirm", "aria-label": title },
    element(
      "form",
      { method: "dialog" },
      element("h2", {}, title),
      element(
        "div",
        { class: "rendered" },
        confirm.text && element("p", {}, renderTextInline(confirm.text, ctx)),
      ),
      element("div", { class: "confirm-buttons" }, no, yes),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  dialog.remove();
  return dialog.returnValue === "yes";
}
