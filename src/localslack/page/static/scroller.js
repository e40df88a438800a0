// Scrolling as a reader expects it: at the end what is new comes into sight, elsewhere nothing moves.
import { h, icon } from "./dom.js";
import { counted } from "./names.js";

/** @typedef {{ts: string, offset: number}} Place a message, and how far it stands below the top */

const NEAR_END = 48;
const NEAR_PAGE = 900;
const ABOVE_NEWEST = 24;

/** Tells by events: `near-start` and `near-end` when another page is needed, `settled`, `end`. */
export class Scroller extends EventTarget {
  isAtEnd = true;
  #last = 0;
  /** @type {Element | null} the message whose end the reader has gone on to, past its beginning */
  #readOn = null;
  /** @type {Place | null} what the reader looks at, unless it is the end */
  #place = null;
  #fresh = 0;
  #settling = 0;

  /**
   * @param {HTMLElement} viewport what scrolls
   * @param {HTMLElement} content what is in it
   */
  constructor(viewport, content) {
    super();
    this.viewport = viewport;
    this.content = content;
    this.pill = h("button", {
      type: "button",
      class: "new-pill",
      hidden: true,
      onclick: () => this.dispatchEvent(new Event("jump")),
    });
    viewport.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const sizes = new ResizeObserver(() => this.#resized());
    sizes.observe(viewport);
    sizes.observe(content);
  }

  /** Go to the end and stay there. */
  toEnd() {
    this.isAtEnd = true;
    this.#readOn = this.#newest();
    this.viewport.scrollTop = this.viewport.scrollHeight;
    this.#ended();
  }

  /** Go to the newest message: to the end, or to its beginning where it is longer than what is in sight. */
  toNewest() {
    this.isAtEnd = true;
    this.#readOn = null;
    this.viewport.scrollTop = 0;
    this.follow();
    this.#ended();
  }

  /** Say that a message came that the reader, who is elsewhere, may not have seen. */
  noteNew() {
    if (this.isAtEnd) return;
    this.#fresh += 1;
    this.showPill(counted(this.#fresh, "new message", "new messages"));
  }

  /** @param {string} text */
  showPill(text) {
    this.pill.replaceChildren(icon("down"), text);
    this.pill.hidden = false;
  }

  hidePill() {
    this.#fresh = 0;
    this.pill.hidden = true;
  }

  /**
   * Change the content so that what the reader looks at stays where it is.
   * @param {() => void} change
   */
  keeping(change) {
    const place = this.place();
    change();
    if (this.isAtEnd || !place) this.follow();
    else this.restore(place);
  }

  /**
   * Where the reader is at the end, stay there as it grows; but let the beginning of a long message
   * stay in sight, so that an answer can be read while it is written.
   */
  follow() {
    if (!this.isAtEnd) return;
    const { scrollTop, scrollHeight, clientHeight } = this.viewport;
    const newest = this.#newest();
    const beginning = newest === this.#readOn ? Infinity : this.#topOf(newest) - ABOVE_NEWEST;
    this.viewport.scrollTop = Math.max(scrollTop, Math.min(scrollHeight - clientHeight, beginning));
    this.#last = this.viewport.scrollTop;
  }

  /**
   * The first message in sight; null at the end. Not the oldest one if there is another, since it
   * may lose its author's name and picture to an older one that comes above it.
   * @returns {Place | null}
   */
  place() {
    if (this.isAtEnd) return null;
    const top = this.viewport.getBoundingClientRect().top;
    const messages = [...this.content.querySelectorAll("article")];
    const inSight = messages.findIndex((element) => element.getBoundingClientRect().bottom > top);
    const isOldest = inSight === 0 && messages.length > 1;
    const chosen = messages[isOldest ? 1 : inSight];
    return chosen ? { ts: chosen.dataset.ts, offset: chosen.getBoundingClientRect().top - top } : null;
  }

  /** @param {Place} place @returns {boolean} whether it is there */
  restore({ ts, offset }) {
    const element = this.content.querySelector(`article[data-ts="${CSS.escape(ts)}"]`);
    if (!element) return false;
    this.isAtEnd = false;
    const top = this.viewport.getBoundingClientRect().top;
    this.viewport.scrollTop += element.getBoundingClientRect().top - top - offset;
    this.#last = this.viewport.scrollTop;
    this.#place = { ts, offset };
    return true;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.viewport;
    const below = scrollHeight - scrollTop - clientHeight;
    if (below < NEAR_END) {
      const newest = this.#newest();
      this.isAtEnd = true;
      this.#readOn = newest && scrollTop > this.#topOf(newest) ? newest : null;
      this.#ended();
    } else if (scrollTop < this.#last - 1) {
      this.isAtEnd = false;
    }
    // The event of what was restored comes with the next frame, whose heights may be others already.
    if (this.isAtEnd || scrollTop !== this.#last) this.#place = this.place();
    this.#last = scrollTop;
    if (scrollTop < NEAR_PAGE) this.dispatchEvent(new Event("near-start"));
    if (below < NEAR_PAGE) this.dispatchEvent(new Event("near-end"));
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.dispatchEvent(new Event("settled")), 150);
  }

  /** Something has grown or shrunk; messages out of sight do once their true height is known. */
  #resized() {
    if (this.isAtEnd) this.follow();
    else if (this.#place) this.restore(this.#place);
  }

  #newest() {
    return this.content.querySelector("article:last-of-type");
  }

  /** @param {Element | null} element @returns {number} where to scroll to have it at the top */
  #topOf(element) {
    if (!element) return Infinity;
    const { scrollTop } = this.viewport;
    return scrollTop + element.getBoundingClientRect().top - this.viewport.getBoundingClientRect().top;
  }

  #ended() {
    this.hidePill();
    this.dispatchEvent(new Event("end"));
  }
}
