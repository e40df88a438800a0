// Elements without innerHTML, so that no data can ever become markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Build an element. `on…` properties are listeners, `dataset` an object, the others attributes;
 * `false`, `null` and `undefined` leave an attribute out.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child || child === ""));
  return element;
}

/** Strokes on a grid of 20 by 20. */
const PATHS = {
  at: "M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0Zm0 0v1.2a2 2 0 0 0 4 0V10a7 7 0 1 0-3 5.7",
  bold: "M6 4h5a3 3 0 0 1 0 6H6Zm0 6h6a3 3 0 0 1 0 6H6Z",
  bot: "M5 8h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1Zm5 0V4.5M8 12v.5M12 12v.5",
  close: "m5 5 10 10M15 5 5 15",
  code: "m7 6-4 4 4 4m6-8 4 4-4 4",
  codeBlock: "M3 5h14v10H3Zm4 3-2 2 2 2m6-4 2 2-2 2",
  down: "M10 4v12m-5-5 5 5 5-5",
  edit: "m4 16 .8-3.6L13 4.200l2.800 2.800-8.200 8.200ZM11.500 5.700l2.800 2.800",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5Zm10 0a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z",
  file: "M5 3h7l3 3v11H5Zm7 0v3h3",
  hash: "M8 3 6 17m8-14-2 14M3.500 7.500h14m-15 5h14",
  italic: "M9 4h6M5 16h6m1.500-12-5 12",
  link: "M8.500 11.500a3 3 0 0 0 4.300 0l2.700-2.700a3 3 0 0 0-4.300-4.300L10.200 5.500m1.300 3a3 3 0 0 0-4.300 0l-2.700 2.700a3 3 0 0 0 4.300 4.300l1-1",
  list: "M3 5.500h14M3 10h14M3 14.500h14",
  lock: "M5 9h10v8H5Zm2 0V6.500a3 3 0 0 1 6 0V9",
  people:
    "M11 7a3 3 0 1 1-6 0 3 3 0 0 1 6 0Zm-8 9a5 5 0 0 1 10 0m0-11.500a3 3 0 0 1 0 5m2 2.200a5 5 0 0 1 2 4.300",
  react: "M12 3.300A7 7 0 1 0 16.700 8M7 11.500a3.200 3.200 0 0 0 6 0M7.500 8v.3m5-.3v.3M16 2v4m-2-2h4",
  reply: "M4 4h12v9H9l-3.500 3V13H4Z",
  send: "M3.500 3.500 17 10 3.500 16.500 5.500 10Zm2 6.500H11",
  smile: "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM7 11.500a3.200 3.200 0 0 0 6 0M7.500 8v.3m5-.3v.3",
  strike:
    "M3 10h14M13.500 6.500C13 5 11.800 4 10 4 8 4 6.500 5 6.500 6.800c0 1 .5 1.700 1.200 2.200m5.500 3c.2.4.3.8.3 1.300 0 1.700-1.500 2.700-3.500 2.700-2.100 0-3.500-1-3.800-2.700",
  trash: "M4 6h12M8 6V4h4v2m-6.500 0 .7 10h7.600l.7-10",
  chevron: "m6 8 4 4 4-4",
};

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/**
 * A button that shows an icon and says what it does, to eyes in a tooltip.
 * @param {keyof typeof PATHS} name
 * @param {string} label
 * @param {Record<string, any>} [properties]
 */
export function iconButton(name, label, properties = {}) {
  return h(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, "data-tip": label, ...properties },
    icon(name),
  );
}
