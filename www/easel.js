// A canvas that a hand paints on, by pointer or by keys.
import { make } from "./dom.js";
import { arrow, placeOn } from "./hand.js";
import { strings } from "./strings.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} sheet
 * @param {string} sheet.label
 * @param {number} sheet.rows cells down, for keys
 * @param {number} sheet.cols cells across
 * @param {(row: number, col: number) => boolean} [sheet.gap] whether nothing can be painted there: keys pass over it
 * @param {(x: number, y: number, erase: boolean, first: boolean) => void} sheet.dab at a place in shares of the canvas; the first of a stroke or not
 */
export function makeEasel(canvas, { label, rows, cols, gap = () => false, dab }) {
  const pen = make("span", { class: "pen" });
  /** The next cell from there on that can be painted; none where the canvas ends. @param {number[]} from @param {number[]} move */
  const next = ([col, row], [right, down]) => {
    for (; col >= 0 && row >= 0 && col < cols && row < rows; col += right, row += down)
      if (!gap(row, col)) return [col, row];
    return null;
  };
  const middle = [Math.floor(cols / 2), Math.floor(rows / 2)];
  let cursor = next(middle, [1, 1]) ?? middle;
  let erasing = false;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const stroke = (/** @type {PointerEvent} */ at, /** @type {boolean} */ first) => {
      const [x, y] = placeOn(canvas, at);
      dab(x, y, erasing || at.shiftKey, first);
    };
    stroke(event, true);
    canvas.onpointermove = (at) => stroke(at, false);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      canvas.onpointermove = null;
    });
  }
  const place = () => {
    pen.style.cssText = `left:${(cursor[0] / cols) * 100}%;top:${(cursor[1] / rows) * 100}%;width:${100 / cols}%;height:${100 / rows}%`;
  };
  canvas.addEventListener("keydown", (event) => {
    const move = arrow(event.key);
    if (!move && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (move) {
      cursor = next([cursor[0] + move[0], cursor[1] + move[1]], move) ?? cursor;
      place();
    } else dab((cursor[0] + 0.5) / cols, (cursor[1] + 0.5) / rows, erasing || event.shiftKey, true);
  });
  place();
  const eraser = make("button", {
    class: "link-button",
    type: "button",
    text: strings.erase,
    "aria-pressed": "false",
    onclick() {
      erasing = !erasing;
      eraser.setAttribute("aria-pressed", String(erasing));
    },
  });
  return { easel: make("div", { class: "easel" }, canvas, pen), eraser };
}
