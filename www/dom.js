// Making elements without markup in strings, so that no text can become code.

import { fetchFile } from "./file.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [attributes] `class`, `text` and events as `onclick`; `false` and `null` leave one out
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = String(value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// The icons are brought into the page, since a frame in a sandbox may not point into another file.
// Without them a page has its words all the same.
fetchFile("icons.svg").then(
  async (file) => {
    const icons = new DOMParser().parseFromString(await file.text(), "image/svg+xml").documentElement;
    icons.setAttribute("hidden", "");
    document.body.prepend(icons);
  },
  () => {},
);

/** An icon of icons.svg. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** The element of that id, which the page has. @param {string} id */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element with id ${id}`);
  return element;
}

/** A range shows how far it is filled. @param {HTMLInputElement} range */
export function fillRange(range) {
  const share = (range.valueAsNumber - Number(range.min)) / (Number(range.max) - Number(range.min));
  range.style.setProperty("--at", `calc(8px + ${share} * (100% - 16px))`);
}

/** Whether the reader asked for little motion. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
