// One sample of everything that the renderers know, to look at and to measure.

import { renderAttachments, renderBlocks, renderTasks } from "/static/render/blocks.js";
import { renderMarkdown } from "/static/render/markdown.js";
import { renderMrkdwn } from "/static/render/mrkdwn.js";

const ana = { id: "U1", name: "ana", real_name: "Ana Ruiz" };
const ben = { id: "U2", name: "ben", real_name: "Ben Okafor" };
const general = { id: "C1", name: "general", kind: "channel" };

const context = () => ({
  users: new Map([ana, ben].map((user) => [user.id, user])),
  channels: new Map([[general.id, general]]),
  me: ana,
  choices: new Map(),
  press: (...pressed) => console.log(pressed),
  openUser: console.log,
  openChannel: console.log,
});

const plain = (text) => ({ type: "plain_text", text });
const mrkdwn = (text) => ({ type: "mrkdwn", text });
const option = (text, value, description) => ({
  text: plain(text),
  value,
  ...(description && { description: plain(description) }),
});
const rich = (...elements) => ({ type: "rich_text", elements });
const section = (...elements) => ({ type: "rich_text_section", elements });
const words = (text, style) => ({ type: "text", text, ...(style && { style }) });

const MRKDWN = `Hi <@U1>, <@U2> and <@U404|eva>: *bold*, _italic_, ~struck~, \`code\`, *_both_* and a <https://docs.acme.test/deploy|link with a label> :tada:
See <#C1|general>, <!here> and <!subteam^S1|@platform>, due <!date^1700000000^{date_short} at {time}|soon>. 5 &lt; 7 &amp; 9 &gt; 3, snake_case_name, https://acme.test/a_b?x=1.

&gt; The deploy took *twelve* minutes.
&gt; Then it went on.
• first
• second
    ◦ nested
    ◦ again
• third
1. one
2. two
\`\`\`
$ make deploy
ok: 12 hosts
\`\`\`
After the code.`;

const MARKDOWN = `## How to roll back

Ask **on-call** first, then run the _rollback_ job ([runbook](https://docs.acme.test/rollback)). ~~Do not~~ use \`git revert\` only, <@U2>. :rocket:

1. Stop the pipeline
2. Roll back:
   - staging
   - production
     - EU first
3. Tell #general

- [x] Tests are green
- [ ] Dashboard looks calm

\`\`\`python
def rollback(release: str) -> None:
    deploy(previous(release), wait=True)
\`\`\`

> **Note:** the old page is wrong.
> - it names the old cluster

| Service | Owner | p95 |
| :------ | :---: | --: |
| \`billing\` | **Ana** | 120 ms |
| search | Ben | 48 ms |

### Sources
1. [Rollback runbook](https://docs.acme.test/rollback), updated in March
2. [PAY-112: checkout fails](https://jira.acme.test/PAY-112)

---
That is all.`;

const RICH_TEXT = [
  rich(
    section(
      words("Morning "),
      { type: "user", user_id: "U1" },
      words(", "),
      words("bold", { bold: true }),
      words(" "),
      words("italic", { italic: true }),
      words(" "),
      words("struck", { strike: true }),
      words(" "),
      words("code", { code: true }),
      words(" "),
      { type: "emoji", name: "wave", unicode: "1f44b" },
      words(" "),
      { type: "link", url: "https://acme.test", text: "link" },
      words(" "),
      { type: "channel", channel_id: "C1" },
      words(" "),
      { type: "broadcast", range: "channel" },
      words(" "),
      { type: "color", value: "#F405B3" },
    ),
    {
      type: "rich_text_list",
      style: "bullet",
      indent: 0,
      elements: [section(words("one")), section(words("two"))],
    },
    { type: "rich_text_list", style: "bullet", indent: 1, elements: [section(words("nested"))] },
    {
      type: "rich_text_list",
      style: "ordered",
      indent: 0,
      elements: [section(words("first")), section(words("second"))],
    },
    { type: "rich_text_quote", elements: [words("As it was said.")] },
    { type: "rich_text_preformatted", elements: [words("SELECT 1;")] },
  ),
];

