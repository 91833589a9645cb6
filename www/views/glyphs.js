// A row of small pictures: each may carry a weight as a bar, be picked, stored, or painted on.
import { make } from "../dom.js";
import { makeEasel } from "../easel.js";
import { fade } from "../fade.js";
import { grain } from "../hand.js";
import { strings } from "../strings.js";
import { bitmap } from "./canvas.js";
import { ramp, rgb, table } from "./colour.js";
import { makeRoll } from "./roll.js";

/** Up to this many pictures stand large, with their names under them. */
const FEW = 4;
/** How much wider than high a card's picture is. */
const WIDE = 1.6;
/** Up to this many share one row. */
const ROW = 16;
/** Pictures with fewer rows than this keep their pixels square. */
const COARSE = 16;
/** Points of a stroke keep this distance in pixels of the picture: the brush is wider, and links are to be short. */
const CLOSE = 0.5;
/** Of a longer list than this, only what is scrolled into sight is drawn. */
const AT_ONCE = 64;
/** Photographs are black on white in both themes. @type {import("./colour.js").Rgb[]} */
const PAPER = [
  [255, 255, 255],
  [0, 0, 0],
];
const SHADES = 255;
/** Weights below this are written as 0. */
const VISIBLE = 0.005;

/**
 * @param {import("../types.js").Glyphs} view
 * @param {import("../stage.js").Context} context
 */
