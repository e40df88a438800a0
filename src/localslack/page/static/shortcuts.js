// The list of keys that `?` opens.
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const SHORTCUTS = {
  "Getting around": [
    ["Ctrl K", "Jump to a conversation"],
    ["Alt ↑ / Alt ↓", "The conversation above or below"],
    ["F6", "The next part of the page"],
    ["Esc", "Close what is open"],
    ["?", "This list"],
  ],
  "With a message in focus": [
    ["↑ / ↓", "The message above or below"],
    ["T or →", "Open its thread"],
    ["R", "React"],
    ["E", "Edit, where it is yours"],
    ["Delete", "Delete, where it is yours"],
    ["C", "Copy its link"],
  ],
  "While you write": [
    ["Enter", "Send"],
    ["Shift Enter", "A new line"],
    ["↑", "In an empty box: edit your last message"],
    ["@ # :", "Complete people, channels and emoji"],
    ["Ctrl B / Ctrl I", "Bold, italic"],
  ],
};

/** Show the list. */
export function openShortcuts() {
  openDialog(
    "Keyboard shortcuts",
    () =>
      Object.entries(SHORTCUTS).map(([title, keys]) =>
        h(
          "section",
          {},
          h("h3", {}, title),
          h("dl", {}, ...keys.flatMap(([key, what]) => [h("dt", {}, what), h("dd", {}, h("kbd", {}, key))])),
        ),
      ),
    { class: "shortcuts" },
  );
}
