// Masks side by side: tiles where something is left, dots where it is cut, orange ones where a hand took it, and the groups that keep
// too much. The hand paints on the first.
import { make } from "../dom.js";
import { makeEasel } from "../easel.js";
import { grain } from "../hand.js";
import { strings } from "../strings.js";
import { fit } from "./canvas.js";
import { css, diverging, token } from "./colour.js";
import { tableOfTiles } from "./tiles.js";

/** Shades of each sign. */
const SHADES = 127;
/** What stands for a number that is cut is below this; all others are from -1 to 1. */
const CUT = -1.5;
/** What stands for one that the hand took is below this. */
const TAKEN = -2.5;
/** Cells that are narrower than this have no room for gaps, and narrower than the other none for brackets. */
const NARROW = 2.5;
const WIDE = 6;
/** The radius of a dot, in cells and in pixels at least. */
const DOT = 0.11;
const LEAST = 0.5;
/** So much larger are dots of what the hand took. */
const BY_HAND = 2;

/**
 * @param {import("../types.js").Mask} view
 * @param {import("../stage.js").Context} context
 */
export function mount(view, context) {
  const { rows, cols, group } = view;
  const [down, across] = view.tile;
  const size = rows * cols;
  // A card shows the first alone.
  const names = context.quiet ? view.names.slice(0, 1) : view.names;
  const canvases = names.map((name) =>
    make("canvas", {
      role: "img",
      "aria-label": name,
      class: "tiles",
      style: `--ratio:${cols}/${rows};aspect-ratio:var(--ratio)`,
    }),
  );
  /** @type {Float32Array} */
  let numbers = new Float32Array();
  /** How many of a group may be left. */
  let kept = group;
  /** From -1 to 1, as the canvas takes them. @type {string[]} */
  let fills = [];
  /** A dot for each cell. @type {OffscreenCanvas | null} */
  let dots = null;

  const paints = view.hand !== "none" && !context.quiet;
  const body = make("div", { class: context.quiet ? "tiles-host" : "masks" });
  const hand = paints ? painted(canvases[0]) : null;
  if (context.quiet) body.append(...canvases);
  else {
    body.append(
      ...canvases.map((canvas, i) => {
        const [picture, acts] = hand && i === 0 ? [hand.easel, hand.acts] : [canvas, []];
        return make("figure", {}, picture, make("figcaption", {}, make("b", { text: names[i] }), ...acts));
      }),
    );
  }

  /** What makes a canvas one that a hand paints on. @param {HTMLCanvasElement} canvas */
  function painted(canvas) {
    let last = -1;
    const { easel, eraser } = makeEasel(canvas, {
      label: strings.maskEasel(view.title),
      rows,
      cols,
      gap: outside,
      dab(x, y, erase, first) {
        const [col, row] = [Math.floor(x * cols), Math.floor(y * rows)];
        const cell = row * cols + col;
        const out = col < 0 || row < 0 || col >= cols || row >= rows || outside(row, col);
        if (out || (cell === last && !first)) return;
        last = cell;
        const at = { x: grain((col + 0.5) / cols), y: grain((row + 0.5) / rows), value: erase ? 0 : 255 };
        context.onTouch({ kind: "paint", view: context.index, item: 0, ...at });
      },
    });
    const wipe = make("button", {
      class: "link-button",
      type: "button",
      text: strings.wipeMask,
      onclick: () => context.onTouch({ kind: "wipe", view: context.index, item: 0 }),
    });
    return { easel, acts: [wipe, eraser] };
  }

  function draw(again = false) {
    if (fills.length === 0) mix();
    if (numbers.length > 0) canvases.forEach((canvas, i) => drawMask(canvas, i * size, again));
  }

  /** @param {HTMLCanvasElement} canvas @param {number} from where its numbers begin @param {boolean} again */
  function drawMask(canvas, from, again) {
    const box = fit(canvas, again);
    if (!box) return;
    const { g, w, h } = box;
    g.clearRect(0, 0, w, h);
    const [wide, high] = [w / cols, h / rows];
    const gap = wide < NARROW ? 0 : wide >= WIDE ? 1 : 0.5;
    const radius = Math.max(LEAST, DOT * Math.min(wide, high));
    const dot = (
      /** @type {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} */ on,
      /** @type {number} */ row,
      /** @type {number} */ col,
      /** @type {number} */ half,
    ) => on.fillRect((col + 0.5) * wide - gap / 2 - half, (row + 0.5) * high - gap / 2 - half, 2 * half, 2 * half);
    // All cells are cut, and tiles lie over the dots of those that are not: the dots are the same from cut to cut.
    if (again || dots?.width !== canvas.width || dots.height !== canvas.height) {
      dots = new OffscreenCanvas(canvas.width, canvas.height);
      const on = /** @type {OffscreenCanvasRenderingContext2D} */ (dots.getContext("2d"));
      on.scale(canvas.width / w, canvas.height / h);
      on.fillStyle = token("--edge");
      for (const [row, col] of cells()) dot(on, row, col, radius);
    }
    g.drawImage(dots, 0, 0, w, h);
    for (const [row, col] of cells()) {
      const x = numbers[from + row * cols + col];
      if (x < TAKEN) {
        g.fillStyle = token("--accent-mark");
        dot(g, row, col, BY_HAND * radius);
      } else if (x >= CUT) {
        g.fillStyle = fills[Math.round(SHADES * (1 + Math.min(1, x)))];
        g.fillRect(col * wide, row * high, wide - gap, high - gap);
      }
    }
    if (group > 0 && !context.quiet) drawGroups(g, from, wide, high);
  }

  /**
   * A bracket under each group where there is room, and an open triangle under those that keep too much.
   * @param {CanvasRenderingContext2D} g @param {number} from @param {number} wide @param {number} high
   */
  function drawGroups(g, from, wide, high) {
    const full = new Path2D();
    const brackets = new Path2D();
    for (const [row, col] of groups()) {
      const [left, right] = [col * wide, (col + group) * wide - 1];
      const base = (row + 1) * high - 0.5;
      let there = 0;
      for (let i = 0; i < group; i++) if (numbers[from + row * cols + col + i] >= CUT) there += 1;
      if (there > kept) {
        full.rect(left - 0.5, row * high - 0.5, right - left + 0.5, high);
      } else if (wide >= WIDE) {
        brackets.moveTo(left + 0.5, base - 2);
        brackets.lineTo(left + 0.5, base);
        brackets.lineTo(right - 0.5, base);
        brackets.lineTo(right - 0.5, base - 2);
      }
    }
    g.lineWidth = 0.75;
    g.strokeStyle = token("--edge");
    g.stroke(brackets);
    g.lineWidth = wide >= WIDE ? 1.5 : 1;
    g.strokeStyle = token("--bad");
    g.stroke(full);
  }

  /** Whether a place is between tiles. @param {number} row @param {number} col */
  function outside(row, col) {
    return row % (down + 1) === down || col % (across + 1) === across;
  }

  /** Row and column of each cell. */
  function* cells() {
    for (let row = 0; row < rows; row++) for (let col = 0; col < cols; col++) if (!outside(row, col)) yield [row, col];
  }

  /** Row and first column of each group. */
  function* groups() {
    for (let row = 0; row < rows; row++) {
      if (outside(row, 0)) continue;
      for (let tile = 0; tile < cols; tile += across + 1)
        for (let col = tile; col + group <= tile + across; col += group) yield [row, col];
    }
  }

  function mix() {
    const shade = diverging();
    // The root lifts small weights off the middle.
    fills = Array.from({ length: 2 * SHADES + 1 }, (_, i) => {
      const x = i / SHADES - 1;
      return css(shade(0.5 + 0.5 * Math.sign(x) * Math.abs(x) ** 0.7));
    });
  }

  const swatch = (/** @type {string} */ kind, /** @type {string} */ text) =>
    make("li", {}, make("i", { class: `swatch ${kind}` }), text);
  return {
    body,
    canvas: paints ? null : canvases[0],
    hint: paints ? strings.paintMask : "",
    legend: make(
      "ul",
      { class: "legend long" },
      make("li", {}, make("span", { class: "ramp" }, strings.takesAway, make("i", { class: "div" }), strings.adds)),
      swatch("cut", strings.cut),
      ...(paints ? [swatch("taken", strings.taken)] : []),
      ...(group > 0 ? [swatch("full", strings.tooFull(group))] : []),
    ),
    /** @param {Float32Array} ground @param {Float32Array} marks */
    update(ground, marks) {
      numbers = ground;
      kept = marks[0];
      draw();
    },
    redraw() {
      fills = []; // the theme may be another
      draw(true);
    },
    table() {
      const cell = (/** @type {number} */ x) => (x < TAKEN ? strings.taken : x < CUT ? strings.cut : x.toFixed(2));
      return tableOfTiles(view, (i) => cell(numbers[i]));
    },
  };
}