const BLOCKS = [
  { type: "header", text: plain("Release 4.2 is ready :rocket:") },
  {
    type: "section",
    text: mrkdwn(
      "*Checkout* is waiting for your approval.\nIt changes <https://git.acme.test/pr/7|12 files>.",
    ),
    accessory: { type: "button", action_id: "open", text: plain("Open"), url: "https://acme.test" },
  },
  {
    type: "section",
    fields: [
      mrkdwn("*Service*\nbilling"),
      mrkdwn("*Owner*\n<@U2>"),
      mrkdwn("*Risk*\nlow"),
      mrkdwn("*When*\ntoday"),
    ],
    accessory: { type: "image", image_url: "https://acme.test/a.png", alt_text: "Chart" },
  },
  {
    type: "context",
    elements: [
      { type: "image", image_url: "https://acme.test/b.png", alt_text: "Build" },
      mrkdwn("Built from `main` by *ci*"),
      plain("2 minutes ago"),
    ],
  },
  { type: "divider" },
  {
    type: "actions",
    block_id: "b1",
    elements: [
      { type: "button", action_id: "yes", text: plain("Approve"), style: "primary", value: "7" },
      {
        type: "button",
        action_id: "no",
        text: plain("Reject"),
        style: "danger",
        confirm: {
          title: plain("Reject?"),
          text: mrkdwn("This *cannot* be undone."),
          confirm: plain("Reject"),
          deny: plain("Keep"),
          style: "danger",
        },
      },
      { type: "button", action_id: "later", text: plain("Later") },
      {
        type: "static_select",
        action_id: "env",
        placeholder: plain("Environment"),
        options: [option("Staging", "s"), option("Production", "p")],
      },
      { type: "datepicker", action_id: "day", initial_date: "2026-11-21" },
      {
        type: "overflow",
        action_id: "more",
        options: [option("Mute", "m"), option("Remove", "r")],
      },
    ],
  },
  {
    type: "actions",
    block_id: "b2",
    elements: [
      {
        type: "checkboxes",
        action_id: "c",
        options: [option("Tests", "t", "All of them"), option("Docs", "d")],
        initial_options: [option("Tests", "t")],
      },
      {
        type: "radio_buttons",
        action_id: "r",
        options: [option("Now", "n"), option("Tonight", "o")],
        initial_option: option("Now", "n"),
      },
    ],
  },
  {
    type: "image",
    title: plain("Latency"),
    alt_text: "p95 of the last hour",
    image_url: "https://acme.test/c.png",
  },
  {
    type: "table",
    column_settings: [{ is_wrapped: true }, { align: "right" }],
    rows: [
      [
        { type: "raw_text", text: "Service" },
        { type: "raw_text", text: "Errors" },
      ],
      [rich(section(words("billing", { bold: true }))), { type: "raw_text", text: "12" }],
      [
        rich(section({ type: "link", url: "https://acme.test", text: "search" })),
        { type: "raw_text", text: "0" },
      ],
    ],
  },
  {
    type: "input",
    block_id: "i1",
    label: plain("Channel for reports"),
    hint: plain("Weekly, on Mondays"),
    element: { type: "plain_text_input", action_id: "t", placeholder: plain("#reports") },
  },
  { type: "file", external_id: "F1" },
  { type: "hologram" },
  {
    type: "context_actions",
    block_id: "b3",
    elements: [
      {
        type: "feedback_buttons",
        action_id: "f",
        positive_button: { text: plain("Good answer"), value: "good" },
        negative_button: { text: plain("Bad answer"), value: "bad" },
      },
      { type: "icon_button", action_id: "del", icon: "trash", text: plain("Delete") },
    ],
  },
];

