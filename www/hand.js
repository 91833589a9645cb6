// A hand on a picture: where its pointer is, which way an arrow key goes, places as links write them, and the dot it drags.
import { make } from "./dom.js";

/** Gestures count places in this many parts of a width or height. */
const GRAIN = 4096;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Milliseconds within which a key goes on from the one before. */
const KEYS = 500;

/** A share of a width or height as gestures count it. @param {number} share */
export const grain = (share) => Math.round(Math.min(1, Math.max(0, share)) * GRAIN);

/** Across and down, where an arrow key goes; nothing for other keys. @param {string} key @returns {[number, number] | undefined} */
export const arrow = (key) => ARROWS[key];

/** Where a pointer is on an element, in shares of its width and height. @param {Element} element @param {PointerEvent} event @returns {[number, number]} */
export function placeOn(element, { clientX, clientY }) {
  const box = element.getBoundingClientRect();
  return [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
}

/**
 * The orange dot that a hand moves over a picture, by pointer or by arrow keys.
 * @param {Element} picture @param {string} label
 * @param {() => [number, number]} where the dot is, in shares of the picture's width and height
 * @param {(x: number, y: number) => void} move @param {() => void} [release]
 */
export function makeProbe(picture, label, where, move, release = () => {}) {
  const probe = make("button", { class: "probe", type: "button", "aria-label": label });
  // Keys come quicker than what they asked for is drawn: each goes on from where the last one led.
  /** @type {[number, number] | null} */
  let asked = null;
  let until = 0;
  probe.addEventListener("pointerdown", (event) => {
    probe.setPointerCapture(event.pointerId);
    probe.onpointermove = (at) => move(...placeOn(picture, at));
  });
  const end = () => {
    if (!probe.onpointermove) return;
    probe.onpointermove = null;
    release();
  };
  probe.addEventListener("pointerup", end);
  probe.addEventListener("pointercancel", end);
  probe.addEventListener("keydown", (event) => {
    const way = arrow(event.key);
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const far = event.shiftKey ? 0.1 : 0.01;
    const within = (/** @type {number} */ share) => Math.min(1, Math.max(0, share));
    const [x, y] = asked && event.timeStamp < until ? asked : where();
    asked = [within(x + way[0] * far), within(y + way[1] * far)];
    until = event.timeStamp + KEYS;
    move(...asked);
  });
  return probe;
}
