// Collect inline content while styles such as bold and italic open and close in it.

import { element } from "./dom.js";

/**
 * @typedef {keyof HTMLElementTagNameMap} Tag
 * @typedef {{marker: string, tag: Tag | null, children: (Node | string)[]}} Span
 */

/**
 * A marker that never closes, or that another style closes over, turns back into text.
 *
 * At most one span of each marker is open, so the depth is bounded by the number of markers and
 * every piece moves outward at most that often: the work is linear in the text.
 */
export class StyledText {
  /** @type {Span[]} the innermost span last; the first is the text itself */
  #open = [{ marker: "", tag: null, children: [] }];

  /** @param {Node | string} piece */
  add(piece) {
    if (piece !== "") this.#innermost.children.push(piece);
  }

  /**
   * Open a span; one with the same marker that is still open was none.
   * @param {string} marker
   * @param {Tag} tag
   */
  open(marker, tag) {
    const at = this.#find(marker);
    if (at > 0) this.#dissolve(at);
    this.#open.push({ marker, tag, children: [] });
  }

  /**
   * The marker of these whose span opened last.
   * @param {string[]} markers
   * @returns {string | null}
   */
  innermost(markers) {
    return this.#open.findLast((span) => markers.includes(span.marker))?.marker ?? null;
  }

  /**
   * Close the open span of this marker.
   * @param {string} marker
   */
  close(marker) {
    let at = this.#find(marker);
    // `***a* b**`: spans that opened at the same place may close in either order.
    while (at < this.#open.length - 1 && this.#open[at].children.length === 0) {
      const [outer, inner] = [this.#open[at], this.#open[at + 1]];
      [outer.marker, inner.marker] = [inner.marker, outer.marker];
      [outer.tag, inner.tag] = [inner.tag, outer.tag];
      at += 1;
    }
    while (this.#open.length - 1 > at) this.#dissolve(this.#open.length - 1);
    const { tag, children } = /** @type {Span} */ (this.#open.pop());
    this.#innermost.children.push(tag ? wrap(tag, children) : "");
  }

  /** @returns {(Node | string)[]} the whole content */
  finish() {
    while (this.#open.length > 1) this.#dissolve(this.#open.length - 1);
    return this.#innermost.children;
  }

  get #innermost() {
    return this.#open[this.#open.length - 1];
  }

  /** @param {string} marker */
  #find(marker) {
    return this.#open.findLastIndex((span, at) => at > 0 && span.marker === marker);
  }

  /** @param {number} at */
  #dissolve(at) {
    const [span] = this.#open.splice(at, 1);
    const outer = this.#open[at - 1].children;
    outer.push(span.marker);
    for (const child of span.children) outer.push(child);
  }
}

/**
 * @param {Tag} tag
 * @param {(Node | string)[]} children
 */
function wrap(tag, children) {
  const made = element(tag);
  for (const child of children) made.append(child);
  return made;
}
