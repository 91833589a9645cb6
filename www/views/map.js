// A landscape as a topographic map: a calm ramp, contours with heights, crosses for the states that span it. Where the view
// knows to which end each place leads, the ends give the colours and the energies the lines.
import { bitmap, spread } from "./canvas.js";
import { css, ramp, readable, rgb, sequential, table, token } from "./colour.js";

/** Heights between the lowest and the highest point. */
export const LEVELS = 18;
/** Shades the map is drawn in: finer than the eye tells apart where the ramp is steep. */
const SHADES = 2048;

/** Ends take these tokens in order, so strong on the page, and the last one, which is no memory, hardly any. @type {[string, number][]} */
const TINTS = [
  ["--cat-2", 0.45],
  ["--cat-3", 0.45],
  ["--cat-4", 0.4],
  ["--cat-5", 0.5],
];
/** @type {[string, number]} */
const NOBODY = ["--ink", 0.07];

/**
 * The states that span a plane and where they lie on it, 0 to 1.
 * @param {import("../types.js").Surface} view @param {Float32Array} marks
 */
export const placesOf = ({ span, members }, marks) =>
  Array.from({ length: span }, (_, i) => {
    const [member, x, y] = marks.subarray(3 * i);
    return { name: members[member], x, y };
  });

/** Token and strength of an end. @param {number} end @param {number} count */
export const tintOf = (end, count) => (end === count - 1 ? NOBODY : TINTS[end % TINTS.length]);

/** Colours of what is not known yet and of each end. @param {number} count */
const tintsOf = (count) => [
  rgb("--page"),
  ...Array.from({ length: count }, (_, end) => {
    const [name, share] = tintOf(end, count);
    return ramp([rgb("--page"), rgb(name)])(share);
  }),
];

/** How dark height t, 0 to 1, is drawn. Low is strong; the root spreads the low levels. @param {number} t */
const depth = (t) => 0.8 * (1 - t ** 0.66) ** 1.7;

/**
 * The segments of all contours by marching squares, in cells from the middle of the top left one.
 * @param {Float32Array} field @param {number} cols @param {number} rows @param {number[]} levels rising
 * @returns {number[][]} for each level, x and y of both ends of each segment
 */
export function contours(field, cols, rows, levels) {
  const out = levels.map(() => /** @type {number[]} */ ([]));
  for (let y = 0; y < rows - 1; y++) {
    for (let x = 0; x < cols - 1; x++) {
      const i = y * cols + x;
      const a = field[i];
      const b = field[i + 1];
      const c = field[i + cols + 1];
      const d = field[i + cols];
      const low = Math.min(a, b, c, d);
      const high = Math.max(a, b, c, d);
      // Most cells are crossed by no level: they cost one comparison.
      for (let k = levels.length - 1; k >= 0 && levels[k] > low; k--) {
        if (levels[k] > high) continue;
        cross(out[k], x, y, a - levels[k], b - levels[k], c - levels[k], d - levels[k]);
      }
    }
  }
  return out;
}

/**
 * Adds what a contour does in one cell; a to d are the heights over it at the corners, clockwise from the top left.
 * @param {number[]} out @param {number} x @param {number} y
 * @param {number} a @param {number} b @param {number} c @param {number} d
 */
function cross(out, x, y, a, b, c, d) {
  const from = out.length;
  if (a < 0 !== b < 0) out.push(x + a / (a - b), y);
  if (b < 0 !== c < 0) out.push(x + 1, y + b / (b - c));
  if (c < 0 !== d < 0) out.push(x + d / (d - c), y + 1);
  if (d < 0 !== a < 0) out.push(x, y + a / (a - d));
  out.length -= (out.length - from) % 4;
}

/** The frame beyond a place that is the middle of an outer cell. @param {number} place @param {number} cells */
const outward = (place, cells) => (place === 0 ? -0.5 : place === cells - 1 ? cells - 0.5 : place);

/**
 * Heights and colours of the cells.
 * @param {import("../types.js").Surface} view @param {Float32Array} ground
 */
export function shading({ rows, cols, ends: names }, ground) {
  const energies = ground.subarray(0, rows * cols);
  const ends = ground.subarray(rows * cols);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const e of energies) {
    if (e < low) low = e;
    if (e > high) high = e;
  }
  const span = high - low || 1;
  const seq = sequential();
  const shades = table((t) => seq(depth(t)), SHADES);
  const led = names.length > 0;
  const tints = led ? tintsOf(names.length) : [];
  /** The colour of the ground at a cell. @param {number} i */
  const colour = (i) => (led ? tints[1 + ends[i]] : shades((energies[i] - low) / span));
  return { energies, low, span, led, shades, colour };
}

/**
 * The number of the cell at a place, or of the one nearest to it.
 * @param {import("../types.js").Surface} view @param {number} x from the left, in 0..1 @param {number} y from the top
 */
export function cellAt({ rows, cols }, x, y) {
  const row = Math.min(rows - 1, Math.max(0, Math.floor(y * rows)));
  return row * cols + Math.min(cols - 1, Math.max(0, Math.floor(x * cols)));
}

const namesFont = () => `600 13px ${token("--sans")}`;

/**
 * The map without path: kept until energies, theme or size change.
 * @param {import("../types.js").Surface} view @param {Float32Array} ground @param {Float32Array} marks
 * @param {CanvasRenderingContext2D} g @param {number} w @param {number} h @param {boolean} quiet without words
 */
