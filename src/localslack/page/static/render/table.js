// The table block: rows of cells with rich or raw text.
// Shape: Slack's reference of the table block.

import { element } from "./dom.js";
import { renderRichText } from "./rich_text.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */

const ALIGNMENTS = new Set(["center", "right"]);

/**
 * The first row has the headings.
 * @param {Json} block
 * @param {Context} ctx
 */
export function renderTable(block, ctx) {
  const [headings, ...rows] = block.rows;
  const columns = (block.column_settings ?? []).map(columnClass);
  /**
   * @param {"th" | "td"} tag
   * @param {Json[]} cells
   */
  const row = (tag, cells) => {
    const made = element("tr");
    cells.forEach((cell, column) => {
      const attributes = { class: columns[column] ?? "nowrap", scope: tag === "th" && "col" };
      made.append(element(tag, attributes, content(cell, ctx)));
    });
    return made;
  };
  const body = element("tbody");
  for (const cells of rows) body.append(row("td", cells));
  const table = element("table", {}, element("thead", {}, row("th", headings)), body);
  return element("div", { class: "table-box" }, table);
}

/** @param {Json | null} settings null leaves a column as it is */
function columnClass(settings) {
  const align = ALIGNMENTS.has(settings?.align) && `align-${settings?.align}`;
  return [align, !settings?.is_wrapped && "nowrap"].filter(Boolean).join(" ");
}

/**
 * @param {Json} cell
 * @param {Context} ctx
 */
function content(cell, ctx) {
  if (cell.type === "rich_text") return renderRichText(cell, ctx);
  if (cell.type === "raw_text") return document.createTextNode(cell.text);
  throw new TypeError(`no such cell: ${cell.type}`);
}