export function mount(view, context) {
  const { rows, cols, items } = view;
  const side = rows * cols;
  const few = items.length <= FEW && view.place !== "full";
  // A strip has no room on a card: there it stands column by column, as large as the card.
  const whole = context.quiet && !few;
  const across = Math.ceil(Math.sqrt(WIDE * items.length));
  const down = Math.ceil(items.length / across);
  const list = make("ul", {
    class: `glyphs ${few ? "few" : whole ? "whole" : "strip"}${items.length > ROW && !whole ? " many" : ""}${rows < COARSE ? " coarse" : ""}`,
    ...(few ? {} : { "aria-label": view.title }),
    // A list that scrolls takes the focus itself, unless there are pictures to choose in it.
    ...(few || view.picks ? {} : { tabindex: 0 }),
    style: `--n:${few ? Math.max(3, items.length) : items.length};--across:${across};--down:${down};--ratio:${cols}/${rows}`,
  });
  /** @type {Float32Array} */
  let pixels = new Float32Array();
  /** @type {Float32Array} */
  let marks = new Float32Array();
  let ring = -1;
  /** What is picked, as the buttons show it. */
  let picks = "";
  /** @type {((t: number) => import("./colour.js").Rgb) | null} */
  let shade = null;
  /** Pictures that are not drawn as they now are. @type {Set<number>} */
  const stale = new Set();
  /** @type {HTMLElement[]} */
  const erasers = [];

  const cells = items.map((name, i) => {
    const canvas = make("canvas", { role: "img", "aria-label": name, width: cols, height: rows });
    const cell = make("li", { class: "glyph" });
    const bar = view.weighted ? make("span") : null;
    if (view.paint === i && view.hand !== "none" && !context.quiet) cell.append(easel(canvas, name, i));
    else if (view.picks) {
      const pick = make(
        "button",
        { class: "pick", type: "button", "aria-pressed": "false", title: name, tabindex: i === 0 ? 0 : -1 },
        canvas,
      );
      pick.addEventListener("click", () => context.onPick(/** @type {string} */ (view.picks), String(i + 1)));
      cell.append(pick);
    } else cell.append(canvas);
    if (bar) cell.append(make("div", { class: "bar" }, bar));
    if (few && !context.quiet) cell.append(make("b", { text: name }));
    list.append(cell);
    return { cell, canvas, bar, weight: Number.NaN };
  });

  const boxes = cells.map(({ cell }) => cell);
  const roll =
    items.length > AT_ONCE
      ? makeRoll(list, boxes, (from, to) => {
          for (let i = from; i < to; i++) {
            drawPicture(i);
            drawWeight(i);
          }
        })
      : null;
  const inSight = (/** @type {number} */ i) => !roll || roll.has(i);
  if (view.picks) roam(boxes, roll);
  if (!few) fade(list);

  const acts = make("div", { class: "acts" });
  const act = (/** @type {string} */ text, /** @type {() => void} */ does) => {
    const button = make("button", { class: "link-button", type: "button", text, onclick: does });
    acts.append(button);
    return button;
  };
  if (view.store && !context.quiet) {
    const [param, count] = view.store;
    items
      .slice(0, count)
      .forEach((name, i) =>
        act(strings.store(name), () => context.onStore({ param, width: cols, height: rows, ink: inkOf(i) })),
      );
  }
  const { paint } = view;
  if (paint !== null && view.hand !== "none" && !context.quiet) {
    act(strings.wipe(items[paint]), () => context.onTouch({ kind: "wipe", view: context.index, item: paint }));
    acts.append(...erasers);
  }

  /** A picture that can be painted on. @param {HTMLCanvasElement} canvas @param {string} name @param {number} item */
  function easel(canvas, name, item) {
    let last = [-1, -1];
    const made = makeEasel(canvas, {
      label: strings.easel(name),
      rows,
      cols,
      dab(x, y, erase, first) {
        if (!first && Math.hypot((x - last[0]) * cols, (y - last[1]) * rows) < CLOSE) return;
        last = [x, y];
        const value = erase ? 0 : 255;
        context.onTouch({ kind: "paint", view: context.index, item, x: grain(x), y: grain(y), value });
      },
    });
    erasers.push(made.eraser);
    return made.easel;
  }

  /** @param {number} i */
  const inkOf = (i) =>
    Uint8Array.from(pixels.subarray(i * side, (i + 1) * side), (x) => Math.round(255 * Math.min(1, Math.max(0, x))));

  function drawPictures() {
    if (pixels.length === 0) return;
    if (!shade) shade = table(view.photo ? ramp(PAPER) : ramp([rgb("--page"), rgb("--glyph")]), SHADES);
    cells.forEach((_, i) => {
      stale.add(i);
      if (inSight(i)) drawPicture(i);
    });
  }

  /** @param {number} i */
  function drawPicture(i) {
    const ink = shade;
    if (!ink || !stale.delete(i)) return;
    const image = bitmap(cols, rows, (k) => ink(pixels[i * side + k]));
    cells[i].canvas.getContext("2d")?.putImageData(image, 0, 0);
  }

  function drawMarks() {
    if (view.ringed && marks[0] !== ring) {
      cells[ring]?.cell.classList.remove("on");
      ring = marks[0];
      cells[ring]?.cell.classList.add("on");
      if (cells[ring]) bringInSight(ring);
    }
    cells.forEach((_, i) => {
      if (inSight(i)) drawWeight(i);
    });
  }

  /** Whether a hand was on the list when it should have scrolled. */
  let missed = false;
  for (const type of ["pointerleave", "focusout"])
    list.addEventListener(type, () => missed && cells[ring] && bringInSight(ring));

  /** Scrolls a list that does not show all of itself to a picture, unless a hand is on it. @param {number} i */
  function bringInSight(i) {
    missed = list.matches(":hover, :focus-within");
    if (missed) return;
    roll?.show(i);
    const [inner, outer] = [cells[i].cell, list].map((element) => element.getBoundingClientRect());
    if (inner.left < outer.left || inner.right > outer.right)
      list.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
    if (inner.top < outer.top || inner.bottom > outer.bottom)
      list.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  }

  /** @param {number} i */
  function drawWeight(i) {
    const cell = cells[i];
    const weight = marks[1 + i];
    if (!cell.bar || weight === cell.weight || Number.isNaN(weight)) return;
    cell.weight = weight;
    const length = Math.abs(weight);
    /** @type {HTMLElement} */ (cell.bar.parentElement).style.setProperty("--v", length.toFixed(3));
    cell.bar.textContent = length >= VISIBLE ? weight.toFixed(2) : "0";
  }

  const legend = make("ul", { class: "legend" });
  if (view.weighted) legend.append(make("li", {}, make("i", { class: "swatch bar" }), view.weighted));
  if (view.ringed) legend.append(make("li", {}, make("i", { class: "swatch ring" }), view.ringed));

  return {
    body: whole
      ? make("div", { class: "tiles-host" }, list)
      : acts.childElementCount > 0
        ? make("div", {}, list, acts)
        : list,
    canvas: null,
    legend: legend.childElementCount > 0 ? legend : null,
    /** @param {Float32Array} ground @param {Float32Array} rest @param {import("../stage.js").Scene} scene */
    update(ground, rest, scene) {
      const same = ground === pixels;
      pixels = ground;
      marks = rest;
      if (!same || !view.still) drawPictures();
      drawMarks();
      const chosen = view.picks ? (scene.values.get(view.picks) ?? "") : picks;
      if (chosen !== picks) {
        picks = chosen;
        const picked = chosen.split(".");
        for (const [i, { cell }] of cells.entries()) {
          const order = picked.indexOf(String(i + 1));
          const pick = /** @type {HTMLElement} */ (cell.firstChild);
          pick.setAttribute("aria-pressed", String(order >= 0));
          pick.dataset.order = String(order + 1);
        }
      }
    },
    redraw() {
      shade = null; // the theme may be another
      roll?.update();
      drawPictures();
    },
    /** Pictures as numbers: how dark each is, and of a few how much each is like the others. */
    table() {
      const pictures = items.map((_, i) => pixels.subarray(i * side, (i + 1) * side));
      // What has a number of its own is told by that.
      const alike = few && !view.weighted;
      const line = (/** @type {string} */ name, /** @type {number} */ i) => [
        String(i + 1),
        name,
        ...(view.weighted ? [marks[1 + i].toFixed(3)] : [mean(pictures[i]).toFixed(2)]),
        ...(alike ? pictures.map((other) => likeness(pictures[i], other)) : []),
      ];
      const head = [
        strings.number,
        view.title,
        view.weighted ?? strings.ink,
        ...(alike ? items.map(strings.likeness) : []),
      ];
      const rows = items.map(line);
      // A few have names enough.
      return few
        ? { head: [strings.pictureHead, ...head.slice(2)], rows: rows.map((row) => row.slice(1)) }
        : { head, rows };
    },
  };
}

