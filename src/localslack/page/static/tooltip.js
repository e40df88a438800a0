// The dark bubble with what a button does, for [data-tip] under the pointer or the focus.
import { h } from "./dom.js";

const DELAY_MS = 120;
const GAP = 6;
const bubble = h("div", { class: "tooltip", role: "presentation", popover: "manual" });
let timer = 0;

/** Begin to watch the page. */
export function watchTooltips() {
  document.body.append(bubble);
  document.addEventListener("pointerover", ({ target }) => plan(target));
  document.addEventListener("focusin", ({ target }) => target.matches(":focus-visible") && plan(target));
  for (const type of ["pointerdown", "keydown", "focusout", "wheel"]) {
    document.addEventListener(type, hide, { passive: true });
  }
}

function plan(target) {
  const owner = target instanceof Element ? target.closest("[data-tip]") : null;
  hide();
  if (owner) timer = setTimeout(() => owner.isConnected && show(owner), DELAY_MS);
}

function show(owner) {
  const emoji = owner.dataset.tipEmoji;
  const content = [emoji && h("span", { class: "tooltip-emoji" }, emoji), owner.dataset.tip];
  bubble.replaceChildren(...content.filter(Boolean));
  bubble.showPopover();
  const place = owner.getBoundingClientRect();
  const { width, height } = bubble.getBoundingClientRect();
  const above = place.top - height - GAP;
  const centred = place.left + (place.width - width) / 2;
  bubble.style.top = `${above < GAP ? place.bottom + GAP : above}px`;
  bubble.style.left = `${Math.max(GAP, Math.min(centred, innerWidth - width - GAP))}px`;
}

function hide() {
  clearTimeout(timer);
  if (bubble.matches(":popover-open")) bubble.hidePopover();
}
