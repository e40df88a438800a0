// Something small that opens beside what was pressed, and closes with Esc or a press elsewhere.
import { h } from "./dom.js";

const MARGIN = 8;

/**
 * @param {HTMLElement} content
 * @param {Element} anchor
 * @param {{label: string, role?: string, class?: string}} options
 * @returns {{element: HTMLElement, close: () => void}}
 */
export function openPopover(content, anchor, { label, role = "dialog", class: name = "" }) {
  const element = h("div", { class: `popover ${name}`, popover: "auto", role, "aria-label": label }, content);
  const returnTo = document.activeElement;
  document.body.append(element);
  element.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    const hadFocus = element.contains(document.activeElement) || document.activeElement === document.body;
    element.remove();
    if (hadFocus && returnTo instanceof HTMLElement) returnTo.focus({ preventScroll: true });
  });
  const place = anchor.getBoundingClientRect();
  element.showPopover();
  const { width, height } = element.getBoundingClientRect();
  const fitsAbove = place.top - height - MARGIN > 0;
  const fitsBelow = place.bottom + height + MARGIN < innerHeight;
  const top = fitsBelow || !fitsAbove ? place.bottom + MARGIN / 2 : place.top - height - MARGIN / 2;
  element.style.top = `${clamp(top, innerHeight - height)}px`;
  element.style.left = `${clamp(place.left, innerWidth - width)}px`;
  return { element, close: () => element.isConnected && element.hidePopover() };
}

const clamp = (value, most) => Math.max(MARGIN, Math.min(value, most - MARGIN));