const TASKS = [
  {
    id: "1",
    title: "Search Confluence",
    status: "complete",
    details: "3 pages about *rollbacks*",
    sources: [
      { type: "url", url: "https://docs.acme.test/rollback", text: "Rollback runbook" },
      { type: "url", url: "https://docs.acme.test/deploy", text: "Deploying" },
    ],
  },
  { id: "2", title: "Read PAY-112", status: "error", output: "The ticket is not visible to me." },
  {
    id: "3",
    title: "Search Slack history",
    status: "in_progress",
    details: "Looking in #incidents",
  },
  { id: "4", title: "Write the answer", status: "pending" },
];

const ATTACHMENTS = [
  {
    color: "good",
    pretext: "Build finished",
    author_name: "ci",
    title: "billing #481",
    title_link: "https://ci.acme.test/481",
    text: "All *312* tests passed.",
    fields: [
      { title: "Branch", value: "main", short: true },
      { title: "Duration", value: "4 min", short: true },
    ],
    footer: "CI",
    ts: 1700000000,
  },
  { color: "#e01e5a", fallback: "Alert: disk is full" },
];

const SAMPLES = {
  mrkdwn: (ctx) => renderMrkdwn(MRKDWN, ctx),
  "only emoji": (ctx) => renderMrkdwn(":tada: :rocket: 🙌", ctx),
  markdown: (ctx) => renderMarkdown(MARKDOWN, ctx),
  "rich text": (ctx) => renderBlocks(RICH_TEXT, ctx),
  blocks: (ctx) => renderBlocks(BLOCKS, ctx),
  timeline: (ctx) => renderTasks({ tasks: TASKS, plan_title: null, task_display: "timeline" }, ctx),
  plan: (ctx) =>
    renderTasks(
      { tasks: TASKS, plan_title: "Finding out how to roll back", task_display: "plan" },
      ctx,
    ),
  attachments: (ctx) => renderAttachments(ATTACHMENTS, ctx),
};

for (const [name, render] of Object.entries(SAMPLES)) {
  const made = document.createElement("section");
  const title = document.createElement("h2");
  title.textContent = name;
  const rendered = document.createElement("div");
  rendered.className = "rendered";
  rendered.append(render(context()));
  made.append(title, rendered);
  document.querySelector("main").append(made);
}
document.body.dataset.ready = "true";

/** A colour as the browser draws it: red, green and blue from 0 to 255, alpha from 0 to 1. */
function drawn(color) {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}

/** The colour behind an element: its own background over those around it. */
function behind(element) {
  if (!element) return [255, 255, 255];
  const [red, green, blue, alpha] = drawn(getComputedStyle(element).backgroundColor);
  if (alpha === 1) return [red, green, blue];
  const under = behind(element.parentElement);
  return [red, green, blue].map((value, at) => value * alpha + under[at] * (1 - alpha));
}

/** Relative luminance, as WCAG defines it. */
function luminance(color) {
  const [red, green, blue] = color
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(element) {
  const [lighter, darker] = [behind(element), drawn(getComputedStyle(element).color)]
    .map(luminance)
    .sort((one, other) => other - one);
  return (lighter + 0.05) / (darker + 0.05);
}

globalThis.gallery = {
  /** Elements whose own text can hardly be read. */
  faint: () =>
    [...document.querySelectorAll(".rendered *")]
      .filter((each) =>
        [...each.childNodes].some((node) => node instanceof Text && node.data.trim()),
      )
      .map((each) => ({
        text: each.textContent.slice(0, 40),
        class: each.className,
        contrast: contrast(each),
      }))
      .filter((each) => each.contrast < 4.5),

  /** Controls that a screen reader could not name. */
  nameless: () =>
    [...document.querySelectorAll(".rendered :is(a, button, summary, input, select)")]
      .filter(
        (each) =>
          !(
            each.textContent.trim() ||
            each.ariaLabel ||
            [...(each.labels ?? [])].some((label) => label.textContent.trim())
          ),
      )
      .map((each) => each.outerHTML),
};
