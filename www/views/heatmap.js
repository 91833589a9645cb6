// Signed numbers in a grid of tiles: zero in the middle of the ramp, equal limits on both sides.
import { make } from "../dom.js";
import { strings } from "../strings.js";
import { fit } from "./canvas.js";
import { css, diverging } from "./colour.js";

/**
 * @param {import("../types.js").Heatmap} view
 * @param {import("../stage.js").Context} _context
 */
export function mount(view, _context) {
  const { rows, cols } = view;
  const canvas = make("canvas", { role: "img", class: "tiles", style: `aspect-ratio:${cols}/${rows}` });
  const body = make("div", { class: "tiles-host" }, canvas);
  /** @type {Float32Array} */
  let numbers = new Float32Array();

  function draw() {
    const box = fit(canvas);
    if (!box || numbers.length === 0) return;
    const { g, w, h } = box;
    g.clearRect(0, 0, w, h);
    let most = 0;
    for (const x of numbers) most = Math.max(most, Math.abs(x));
    const shade = diverging();
    const [cellW, cellH] = [w / cols, h / rows];
    const gap = cellW >= 5 ? 1 : 0.5;
    for (let i = 0; i < rows * cols; i++) {
      const x = numbers[i] / (most || 1);
      // The root lifts small weights off the middle.
      g.fillStyle = css(shade(0.5 + 0.5 * Math.sign(x) * Math.abs(x) ** 0.7));
      g.fillRect((i % cols) * cellW, Math.floor(i / cols) * cellH, cellW - gap, cellH - gap);
    }
  }

  return {
    body,
    canvas,
    legend: make("span", { class: "ramp" }, strings.minus, make("i", { class: "div" }), strings.plus),
    /** @param {Float32Array} ground */
    update(ground) {
      if (ground === numbers && view.still) return;
      numbers = ground;
      draw();
    },
    redraw: draw,
    table() {
      const head = [`${view.row_name} \\ ${view.col_name}`, ...Array.from({ length: cols }, (_, i) => String(i + 1))];
      const line = (/** @type {number} */ row) => [
        String(row + 1),
        ...Array.from(numbers.subarray(row * cols, (row + 1) * cols), (x) => x.toFixed(2)),
      ];
      return { head, rows: Array.from({ length: rows }, (_, row) => line(row)) };
    },
  };
}
