// The map of a sweep: a tile for each pair of values, shaded by what its seeds came to, with the way to their runs.
import { make } from "./dom.js";
import { powers } from "./powers.js";
import { labelOf } from "./sweep-axis.js";
import { strings } from "./sweep-strings.js";
import { placeOf } from "./sweep-table.js";
import { sizeOf } from "./views/canvas.js";
import { css, diverging, readable, sequential } from "./views/colour.js";

/** Pixels that a number, and a label below, need to be read. */
const NUMBER = 44;
const LABEL = 9;
/** Pixels of the lowest and the highest tile. */
const [LOW, HIGH] = [28, 56];

/**
 * @typedef {import("./sweep-table.js").Kept} Kept
 * @typedef {import("./sweep-table.js").Sweep} Sweep
 *
 * What is to be seen of a run: a metric, whose mean over the seeds is drawn, or a claim, of which the share of seeds that agree.
 * @typedef {object} Sight
 * @property {string} label
 * @property {"metric" | "claim"} kind
 * @property {number} index
 * @property {boolean} [never] whether 0 says that it did not happen
 *
 * @typedef {{run: number, seed: number, taken: Kept | null | undefined}} One undefined while it is still to come, null if it did not begin
 */

/** A number in few digits. @param {number} x */
export function brief(x) {
  if (x === 0 || !Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (size >= 1e5 || size < 1e-3) return powers(x.toExponential(1));
  return size >= 1000 ? x.toFixed(0) : String(Number(x.toPrecision(3)));
}

/** A value beside the map: exact it is in the links. @param {import("./types.js").Param} param @param {string} value */
const tickOf = (param, value) =>
  param.kind.type === "float" || param.kind.type === "share"
    ? labelOf(param, String(Number(Number(value).toPrecision(4))))
    : labelOf(param, value);

/**
 * What the seeds of a tile came to: the number that shades it, what stands in it, and all of it in words.
 * @param {Sight} sight @param {One[]} ones @returns {{value: number | null, text: string, words: string}}
 */
export function summaryOf({ label, kind, index, never }, ones) {
  const taken = ones.flatMap(({ taken }) => taken ?? []);
  const refused = ones.filter(({ taken }) => taken === null).length;
  const more = refused > 0 ? `. ${strings.refusedRuns(refused)}` : "";
  if (kind === "claim") {
    const verdicts = taken.map(({ claims }) => claims[index].verdict);
    const spoke = verdicts.filter((verdict) => verdict === "agrees" || verdict === "differs").length;
    const agree = verdicts.filter((verdict) => verdict === "agrees").length;
    if (spoke === 0) return { value: null, text: "–", words: strings.noVerdict + more };
    return { value: agree / spoke, text: `${agree}/${spoke}`, words: strings.agreeing(agree, spoke) + more };
  }
  const numbers = taken.map(({ metrics }) => metrics[index]).filter((x) => Number.isFinite(x) && !(never && x === 0));
  if (numbers.length === 0) return { value: null, text: "–", words: strings.noNumber(label) + more };
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const text = brief(mean);
  if (numbers.length === 1) return { value: mean, text, words: `${label} ${text}${more}` };
  const ends = [Math.min(...numbers), Math.max(...numbers)].map(brief);
  return { value: mean, text, words: strings.meanOf(label, text, numbers.length, ends[0], ends[1]) + more };
}

/** What one run came to. @param {Sight} sight @param {One} one */
export function wordsOf({ label, kind, index, never }, { seed, taken }) {
  if (!taken) return strings.seedRefused(seed);
  const number = taken.metrics[index];
  const what =
    kind === "claim"
      ? strings.verdicts[taken.claims[index].verdict]
      : `${label} ${never && number === 0 ? strings.never : brief(number)}`;
  return strings.seedCameTo(seed, what, strings.endedAt(taken.ended ?? strings.stopped, taken.step));
}

export class SweepMap {
  #root;
  #ramp;
  #open;
  /** @type {Sweep | null} */
  #sweep = null;
  /** @type {HTMLElement[]} tiles by the place of their cell in the order of the runs */
  #tiles = [];
  #width = 0;
  /** Where Tab stops, and whether a hand chose it. @type {HTMLElement | null} */
  #stop = null;
  #chosen = false;

  /**
   * @param {HTMLElement} root @param {HTMLElement} ramp what the shades mean
   * @param {(tile: HTMLElement, words: string, ones: One[]) => void} open a tile of several seeds was chosen
   */
  constructor(root, ramp, open) {
    this.#root = root;
    this.#ramp = ramp;
    this.#open = open;
  }

  /** An empty map. @param {Sweep} sweep */
  begin(sweep) {
    this.#sweep = sweep;
    const [across, up] = sweep.axes;
    const columns = across.values.length;
    const rows = up?.values.length ?? 1;
    this.#tiles = [];
    this.#chosen = false;
    const head = (/** @type {string} */ scope, /** @type {typeof across} */ { param }, /** @type {string} */ value) =>
      make("th", { scope }, make("span", { text: tickOf(param, value) }));
    const lines = Array.from({ length: rows }, (_, from) => {
      const row = rows - 1 - from;
      const cells = across.values.map((_, column) => {
        const cell = column * rows + row;
        const tile = make(sweep.seeds > 1 ? "button" : "a", { class: "tile coming", tabindex: -1 });
        tile.dataset.cell = String(cell);
        this.#tiles[cell] = tile;
        return make("td", {}, tile);
      });
      return make("tr", {}, ...(up ? [head("row", up, up.values[row])] : []), ...cells);
    });
    const feet = across.values.map((value) => head("col", across, value));
    const corner = up ? [make("td", { class: "corner" })] : [];
    const table = make(
      "table",
      { "aria-label": strings.mapOf(across.param.label, up?.param.label ?? "") },
      make("tbody", {}, ...lines),
      make("tfoot", {}, make("tr", {}, ...corner, ...feet)),
    );
    table.style.setProperty("--columns", String(columns));
    table.addEventListener("keydown", (event) => this.#walk(event, rows));
    table.addEventListener("focusin", ({ target }) => {
      this.#chosen = true;
      this.#stopAt(/** @type {HTMLElement} */ (target));
    });
    const side = up ? [make("p", { class: "side", text: up.param.label })] : [];
    this.#root.replaceChildren(
      ...side,
      make("div", { class: "scroll-x", tabindex: 0, role: "group", "aria-label": strings.map }, table),
      make("p", { class: "side below", text: across.param.label }),
    );
    this.fit(true);
  }

  /** Arrows go from tile to tile: a long row of them is one stop for the Tab key. @param {KeyboardEvent} event @param {number} rows */
  #walk(event, rows) {
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowRight: [1, 0],
      ArrowLeft: [-1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    });
    const from = Number(/** @type {HTMLElement} */ (event.target).dataset.cell);
    if (!(event.key in moves) || Number.isNaN(from)) return;
    event.preventDefault();
    const [right, up] = moves[event.key];
    const row = (from % rows) + up;
    if (row >= 0 && row < rows) this.#tiles[from + right * rows + up]?.focus();
  }

  /** @param {HTMLElement} tile */
  #stopAt(tile) {
    if (this.#stop) this.#stop.tabIndex = -1;
    this.#stop = tile;
    tile.tabIndex = 0;
  }

  /** @param {(Kept | null | undefined)[]} taken by run @param {Sight} sight @param {(one: One) => string} link */
  paint(taken, sight, link) {
    const sweep = this.#sweep;
    if (!sweep) return;
    const cells = this.#tiles.map((_, cell) => {
      const ones = Array.from({ length: sweep.seeds }, (_, i) => {
        const run = cell * sweep.seeds + i;
        return { run, seed: 1 + i, taken: taken[run] };
      }).filter(({ taken }) => taken !== undefined);
      return { ones, summary: ones.length > 0 ? summaryOf(sight, ones) : null };
    });
    const values = cells.flatMap(({ summary }) => summary?.value ?? []);
    const shade = this.#shades(sight, values);
    cells.forEach(({ ones, summary }, cell) => {
      if (!summary) return;
      const ground = summary.value === null ? null : shade(summary.value);
      this.#fill(cell, sweep, ones, summary, ground, link);
    });
    const first = this.#tiles.find((tile) => !tile.classList.contains("coming"));
    if (first && !this.#chosen) this.#stopAt(first);
  }

  /**
   * @param {number} cell @param {Sweep} sweep @param {One[]} ones @param {{text: string, words: string}} summary
   * @param {import("./views/colour.js").Rgb | null} ground @param {(one: One) => string} link
   */
  #fill(cell, sweep, ones, { text, words }, ground, link) {
    const tile = this.#tiles[cell];
    const colours = ground ? `background:${css(ground)};color:${readable(ground)}` : "";
    // Most tiles are as they were, and there may be thousands.
    const now = [ones.length, text, words, colours].join();
    if (tile.dataset.now === now) return;
    tile.dataset.now = now;
    const { at } = placeOf(sweep, cell * sweep.seeds);
    const place = sweep.axes.map(({ param, values }, i) => `${param.label} ${labelOf(param, values[at[i]])}`);
    const label = `${place.join(", ")}: ${words}`;
    tile.textContent = text;
    tile.title = label;
    tile.setAttribute("aria-label", label);
    tile.setAttribute("style", colours);
    tile.classList.remove("coming");
    if (sweep.seeds === 1) /** @type {HTMLAnchorElement} */ (tile).href = link(ones[0]);
    else tile.onclick = () => this.#open(tile, label, ones);
  }

  /** The shade of a number: signs apart where there are both. @param {Sight} sight @param {number[]} values @returns {(value: number) => import("./views/colour.js").Rgb} */
  #shades({ kind }, values) {
    if (values.length === 0) {
      this.#ramp.hidden = true;
      return sequential();
    }
    let [low, high] = kind === "claim" ? [0, 1] : [Math.min(...values), Math.max(...values)];
    const signs = low < 0 && high > 0;
    if (signs) [low, high] = [-Math.max(-low, high), Math.max(-low, high)];
    const colour = signs ? diverging() : sequential();
    const ends = kind === "claim" ? [strings.none, strings.all] : [brief(low), brief(high)];
    this.#ramp.replaceChildren(ends[0], make("i", { class: signs ? "div" : "up" }), ends[1]);
    this.#ramp.hidden = false;
    return (value) => colour(high > low ? (value - low) / (high - low) : 0.5);
  }

  /** Numbers stand in tiles that have room for them, and labels where they do not touch. @param {boolean} [anew] */
  fit(anew = false) {
    const table = this.#root.querySelector("table");
    const across = this.#sweep?.axes[0];
    if (!table || !across) return;
    const [width] = sizeOf(this.#root, true);
    if (!width || (width === this.#width && !anew)) return;
    this.#width = width;
    const side = /** @type {HTMLElement | null} */ (table.querySelector("tbody th"))?.offsetWidth ?? 0;
    const tile = Math.max(24, (width - side) / across.values.length);
    table.classList.toggle("bare", tile < NUMBER);
    table.style.setProperty("--high", `${Math.round(Math.min(HIGH, Math.max(LOW, tile * 0.7)))}px`);
    const longest = Math.max(...across.values.map((value) => tickOf(across.param, value).length));
    const every = Math.ceil((longest * LABEL) / tile);
    table.querySelectorAll("tfoot span").forEach((label, i) => label.classList.toggle("sr", i % every !== 0));
  }
}
