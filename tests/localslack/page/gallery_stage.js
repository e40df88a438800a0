// What the tests call: render one thing into the page and note what is pressed in it.

import { renderAttachments, renderBlocks, renderTasks } from "/static/render/blocks.js";
import { formatDate } from "/static/render/dates.js";
import * as emoji from "/static/render/emoji.js";
import { renderMarkdown } from "/static/render/markdown.js";
import { renderMrkdwn } from "/static/render/mrkdwn.js";
import { renderRichText } from "/static/render/rich_text.js";

const RENDERERS = {
  attachments: renderAttachments,
  blocks: renderBlocks,
  markdown: renderMarkdown,
  mrkdwn: renderMrkdwn,
  rich_text: renderRichText,
  tasks: renderTasks,
};
const ana = { id: "U1", name: "ana", real_name: "Ana Ruiz" };
const ben = { id: "U2", name: "ben", real_name: "Ben Okafor" };
const place = document.querySelector("main");
// No test leaves this machine; and a second tab would slow this one down.
place.addEventListener("click", (event) => event.target.closest("a") && event.preventDefault());

globalThis.stage = {
  emoji,
  formatDate,
  pressed: [],
  opened: [],

  /** A new rendering with the same `keep` finds the choices that were made in the one before. */
  show(renderer, given, { keep = false } = {}) {
    if (!keep) this.choices = new Map();
    this.pressed = [];
    this.opened = [];
    const context = {
      users: new Map([ana, ben].map((user) => [user.id, user])),
      channels: new Map([["C1", { id: "C1", name: "general" }]]),
      me: ana,
      choices: this.choices,
      press: async (_, interaction) => void this.pressed.push(interaction),
      openUser: (id) => this.opened.push(id),
      openChannel: (id) => this.opened.push(id),
    };
    place.replaceChildren(RENDERERS[renderer](given, context));
    return place.innerHTML;
  },

  /** Render so many times, and leave nothing for the browser to lay out. */
  repeat(renderer, given, times) {
    for (let time = 0; time < times; time += 1) this.show(renderer, given);
    place.replaceChildren();
  },

  /** Those mixtures that are not safe, or whose last line is not shown. */
  mixtures(renderer, all) {
    return all.filter((each) => {
      this.show(renderer, each);
      return this.dangers().length > 0 || !place.textContent.includes("end");
    });
  },

  /** What on the page could run code or reach the network. */
  dangers() {
    const harmful = [
      ...place.querySelectorAll("script, iframe, object, embed, img, link, style, base, form"),
    ];
    const handlers = [...place.querySelectorAll("*")].filter((each) =>
      [...each.attributes].some(
        ({ name }) => name.startsWith("on") || name === "srcdoc" || name === "src",
      ),
    );
    const links = [...place.querySelectorAll("[href]")].filter(
      (each) =>
        !["http:", "https:", "mailto:"].includes(each.protocol) ||
        each.target !== "_blank" ||
        each.rel !== "noopener noreferrer",
    );
    return [...harmful, ...handlers, ...links].map((each) => each.outerHTML);
  },
};
