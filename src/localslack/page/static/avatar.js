// A face for everyone: initials on a colour that stays the same for the same user.
import { h, icon } from "./dom.js";

const COLOURS = 10;

/** @param {string} name */
function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("");
}

/** A small stable hash of an id. @param {string} id */
function colour(id) {
  let sum = 7;
  for (const character of id) sum = (sum * 31 + character.codePointAt(0)) % 65_521;
  return sum % COLOURS;
}

/**
 * @param {import("./types.js").User | undefined} user
 * @param {"small" | "medium" | "large"} [size]
 */
export function avatar(user, size = "medium") {
  const tone = user?.is_bot ? "bot" : colour(user?.id ?? "");
  const face = user?.is_bot ? icon("bot") : initials(user?.real_name || user?.name || "?");
  return h("span", { class: `avatar ${size} tone-${tone}`, "aria-hidden": "true" }, face);
}