/** @param {Float32Array} picture */
const mean = (picture) => picture.reduce((sum, x) => sum + x, 0) / picture.length;

/** The correlation of the points of two pictures. @param {Float32Array} a @param {Float32Array} b */
function likeness(a, b) {
  const [middleA, middleB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    const [u, v] = [x - middleA, b[i] - middleB];
    ab += u * v;
    aa += u * u;
    bb += v * v;
  });
  // A picture of one shade is like no other.
  return aa * bb > 0 ? (ab / Math.sqrt(aa * bb)).toFixed(2) : strings.none;
}

/**
 * One stop for the Tab key, and arrows from there: a thousand pictures are not a thousand stops.
 * @param {HTMLElement[]} cells with a button each, in reading order @param {ReturnType<typeof makeRoll> | null} roll
 */
function roam(cells, roll) {
  const stops = cells.map((cell) => /** @type {HTMLElement} */ (cell.firstChild));
  const inRow = () => {
    if (roll) return roll.columns;
    const top = (/** @type {HTMLElement} */ element) => element.getBoundingClientRect().top;
    const below = stops.findIndex((other) => top(other) > top(stops[0]));
    return below < 0 ? stops.length : below;
  };
  const enter = (/** @type {number} */ to) => {
    for (const stop of stops) if (stop.tabIndex === 0) stop.tabIndex = -1;
    stops[to].tabIndex = 0;
  };
  stops.forEach((stop, i) => {
    stop.addEventListener("focus", () => enter(i));
    stop.addEventListener("keydown", (event) => {
      const row = inRow();
      const to = {
        ArrowLeft: i - 1,
        ArrowRight: i + 1,
        ArrowUp: i - row,
        ArrowDown: i + row,
        Home: 0,
        End: stops.length - 1,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      if (!stops[to]) return;
      roll?.show(to);
      stops[to].focus();
    });
  });
}
