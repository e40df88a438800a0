// Build DOM from data: elements, text and links. Nothing here or elsewhere parses HTML.

/** @typedef {Node | string | null | undefined | false} Child */

const PROTOCOLS = new Set(["http:", "https:", "mailto:"]);

/**
 * Make an element; children that are null, undefined or false are left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes]
 *   true sets an attribute without a value; false, null and undefined leave it out
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  for (const child of children) {
    if (child != null && child !== false) made.append(child);
  }
  return made;
}

/**
 * @param {Iterable<Child>} children
 * @returns {DocumentFragment}
 */
export function fragment(children) {
  const made = document.createDocumentFragment();
  for (const child of children) {
    if (child != null && child !== false) made.append(child);
  }
  return made;
}

/**
 * Return the address when a click on it is harmless (http, https, mailto), else null.
 * @param {unknown} address
 * @returns {string | null}
 */
export function safeUrl(address) {
  if (typeof address !== "string" || !URL.canParse(address)) return null;
  return PROTOCOLS.has(new URL(address).protocol) ? address : null;
}

/**
 * A link that opens in a new tab, or only its children where the address is not safe.
 * @param {unknown} address
 * @param {Iterable<Child>} children
 * @param {Record<string, string | undefined>} [attributes]
 * @returns {HTMLAnchorElement | DocumentFragment}
 */
export function link(address, children, attributes = {}) {
  const href = safeUrl(address);
  if (href === null) return fragment(children);
  const anchor = element("a", {
    href,
    target: "_blank",
    rel: "noopener noreferrer",
    ...attributes,
  });
  anchor.append(fragment(children));
  return anchor;
}

/**
 * Text for screen readers only.
 * @param {string} text
 */
export function unseen(text) {
  return element("span", { class: "unseen" }, text);
}
