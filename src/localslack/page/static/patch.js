// Make an element on the page look like a fresh one, touching only what differs.
//
// What stays keeps its focus, its selection and its place, and a message that is being streamed
// re-renders its last paragraph only. Controls are taken from the fresh one, since their listeners
// do not show in a comparison; those with [data-act] have none of their own.

const CONTROLS = "button:not([data-act]), select, input, textarea";

/** @param {Element} old @param {Element} fresh */
export function patch(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = focused ? focusables(old).indexOf(focused) : -1;
  become(old, fresh);
  if (focused && !old.contains(focused)) focusables(old)[place]?.focus();
}

/** @param {Element} element @returns {HTMLElement[]} */
const focusables = (element) => [
  ...element.querySelectorAll("a[href], button, input, select, summary, textarea, [tabindex]"),
];

function become(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    // whether a <details> is open is the reader's to say
    if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
  }
  const wanted = [...fresh.childNodes];
  for (const [index, child] of wanted.entries()) {
    const present = old.childNodes[index];
    if (!present) old.append(child);
    else if (!keeps(present, child)) present.replaceWith(child);
  }
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
}

/** Keep a node and make it look like the fresh one; false where it has to be replaced. */
function keeps(present, child) {
  if (present instanceof Text && child instanceof Text) {
    if (present.data !== child.data) present.data = child.data;
    return true;
  }
  if (!(present instanceof Element) || present.nodeName !== child.nodeName) return false;
  if (present.matches(CONTROLS) || child.matches(CONTROLS)) return false;
  if (!present.isEqualNode(child) || child.querySelector(CONTROLS)) become(present, child);
  return true;
}
