// Legacy attachments: what stood in messages before Block Kit, beside a bar of colour.
// Shape: Slack's reference of secondary message attachments.

import { renderBlocks } from "./blocks.js";
import { element, fragment, link } from "./dom.js";
import { date } from "./entities.js";
import { renderMrkdwn, renderMrkdwnInline } from "./mrkdwn.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

/** @type {Record<string, string>} */
const NAMED_COLORS = { good: "var(--ok)", warning: "#daa038", danger: "var(--danger)" };

/**
 * @param {Json[]} attachments
 * @param {Context} ctx
 * @returns {DocumentFragment}
 */
export function renderAttachments(attachments, ctx) {
  return fragment(attachments.map((each) => attachment(each, ctx)));
}

/**
 * @param {Json} spec
 * @param {Context} ctx
 */
function attachment(spec, ctx) {
  const made = element(
    "div",
    { class: "attachment" },
    ...(spec.blocks ? [renderBlocks(spec.blocks, ctx)] : legacy(spec, ctx)),
  );
  if (!made.hasChildNodes() && spec.fallback) made.append(element("p", {}, spec.fallback));
  made.style.setProperty("--bar", colorOf(spec.color));
  const pretext = spec.pretext && renderMrkdwn(spec.pretext, ctx);
  return element("div", { class: "attachment-box" }, pretext, made);
}

/**
 * @param {Json} spec
 * @param {Context} ctx
 */
function legacy(spec, ctx) {
  const title = spec.title && renderMrkdwnInline(spec.title, ctx);
  return [
    spec.author_name &&
      element("p", { class: "attachment-author" }, link(spec.author_link, [spec.author_name])),
    title && element("p", { class: "attachment-title" }, link(spec.title_link, [title])),
    spec.text && renderMrkdwn(spec.text, ctx),
    spec.fields?.length > 0 && fields(spec.fields, ctx),
    (spec.footer || spec.ts) && footer(spec, ctx),
  ];
}

/**
 * @param {Json[]} all
 * @param {Context} ctx
 */
function fields(all, ctx) {
  const made = element("div", { class: "fields" });
  for (const { title, value, short } of all) {
    const name = title && element("p", { class: "field-title" }, title);
    made.append(
      element("div", { class: !short && "wide" }, name, value && renderMrkdwn(value, ctx)),
    );
  }
  return made;
}

/**
 * @param {Json} spec
 * @param {Context} ctx
 */
function footer(spec, ctx) {
  const when = spec.ts && date(Number(spec.ts), "{date_short_pretty} at {time}", "");
  const text = spec.footer && renderMrkdwnInline(spec.footer, ctx);
  return element("p", { class: "attachment-footer" }, text, text && when && " | ", when);
}

/** @param {unknown} color */
function colorOf(color) {
  if (typeof color !== "string") return "var(--border)";
  if (Object.hasOwn(NAMED_COLORS, color)) return NAMED_COLORS[color];
  const hex = /^#?([\da-f]{6}|[\da-f]{3})$/i.exec(color);
  return hex ? `#${hex[1]}` : "var(--border)";
}
