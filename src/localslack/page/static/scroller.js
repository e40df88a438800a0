// Scrolling as a reader expects it: at the end it stays at the end, elsewhere nothing moves.
import { h, icon } from "./dom.js";
import { counted } from "./names.js";

const NEAR_END = 48;
const NEAR_PAGE = 900;

/** Tells by events: `near-start` and `near-end` when another page is needed, `settled`, `end`. */
export class Scroller extends EventTarget {
  isAtEnd = true;
  #last = 0;
  /** @type {{ts: string, offset: number} | null} what the reader looks at, unless it is the end */
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
    this.viewport.scrollTop = this.viewport.scrollHeight;
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
    if (this.isAtEnd || !place) this.toEndIfThere();
    else this.restore(place);
  }

  toEndIfThere() {
    if (this.isAtEnd) this.viewport.scrollTop = this.viewport.scrollHeight;
  }

  /**
   * The first message in sight and how far it stands below the top; null at the end.
   * @returns {{ts: string, offset: number} | null}
   */
  place() {
    if (this.isAtEnd) return null;
    const top = this.viewport.getBoundingClientRect().top;
    const first = [...this.content.querySelectorAll("[data-ts]")].find(
      (element) => element.getBoundingClientRect().bottom > top,
    );
    return first ? { ts: first.dataset.ts, offset: first.getBoundingClientRect().top - top } : null;
  }

  /** @param {{ts: string, offset: number}} place @returns {boolean} whether it is there */
  restore({ ts, offset }) {
    const element = this.content.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
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
      this.isAtEnd = true;
      this.#ended();
    } else if (scrollTop < this.#last - 1) {
      this.isAtEnd = false;
    }
    this.#last = scrollTop;
    this.#place = this.place();
    if (scrollTop < NEAR_PAGE) this.dispatchEvent(new Event("near-start"));
    if (below < NEAR_PAGE) this.dispatchEvent(new Event("near-end"));
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.dispatchEvent(new Event("settled")), 150);
  }

  /** Something has grown or shrunk; messages out of sight do once their true height is known. */
  #resized() {
    if (this.isAtEnd) this.toEndIfThere();
    else if (this.#place) this.restore(this.#place);
  }

  #ended() {
    this.hidePill();
    this.dispatchEvent(new Event("end"));
  }
}
