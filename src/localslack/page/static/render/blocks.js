// Block Kit to DOM, for messages and for the Home tab.
// Shapes: Slack's reference of Block Kit.

import { element, fragment, link, safeUrl } from "./dom.js";
import { renderElement } from "./elements.js";
import { icon } from "./icons.js";
import { renderMarkdown } from "./markdown.js";
import { renderMrkdwnInline } from "./mrkdwn.js";
import { renderRichText } from "./rich_text.js";
import { renderTable } from "./table.js";
import { renderPlan, renderTaskCard } from "./tasks.js";
import { renderPlain, renderText, renderTextInline } from "./text_object.js";

export { renderAttachments } from "./attachments.js";
export { renderTasks } from "./tasks.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

/** @type {Record<string, (block: Json, ctx: Context) => Node>} */
const BLOCKS = {
  actions,
  context,
  context_actions: contextActions,
  divider: () => element("hr"),
  file,
  header: (block) => element("h3", { class: "block-header" }, renderPlain(block.text)),
  image,
  input,
  markdown: (block, ctx) => renderMarkdown(block.text, ctx),
  plan: renderPlan,
  rich_text: renderRichText,
  section,
  table: renderTable,
  task_card: renderTaskCard,
  video,
};

/**
 * One element for each block, in order. A block that is not known here, or whose shape is wrong,
 * says so in its place; the others are not touched by it.
 * @param {Json[]} blocks
 * @param {Context} ctx
 * @returns {DocumentFragment}
 */
export function renderBlocks(blocks, ctx) {
  return fragment(blocks.map((block) => renderBlock(block, ctx)));
}

/**
 * @param {Json} block
 * @param {Context} ctx
 */
function renderBlock(block, ctx) {
  const type = String(block?.type);
  const attributes = {
    class: `block block-${type.replace(/[^a-z_]/g, "")}`,
    "data-block-id": block?.block_id,
  };
  try {
    if (Object.hasOwn(BLOCKS, type)) return element("div", attributes, BLOCKS[type](block, ctx));
  } catch (error) {
    // Apps may send any shape, and a type error is how a wrong one shows.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  }
  return element("div", { class: "block unsupported" }, `Unsupported block: ${type}`);
}

/**
 * @param {Json} block
 * @param {Context} ctx
 */
function section(block, ctx) {
  if (!block.text && !block.fields) throw new TypeError("a section without content");
  const fields = block.fields && element("div", { class: "fields" });
  for (const field of block.fields ?? []) fields.append(element("div", {}, renderText(field, ctx)));
  const body = element(
    "div",
    { class: "section-body" },
    block.text && renderText(block.text, ctx),
    fields,
  );
  if (!block.accessory) return body;
  const accessory = element(
    "div",
    { class: "accessory" },
    renderElement(block.accessory, block, ctx),
  );
  return fragment([body, accessory]);
}

/**
 * @param {Json} block
 * @param {Context} ctx
 */
function context(block, ctx) {
  return fragment(
    block.elements.map((/** @type {Json} */ each) =>
      each.type === "image"
        ? renderElement(each, block, ctx)
        : element("span", {}, renderTextInline(each, ctx)),
    ),
  );
}

/**
 * @param {Json} block
 * @param {Context} ctx
 */
function actions(block, ctx) {
  return fragment(
    block.elements.map((/** @type {Json} */ each) => renderElement(each, block, ctx)),
  );
}

/**
 * @param {Json} block
 * @param {Context} ctx
 */
function contextActions(block, ctx) {
  return actions(block, ctx);
}

/**
 * A picture is never fetched: a box says what it shows.
 * @param {Json} block
 */
function image(block) {
  const title = block.title && element("figcaption", {}, renderPlain(block.title));
  const alt = block.alt_text || "Picture";
  const box = element(
    "div",
    { class: "image-box", role: "img", "aria-label": alt },
    icon("picture"),
    alt,
  );
  return element("figure", {}, title, box);
}

/**
 * The label holds the control, save that of a group, whose options have labels of their own.
 * @param {Json} block
 * @param {Context} ctx
 */
function input(block, ctx) {
  const control = renderElement(block.element, block, ctx);
  const optional = block.optional && element("span", { class: "option-note" }, " (optional)");
  const title = element("span", { class: "input-label" }, renderPlain(block.label), optional);
  const hint = block.hint && element("span", { class: "option-note" }, renderPlain(block.hint));
  if (control instanceof HTMLDivElement) {
    control.setAttribute("aria-label", block.label.text);
    return fragment([title, control, hint]);
  }
  if (control instanceof HTMLElement) control.removeAttribute("aria-label");
  return fragment([element("label", {}, title, control), hint]);
}

/** @param {Json} block */
function file(block) {
  return element(
    "p",
    { class: "file-place" },
    icon("file"),
    `File ${block.external_id ?? ""}`.trim(),
  );
}

/**
 * @param {Json} block
 * @param {Context} ctx
 */
function video(block, ctx) {
  const title = safeUrl(block.title_url)
    ? link(block.title_url, [block.title.text])
    : block.title.text;
  const box = element(
    "div",
    { class: "image-box", role: "img", "aria-label": block.alt_text },
    icon("video"),
    block.alt_text,
  );
  const note =
    block.description && element("p", {}, renderMrkdwnInline(block.description.text, ctx));
  return fragment([element("p", {}, element("strong", {}, title)), note, box]);
}
