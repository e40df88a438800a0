// The day that the first message in sight is of, floating over a list whose divider is out of sight.
import { day } from "./dates.js";
import { h } from "./dom.js";

/** @param {HTMLElement} viewport what scrolls @returns {HTMLElement} what to put over it */
export function dayLabel(viewport) {
  const element = h("div", { class: "day-label day-float", "aria-hidden": "true", hidden: true });
  const show = () => {
    const { left, top } = viewport.getBoundingClientRect();
    const first = document.elementFromPoint(left + 30, top + 30)?.closest("article");
    element.hidden = !first || viewport.scrollTop === 0;
    if (first) element.textContent = day(first.dataset.ts);
  };
  viewport.addEventListener("scroll", show, { passive: true });
  return element;
}
