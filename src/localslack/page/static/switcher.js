// Ctrl+K: jump to a conversation, or begin one, by a few letters of its name.
import { avatar } from "./avatar.js";
import { named } from "./completion.js";
import { openDialog } from "./dialog.js";
import { h, icon } from "./dom.js";
import { badge } from "./message.js";
import { userName } from "./names.js";

const MOST = 12;

/** @typedef {{label: string, face: Node, extra?: Node | null, note: string, go: () => void}} Place */

/** @param {import("./app.js").App} app */
export function openSwitcher(app) {
  let places = [];
  let active = 0;
  const input = h("input", {
    type: "text",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "switcher-list",
    "aria-label": "Jump to",
    placeholder: "Search for channels, people and apps",
    autocomplete: "off",
    autofocus: true,
  });
  const list = h("ul", { id: "switcher-list", role: "listbox", "aria-label": "Conversations" });

  const mark = (index) => {
    active = index;
    for (const [place, item] of [...list.children].entries()) {
      item.setAttribute("aria-selected", String(place === index));
      if (place === index) item.scrollIntoView({ block: "nearest" });
    }
    input.setAttribute("aria-activedescendant", `switcher-${index}`);
  };
  const show = () => {
    places = find(app, input.value.trim().toLowerCase().replace(/^[#@]/, ""));
    list.replaceChildren(...places.map((place, index) => item(place, index)));
    if (!places.length) list.append(h("li", { class: "empty" }, "Nothing of that name. Try fewer letters."));
    else mark(0);
  };
  const dialog = openDialog("Jump to", () => [input, list], { class: "switcher" });
  const go = (index) => {
    const place = places[index];
    if (!place) return;
    dialog.close();
    place.go();
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && places.length) mark((active + step + places.length) % places.length);
    else if (event.key === "Enter" && !event.isComposing) go(active);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", ({ target }) => {
    const row = target.closest("[data-index]");
    if (row) go(Number(row.dataset.index));
  });
  show();
}

const item = ({ label, face, extra, note }, index) =>
  h(
    "li",
    { role: "option", id: `switcher-${index}`, dataset: { index } },
    h("span", { class: "completion-face" }, face),
    h("span", { class: "completion-label" }, label),
    extra,
    h("span", { class: "completion-note" }, note),
  );

/** @returns {Place[]} those with news first, where nothing was typed yet */
function find(app, query) {
  const { store } = app;
  const news = (channel) => Number(channel.unread > 0) + 2 * Number(channel.mentions > 0);
  const channels = [...store.channels.values()]
    .filter(({ kind, name }) => kind !== "im" && name.includes(query))
    .sort((a, b) => (query ? a.name.indexOf(query) - b.name.indexOf(query) : news(b) - news(a)))
    .map((channel) => ({
      label: channel.name,
      face: icon(channel.kind === "group" ? "lock" : "hash"),
      note: channel.unread ? "unread" : channel.topic,
      go: () => app.navigation.openChannel(channel.id),
    }));
  const people = [...store.users.values()]
    .filter((user) => user.id !== store.me.id && named(user, query))
    .map((user) => ({
      label: userName(user),
      face: avatar(user, "small"),
      extra: badge(user),
      note: user.title,
      go: () => app.navigation.openUser(user.id),
    }));
  return [...channels, ...people].slice(0, MOST);
}
