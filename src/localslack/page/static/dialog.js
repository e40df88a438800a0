// A question, or a list, that everything else waits for.
import { h, iconButton } from "./dom.js";

/**
 * @param {string} title
 * @param {(close: () => void) => (Node | string)[]} content
 * @param {{class?: string}} [options]
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, content, { class: name = "" } = {}) {
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: name, "aria-label": title }));
  const close = () => dialog.close();
  dialog.append(
    h(
      "div",
      { class: "dialog-head" },
      h("h2", {}, title),
      iconButton("close", "Close", { onclick: close, "data-tip": null }),
    ),
    ...content(close),
  );
  dialog.addEventListener("click", ({ target }) => target === dialog && close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Ask before something that cannot be taken back.
 * @param {{title: string, text: string, preview: Node, verb: string}} question
 * @param {() => void} agreed
 */
export function confirm({ title, text, preview, verb }, agreed) {
  openDialog(
    title,
    (close) => [
      h("p", {}, text),
      h("div", { class: "preview", inert: true }, preview),
      h(
        "div",
        { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: close }, "Cancel"),
        h(
          "button",
          { type: "button", class: "button danger", autofocus: true, onclick: () => (close(), agreed()) },
          verb,
        ),
      ),
    ],
    { class: "confirm" },
  );
}
