// A hand on a picture: where its pointer is, which way an arrow key goes, and places as links write them.

/** Gestures count places in this many parts of a width or height. */
const GRAIN = 4096;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A share of a width or height as gestures count it. @param {number} share */
export const grain = (share) => Math.round(Math.min(1, Math.max(0, share)) * GRAIN);

/** Across and down, where an arrow key goes; nothing for other keys. @param {string} key @returns {[number, number] | undefined} */
export const arrow = (key) => ARROWS[key];

/** Where a pointer is on an element, in shares of its width and height. @param {Element} element @param {PointerEvent} event @returns {[number, number]} */
export function placeOn(element, { clientX, clientY }) {
  const box = element.getBoundingClientRect();
  return [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
}
