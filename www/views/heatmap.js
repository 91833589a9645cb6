// Signed numbers in a grid of tiles: zero in the middle of the ramp, equal limits on both sides.
import { make } from "../dom.js";
import { bitmap, fit, spread } from "./canvas.js";
import { css, diverging, readable, token } from "./colour.js";
import { tableOfTiles } from "./tiles.js";

/** Shades of each sign. */
const SHADES = 255;
/** Up to this many different numbers are kinds. */
const KINDS = 4;
/** Tiles that are narrower than this have no room for gaps. */
const NARROW = 4;
/** Up to this many cells of a tile are a row of the table. */
const FEW = 100;
/** Tiles of named rows that are wider than this have room for their number in percent. */
const ROOMY = 28;

/**
 * @param {import("../types.js").Heatmap} view
 * @param {import("../stage.js").Context} context
 */
export function mount(view, context) {
  const { rows, cols } = view;
  const names = context.quiet ? [] : (view.labels ?? []);
  const canvas = make("canvas", {
    role: "img",
    class: "tiles",
    style: `--ratio:${cols}/${rows};--cols:${cols};aspect-ratio:var(--ratio)`,
  });
  const side = (/** @type {string} */ of) =>
    make("div", { class: of, "aria-hidden": "true" }, ...names.map((name) => make("span", { text: name })));
  const body = names.length
    ? make("div", { class: "tiles-host named" }, side("row-names"), canvas, side("col-names"))
    : make("div", { class: "tiles-host" }, canvas);
  // Numbers that are never negative have no word for it, and no colour.
  const ramp = make("i", { class: view.ends[0] ? "div" : "half" });
  /** @type {Float32Array} */
  let numbers = new Float32Array();
  /** From the least to the greatest number, and the same as the canvas takes them. @type {import("./colour.js").Rgb[]} */
  let shades = [];
  /** @type {string[]} */
  let fills = [];
  /** What the legend has. */
  let ruled = "";

  function draw(again = false) {
    if (shades.length === 0) mix();
    const box = fit(canvas, again);
    if (!box || numbers.length === 0) return;
    const { g, w, h } = box;
    g.clearRect(0, 0, w, h);
    let most = 0;
    for (const x of numbers) most = Math.max(most, Math.abs(x));
    const [cellW, cellH] = [w / cols, h / rows];
    const scale = SHADES / (most || 1);
    rule(scale);
    if (cellW < NARROW) {
      spread(
        g,
        bitmap(cols, rows, (i) => shades[Math.round(SHADES + scale * numbers[i])]),
        w,
        h,
        false,
      );
    } else {
      const gap = cellW >= 5 ? 1 : 0.5;
      for (let i = 0; i < rows * cols; i++) {
        g.fillStyle = fills[Math.round(SHADES + scale * numbers[i])];
        g.fillRect((i % cols) * cellW, Math.floor(i / cols) * cellH, cellW - gap, cellH - gap);
      }
    }
    if (names.length && cellW >= ROOMY) write(g, cellW, cellH, scale);
    // Between tiles is nothing.
    const [down, across] = view.tile ?? [rows, cols];
    for (let row = down; row < rows; row += down + 1) g.clearRect(0, row * cellH, w, cellH);
    for (let col = across; col < cols; col += across + 1) g.clearRect(col * cellW, 0, cellW, h);
  }

  /** Numbers in percent, in the ink that reads on their tile. @param {CanvasRenderingContext2D} g @param {number} w @param {number} h @param {number} scale */
  function write(g, w, h, scale) {
    // Off the page: text on a canvas of the page makes the browser see to the styles of all of it, word after word.
    const sheet = new OffscreenCanvas(canvas.width, canvas.height);
    const on = /** @type {OffscreenCanvasRenderingContext2D} */ (sheet.getContext("2d"));
    on.setTransform(g.getTransform());
    on.font = `12px ${token("--sans")}`;
    on.textAlign = "center";
    on.textBaseline = "middle";
    numbers.forEach((x, i) => {
      on.fillStyle = readable(shades[Math.round(SHADES + scale * x)]);
      on.fillText(String(Math.round(100 * x)), ((i % cols) + 0.5) * w, (Math.floor(i / cols) + 0.5) * h);
    });
    g.drawImage(sheet, 0, 0, cols * w, rows * h);
  }

  /** Where the numbers are kinds, at both named ends, the legend has their colours and none between. @param {number} scale */
  function rule(scale) {
    /** @type {Set<number>} */
    const kinds = new Set();
    for (const x of numbers) if (kinds.add(x).size > KINDS) break;
    const sorted = [...kinds].sort((a, b) => a - b);
    const stops = sorted.map((x, i) => {
      const [from, to] = [i, i + 1].map((k) => `${(100 * k) / sorted.length}%`);
      return `${fills[Math.round(SHADES + scale * x)]} ${from} ${to}`;
    });
    const both = (view.ends[0] ? sorted[0] < 0 : sorted[0] === 0) && (sorted.at(-1) ?? 0) > 0;
    const legend = both && sorted.length <= KINDS ? `linear-gradient(90deg, ${stops.join()})` : "";
    if (legend === ruled) return;
    ruled = legend;
    ramp.style.background = legend;
  }

  function mix() {
    const shade = diverging();
    // The root lifts small weights off the middle.
    const lifted = (/** @type {number} */ x) => shade(0.5 + 0.5 * Math.sign(x) * Math.abs(x) ** 0.7);
    shades = Array.from({ length: 2 * SHADES + 1 }, (_, i) => lifted(i / SHADES - 1));
    fills = shades.map(css);
  }

  return {
    body,
    canvas,
    legend: make("span", { class: "ramp" }, view.ends[0], ramp, names.length ? `${view.ends[1]}, %` : view.ends[1]),
    /** @param {Float32Array} ground */
    update(ground) {
      if (ground === numbers && view.still) return;
      numbers = ground;
      draw();
    },
    redraw() {
      shades = []; // the theme may be another
      draw(true);
    },
    table() {
      if (view.tile && view.tile[0] * view.tile[1] <= FEW) {
        return tableOfTiles({ rows, cols, tile: view.tile }, (i) => numbers[i].toFixed(2));
      }
      const name = (/** @type {number} */ i) => view.labels?.[i] ?? String(i + 1);
      const head = [`${view.row_name} \\ ${view.col_name}`, ...Array.from({ length: cols }, (_, i) => name(i))];
      const line = (/** @type {number} */ row) => [
        name(row),
        ...Array.from(numbers.subarray(row * cols, (row + 1) * cols), (x) => x.toFixed(2)),
      ];
      return { head, rows: Array.from({ length: rows }, (_, row) => line(row)) };
    },
  };
}