export function drawMap(view, ground, marks, g, w, h, quiet) {
  const { rows, cols } = view;
  const { energies, low, span, led, shades, colour } = shading(view, ground);
  spread(g, bitmap(cols, rows, colour), w, h, !led);
  const X = (/** @type {number} */ x) => ((x + 0.5) / cols) * w;
  const Y = (/** @type {number} */ y) => ((y + 0.5) / rows) * h;
  const cell = (/** @type {number} */ x, /** @type {number} */ y) => cellAt(view, x / w, y / h);
  const at = (/** @type {number} */ x, /** @type {number} */ y) => energies[cell(x, y)];
  g.lineJoin = "round";
  const levels = Array.from({ length: LEVELS - 1 }, (_, i) => low + ((i + 1) / LEVELS) * span);
  contours(energies, cols, rows, levels).forEach((cuts, i) => {
    const thick = (i + 1) % 4 === 0;
    g.strokeStyle = led ? token("--ink") : readable(shades((levels[i] - low) / span));
    g.globalAlpha = thick ? 0.45 : 0.2;
    g.lineWidth = thick ? 1 : 0.75;
    g.beginPath();
    for (let j = 0; j < cuts.length; j += 4) {
      g.moveTo(X(cuts[j]), Y(cuts[j + 1]));
      g.lineTo(X(cuts[j + 2]), Y(cuts[j + 3]));
    }
    // From the middles of the outer cells to the frame.
    for (let j = 0; j < cuts.length; j += 2) {
      const [x, y] = [cuts[j], cuts[j + 1]];
      const [outX, outY] = [outward(x, cols), outward(y, rows)];
      if (outX === x && outY === y) continue;
      g.moveTo(X(x), Y(y));
      g.lineTo(X(outX), Y(outY));
    }
    g.stroke();
  });
  g.globalAlpha = 1;
  g.textAlign = "center";
  g.textBaseline = "middle";
  // A label's halo has the colour of the ground it stands on, so it cuts the line under it as on a map.
  const word = (/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y) => {
    const ground = colour(cell(x, y));
    g.lineWidth = 5;
    g.strokeStyle = css(ground);
    g.strokeText(text, x, y);
    g.fillStyle = readable(ground);
    g.fillText(text, x, y);
  };
  g.font = namesFont();
  /** @type {{name: string, x: number, y: number, half: number, nameX: number, nameY: number}[]} */
  const places = [];
  for (const { name, ...at } of placesOf(view, marks)) {
    const place = { name, x: at.x * w, y: at.y * h };
    // Away from the middle, where paths and states are.
    const outside = place.y < h / 2 ? place.y - 22 : place.y + 22;
    const half = g.measureText(name).width / 2 + 6;
    const nameX = Math.min(w - half, Math.max(half, place.x));
    const inside = 2 * place.y - outside;
    const [first, second] = outside > 10 && outside < h - 10 ? [outside, inside] : [inside, outside];
    // Where the name of a state nearby stands already, it goes to the other side.
    const free = (/** @type {number} */ y) =>
      places.every((other) => Math.abs(other.nameX - nameX) > other.half + half || Math.abs(other.nameY - y) > 18);
    places.push({ ...place, half, nameX, nameY: free(first) || !free(second) ? first : second });
  }
  if (!quiet) {
    g.font = `500 12px ${token("--sans")}`;
    for (const [text, x, y] of heights(places, w, h, at, low, span)) word(text, x, y);
  }
  for (const { name, x, y, nameX, nameY } of places) {
    const ground = colour(cell(x, y));
    g.strokeStyle = readable(ground);
    g.lineWidth = 1.75;
    g.beginPath();
    g.moveTo(x - 5, y);
    g.lineTo(x + 5, y);
    g.moveTo(x, y - 5);
    g.lineTo(x, y + 5);
    g.stroke();
    if (quiet || x < 0 || x > w || y < 0 || y > h) continue;
    g.font = namesFont();
    word(name, nameX, nameY);
  }
}

/**
 * Heights of the thick lines, where ways from the first member to the corners cross them.
 * @param {{x: number, y: number, half: number, nameX: number, nameY: number}[]} places @param {number} w @param {number} h
 * @param {(x: number, y: number) => number} at @param {number} low @param {number} span
 * @returns {[string, number, number][]}
 */
function heights(places, w, h, at, low, span) {
  const from = places[0] ?? { x: w / 2, y: h / 2 };
  /** @type {[string, number, number][]} */
  const out = [];
  // A height is some 40 px wide and 16 high: it keeps clear of others, of marks and of names.
  const far = (/** @type {number} */ x, /** @type {number} */ y) =>
    out.every(([, a, b]) => Math.hypot(x - a, y - b) > 48) &&
    places.every(
      (p) => Math.hypot(x - p.x, y - p.y) > 40 && (Math.abs(x - p.nameX) > p.half + 22 || Math.abs(y - p.nameY) > 18),
    );
  const digits = span < 0.1 ? 3 : 2;
  for (const [endX, endY] of [
    [24, 18],
    [w - 24, h - 16],
    [24, h - 16],
    [w - 24, 18],
  ]) {
    for (let k = 4; k < LEVELS; k += 4) {
      const level = low + (k / LEVELS) * span;
      let below = true;
      for (let t = 0.05; t <= 1; t += 0.01) {
        const [x, y] = [from.x + (endX - from.x) * t, from.y + (endY - from.y) * t];
        const now = at(x, y) < level;
        if (below && !now && x > 20 && x < w - 20 && y > 12 && y < h - 12 && far(x, y) && out.length < 6) {
          out.push([level.toFixed(digits).replace("-", "−"), x, y]);
          break;
        }
        below = now;
      }
    }
  }
  return out;
}
