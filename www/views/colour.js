// Colours come from the tokens of the style sheet, so that canvases follow the theme.

/** @typedef {[number, number, number]} Rgb */
/** @type {Map<string, string>} */
let known = new Map();
/** @type {Set<() => void>} */
const watchers = new Set();

/** The value of a token. @param {string} name */
export function token(name) {
  let value = known.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    known.set(name, value);
  }
  return value;
}

/** @param {string} name @returns {Rgb} */
export function rgb(name) {
  const hex = token(name);
  const part = (/** @type {number} */ i) => Number.parseInt(hex.slice(i, i + 2), 16);
  return [part(1), part(3), part(5)];
}

/** A ramp through stops. @param {Rgb[]} stops @returns {(t: number) => Rgb} t from 0 to 1 */
export function ramp(stops) {
  return (t) => {
    const x = Math.min(1, Math.max(0, t)) * (stops.length - 1);
    const i = Math.min(stops.length - 2, Math.floor(x));
    const share = x - i;
    const [from, to] = [stops[i], stops[i + 1]];
    const part = (/** @type {number} */ k) => from[k] + (to[k] - from[k]) * share;
    return [part(0), part(1), part(2)];
  };
}

/**
 * The same ramp looked up in steps, for pictures of many numbers: no arithmetic and no new array a pixel.
 * @param {(t: number) => Rgb} shade @param {number} steps
 * @returns {(t: number) => Rgb} t from 0 to 1
 */
export function table(shade, steps) {
  const shades = Array.from({ length: steps + 1 }, (_, i) => shade(i / steps));
  return (t) => shades[Math.round(Math.min(1, Math.max(0, t)) * steps)];
}

export const sequential = () => ramp(["--seq-0", "--seq-1", "--seq-2", "--seq-3", "--seq-4", "--seq-5"].map(rgb));
export const diverging = () => ramp(["--neg", "--mid", "--pos"].map(rgb));

/** @param {Rgb} colour */
export const css = (colour) => `rgb(${colour.map(Math.round).join()})`;

/** White or black, whichever stands apart more: by one of them text has the contrast of 4.5 that it needs on any ground. @param {Rgb} ground */
export function readable(ground) {
  // Relative luminance as WCAG 2 defines it.
  const [r, g, b] = ground.map((part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  return 1.05 / light > light / 0.05 ? "#fff" : "#000";
}

/** Calls back whenever the theme changed. @param {() => void} again @returns {() => void} stops it */
export function onTheme(again) {
  watchers.add(again);
  return () => watchers.delete(again);
}

/** The theme changed: forget the tokens and draw again. */
export function themeChanged() {
  known = new Map();
  for (const again of watchers) again();
}
