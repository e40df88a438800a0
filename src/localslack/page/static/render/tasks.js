// What an agent does before it answers: task cards in a timeline, or a plan that folds.
// Shapes: Slack's reference of the task card and plan blocks, and the chunks of streaming.

import { element, fragment, link, unseen } from "./dom.js";
import { icon } from "./icons.js";
import { renderMarkdown } from "./markdown.js";
import { renderRichText } from "./rich_text.js";
import { renderPlain } from "./text_object.js";

/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {"pending" | "in_progress" | "complete" | "error"} Status */

/** @type {Record<Status, string>} */
const SPOKEN = { pending: "To do", in_progress: "In progress", complete: "Done", error: "Failed" };

/**
 * The tasks of a message, however it shows them; nothing where it has none.
 * @param {Json} message with `tasks`, `plan_title` and `task_display`
 * @param {Context} ctx
 * @returns {DocumentFragment}
 */
export function renderTasks(message, ctx) {
  const { tasks, plan_title: title } = message;
  if (message.task_display === "plan" && (title || tasks.length > 0)) {
    return fragment([plan(title, tasks, ctx)]);
  }
  return fragment([tasks.length > 0 && taskList(tasks, ctx)]);
}

/**
 * @param {Json} block of type `task_card`
 * @param {Context} ctx
 */
export function renderTaskCard(block, ctx) {
  return taskList([block], ctx);
}

/**
 * @param {Json} block of type `plan`
 * @param {Context} ctx
 */
export function renderPlan(block, ctx) {
  return plan(block.title, block.tasks ?? [], ctx);
}

/**
 * @param {string | null} title
 * @param {Json[]} tasks
 * @param {Context} ctx
 */
function plan(title, tasks, ctx) {
  const done = tasks.filter((task) => statusOf(task) === "complete").length;
  const count = `${done} of ${tasks.length} done`;
  const summary = element(
    "summary",
    {},
    element("span", { class: "plan-title" }, renderPlain({ text: title || "Plan" })),
    tasks.length > 0 && element("span", { class: "plan-count" }, count),
  );
  const made = element(
    "details",
    { class: "plan", open: ctx.choices?.get("plan") ?? true },
    summary,
    tasks.length > 0 &&
      element("progress", { max: tasks.length, value: done, "aria-label": count }),
    taskList(tasks, ctx),
  );
  summary.addEventListener("click", () => ctx.choices?.set("plan", !made.open));
  return made;
}

/**
 * @param {Json[]} tasks
 * @param {Context} ctx
 */
function taskList(tasks, ctx) {
  const list = element("ol", { class: "tasks" });
  for (const each of tasks) list.append(task(each, ctx));
  return list;
}

/**
 * @param {Json} spec
 * @param {Context} ctx
 */
function task(spec, ctx) {
  const status = statusOf(spec);
  return element(
    "li",
    { class: `task task-${status}`, "data-task-id": spec.id ?? spec.task_id },
    icon(status),
    element(
      "div",
      { class: "task-body" },
      element(
        "p",
        { class: "task-title" },
        unseen(`${SPOKEN[status]}: `),
        renderPlain({ text: spec.title }),
      ),
      spec.details && element("div", { class: "task-details" }, words(spec.details, ctx)),
      spec.output && element("div", { class: "task-output" }, words(spec.output, ctx)),
      spec.sources?.length > 0 && sources(spec.sources),
    ),
  );
}

/**
 * Chunks have text here, blocks have rich text.
 * @param {string | Json} content
 * @param {Context} ctx
 */
function words(content, ctx) {
  return typeof content === "string" ? renderMarkdown(content, ctx) : renderRichText(content, ctx);
}

/** @param {Json[]} all */
function sources(all) {
  const list = element("ul", { class: "sources", "aria-label": "Sources" });
  for (const { url, text } of all) list.append(element("li", {}, link(url, [text || url])));
  return list;
}

/**
 * @param {Json} task
 * @returns {Status}
 */
function statusOf({ status }) {
  return Object.hasOwn(SPOKEN, status) ? status : "pending";
}
