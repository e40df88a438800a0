// The few icons that controls and tasks need, drawn as SVG in the colour of the text around them.

const SVG = "http://www.w3.org/2000/svg";

/** Paths in a box of 20 by 20, drawn with a stroke. */
const PATHS = {
  pending: "M10 2.5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 0 1 0-15z",
  in_progress: "M10 2.5a7.5 7.5 0 1 1-7.5 7.5",
  complete: "M10 2.5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 0 1 0-15z M6.6 10.3l2.4 2.4l4.5-5",
  error: "M10 2.8l7.6 13.7h-15.2z M10 8v4 M10 14.2v.1",
  thumbs_up:
    "M6 9v7.5h-2.5v-7.5z M6 9.2l3.2-6.2c1.6 0 2.2 1.2 1.9 2.6l-.6 2.4h4.4c1.2 0 1.9 1 1.6 2.1l-1.3 4.9c-.3 1-1 1.5-2 1.5h-7.2",
  thumbs_down:
    "M6 11v-7.5h-2.5v7.5z M6 10.8l3.2 6.2c1.6 0 2.2-1.2 1.9-2.6l-.6-2.4h4.4c1.2 0 1.9-1 1.6-2.1l-1.3-4.9c-.3-1-1-1.5-2-1.5h-7.2",
  trash: "M3.5 5.5h13 M8 5.5v-2h4v2 M5 5.5l.8 11h8.4l.8-11 M8.4 8.5v5 M11.6 8.5v5",
  more: "M10 4.4v.2 M10 9.9v.2 M10 15.4v.2",
  picture: "M3 4h14v12h-14z M3 13.5l4-4l3.5 3.5l2.5-2l4 3.5 M13 7.4v.1",
  file: "M5 2.5h6.5l3.5 3.5v11.5h-10z M11.5 2.5v3.5h3.5",
  video: "M3 4.5h14v11h-14z M8.5 7.5v5l4-2.5z",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * An icon, hidden from screen readers: what it means must stand beside it as text.
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `kit-icon kit-icon-${name}`);
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
