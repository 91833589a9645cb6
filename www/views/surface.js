// Energies on a plane: a map of them, or a relief where it is asked for, and on it the path and the probe.
import { icon, make } from "../dom.js";
import { arrow, grain, makeProbe, placeOn } from "../hand.js";
import { powers } from "../powers.js";
import { strings } from "../strings.js";
import { alike, fit } from "./canvas.js";
import { token } from "./colour.js";
import { cellAt, drawMap, LEVELS, placesOf, shading, tintOf } from "./map.js";

/** Dots on the path keep this distance in pixels. */
const DOTS = 11;
/** How strong that is which the relief hides. */
const FAINT = 0.25;
/** From where a relief is seen first: degrees about it, and over its ground. @type {[number, number]} */
const FRONT = [25, 40];
const [FLATTEST, STEEPEST] = [10, 85];
/** Degrees that an arrow key turns it, and a pointer that crosses it. */
const [TURN, ROUND] = [5, 180];

/** The way so far, or a stretch of it. @param {CanvasRenderingContext2D} g @param {[number, number][]} path in pixels @param {boolean} first whether it begins where the way does */
export function drawPath(g, path, first = true) {
  if (path.length < 2) return;
  const [page, mark] = [token("--page"), token("--accent-mark")];
  g.lineCap = g.lineJoin = "round";
  for (const [width, colour] of /** @type {[number, string][]} */ ([
    [5, page],
    [2, mark],
  ])) {
    g.lineWidth = width;
    g.strokeStyle = colour;
    g.beginPath();
    path.forEach(([x, y], i) => (i ? g.lineTo(x, y) : g.moveTo(x, y)));
    g.stroke();
  }
  let seen = [-99, -99];
  path.slice(0, -1).forEach(([x, y], i) => {
    if (i && Math.hypot(x - seen[0], y - seen[1]) < DOTS) return;
    seen = [x, y];
    g.beginPath();
    const start = first && i === 0;
    g.arc(x, y, start ? 4.5 : 3, 0, 7);
    g.fillStyle = start ? page : mark;
    g.fill();
    g.lineWidth = 2;
    g.strokeStyle = start ? mark : page;
    g.stroke();
  });
}

/** Where the state is, on a map without a probe. @param {CanvasRenderingContext2D} g @param {number} x @param {number} y */
function drawState(g, x, y) {
  g.beginPath();
  g.arc(x, y, 6.5, 0, 7);
  g.fillStyle = token("--accent-mark");
  g.fill();
  g.lineWidth = 2.5;
  g.strokeStyle = token("--page");
  g.stroke();
}

const rampLegend = () => make("span", { class: "ramp" }, strings.low, make("i", { class: "seq" }), strings.high);

/** @param {string[]} ends */
const endsLegend = (ends) =>
  make(
    "ul",
    { class: "legend long" },
    ...ends.map((name, end) => {
      const [tint, share] = tintOf(end, ends.length);
      const style = `background:color-mix(in srgb, var(${tint}) ${100 * share}%, var(--page))`;
      return make("li", {}, make("i", { class: "swatch end", style }), name);
    }),
  );

/**
 * @param {import("../types.js").Surface} view
 * @param {import("../stage.js").Context} context
 */
export function mount(view, context) {
  const canvas = make("canvas", { role: "img" });
  // The caption speaks of the map.
  const turns = make("p", { class: "caption", text: strings.turns(view.hand !== "none"), hidden: true });
  const body = make("div", { class: "surface" }, canvas, turns);
  const probe = makeProbe(
    canvas,
    strings.probe,
    () => pathOf(1, 1).at(-1) ?? [0.5, 0.5],
    (x, y) => context.onTouch({ kind: "drag", view: context.index, x: grain(x), y: grain(y) }),
    context.onRelease,
  );
  if (view.hand !== "none") body.append(probe);
  const legend = view.ends.length > 0 ? endsLegend(view.ends) : rampLegend();
  /** @type {Float32Array} */
  let energies = new Float32Array();
  /** @type {Float32Array} */
  let marks = new Float32Array();
  /** @type {OffscreenCanvas | null} */
  let map = null;
  /** @type {import("./relief.js").Relief | null} */
  let relief = null;
  /** The ground that the relief has. @type {Float32Array | null} */
  let modelled = null;
  /** From where the relief is seen, in degrees. */
  let [azimuth, elevation] = FRONT;

  const tool = make(
    "button",
    {
      class: "tool",
      type: "button",
      "aria-pressed": "false",
      "aria-label": `${strings.relief}: ${view.title}`,
      title: strings.relief,
    },
    icon("relief"),
  );
  tool.addEventListener("click", async () => {
    if (relief) relief = null;
    else {
      const { makeRelief } = await import("./relief.js");
      relief = makeRelief();
      if (!relief) {
        tool.disabled = true;
        tool.title = strings.noRelief;
      }
      [azimuth, elevation] = FRONT;
      modelled = null;
    }
    const on = relief !== null;
    tool.setAttribute("aria-pressed", String(on));
    body.classList.toggle("relief", on);
    // A place is chosen on the map; the relief is only turned.
    probe.hidden = on;
    turns.hidden = !on;
    if (on) canvas.tabIndex = 0;
    else canvas.removeAttribute("tabindex");
    map = null;
    draw();
  });
  const turn = (/** @type {number} */ across, /** @type {number} */ up) => {
    azimuth += across;
    elevation = Math.min(STEEPEST, Math.max(FLATTEST, elevation + up));
    map = null;
    draw();
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!relief) return;
    canvas.setPointerCapture(event.pointerId);
    let [x, y] = placeOn(canvas, event);
    canvas.onpointermove = (at) => {
      const [nextX, nextY] = placeOn(canvas, at);
      turn(ROUND * (nextX - x), (ROUND / 2) * (nextY - y));
      [x, y] = [nextX, nextY];
    };
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      canvas.onpointermove = null;
    });
  }
  canvas.addEventListener("keydown", (event) => {
    const way = relief && arrow(event.key);
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    turn(TURN * way[0], TURN * way[1]);
  });

  const pathOf = (/** @type {number} */ w, /** @type {number} */ h) => {
    const first = 3 * view.span;
    const count = marks[first] || 0;
    return Array.from(
      { length: count },
      (_, i) => /** @type {[number, number]} */ ([marks[first + 1 + 2 * i] * w, marks[first + 2 + 2 * i] * h]),
    );
  };

  /** Where a place of the map is seen, in pixels. @param {number} x @param {number} y @param {number} w @param {number} h @returns {[number, number]} */
  function seen(x, y, w, h) {
    const [u, v] = relief ? relief.seen(x, y) : [x, y];
    return [u * w, v * h];
  }

  /** How strong a place of the map is drawn. @param {number} x @param {number} y */
  const strength = (x, y) => (relief?.hides(x, y) ? FAINT : 1);

  /** The states that span the plane, over the relief. @param {CanvasRenderingContext2D} g @param {number} w @param {number} h */
  function drawNames(g, w, h) {
    g.font = `600 13px ${token("--sans")}`;
    g.textAlign = "center";
    g.lineJoin = "round";
    for (const place of placesOf(view, marks)) {
      const [x, y] = seen(place.x, place.y, w, h);
      g.globalAlpha = strength(place.x, place.y);
      g.strokeStyle = token("--page");
      g.fillStyle = token("--ink");
      g.lineWidth = 4;
      g.strokeText(place.name, x, y - 12);
      g.fillText(place.name, x, y - 12);
      g.beginPath();
      g.arc(x, y, 3, 0, 7);
      g.fill();
    }
    g.globalAlpha = 1;
  }

  /** The way so far over the relief. @param {CanvasRenderingContext2D} g @param {[number, number][]} path in pixels @param {number[]} strengths of its places */
  function drawWay(g, path, strengths) {
    g.globalAlpha = FAINT;
    drawPath(g, path);
    g.globalAlpha = 1;
    for (let from = 0; from < path.length; ) {
      const end = strengths.findIndex((strong, i) => i > from && strong !== strengths[from]);
      const to = end < 0 ? path.length : end;
      if (strengths[from] === 1) drawPath(g, path.slice(from, to), from === 0);
      from = to;
    }
  }

  function draw(again = false) {
    const box = fit(canvas, again);
    if (!box || energies.length === 0 || marks.length === 0) return;
    const { g, w, h } = box;
    if (!map || map.width !== canvas.width || map.height !== canvas.height) {
      map = new OffscreenCanvas(canvas.width, canvas.height);
      const on = /** @type {any} */ (map.getContext("2d"));
      if (relief) {
        if (modelled !== energies) {
          const { energies: heights, low, span, colour } = shading(view, energies);
          relief.put(view.rows, view.cols, (i) => (heights[i] - low) / span, colour);
          modelled = energies;
        }
        on.drawImage(relief.draw(map.width, map.height, azimuth, elevation, LEVELS), 0, 0);
      }
      on.setTransform(box.density, 0, 0, box.density, 0, 0);
      if (relief) drawNames(on, w, h);
      else drawMap(view, energies, marks, on, w, h, context.quiet);
    }
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(map, 0, 0);
    g.setTransform(box.density, 0, 0, box.density, 0, 0);
    const way = pathOf(1, 1);
    const path = way.map(([x, y]) => seen(x, y, w, h));
    const strengths = way.map(([x, y]) => strength(x, y));
    if (relief) drawWay(g, path, strengths);
    else drawPath(g, path);
    const [x, y] = path.at(-1) ?? [w / 2, h / 2];
    g.globalAlpha = strengths.at(-1) ?? 1;
    if ((relief || view.hand === "none") && path.length > 0) drawState(g, x, y);
    g.globalAlpha = 1;
    probe.style.left = `${Math.min(w, Math.max(0, x))}px`;
    probe.style.top = `${Math.min(h, Math.max(0, y))}px`;
  }

  return {
    body,
    canvas,
    tool: context.quiet ? null : tool,
    legend,
    /** @param {Float32Array} ground @param {Float32Array} rest */
    update(ground, rest) {
      if (!alike(ground, energies)) {
        energies = ground;
        map = null;
        // An end that nothing leads to, perhaps because there is no such memory, needs no name.
        const found = new Set(view.ends.length > 0 ? energies.subarray(view.rows * view.cols) : []);
        view.ends.forEach((_, end) => legend.children[end].classList.toggle("absent", !found.has(end)));
      }
      marks = rest;
      draw();
    },
    redraw() {
      map = modelled = null; // the theme may be another
      draw(true);
    },
    table() {
      const row = (/** @type {string} */ name, /** @type {number} */ x, /** @type {number} */ y) => [
        name,
        x.toFixed(2),
        (1 - y).toFixed(2),
        powers(energies[cellAt(view, x, y)].toPrecision(3)),
      ];
      // Of fewer than three memories the last stands more than once.
      const once = new Map(placesOf(view, marks).map((place) => [Object.values(place).join(), place]));
      const rows = [...once.values()].map(({ name, x, y }) => row(name, x, y));
      pathOf(1, 1).forEach(([x, y], step) => rows.push(row(`${strings.state}, ${strings.stepNow(step)}`, x, y)));
      const ends = energies.subarray(view.rows * view.cols);
      const known = ends.filter((end) => end >= 0).length;
      view.ends.forEach((name, i) => {
        const share = ends.filter((end) => end === i).length / Math.max(1, known);
        rows.push([strings.leads(name), `${(100 * share).toFixed(1)} %`, "", ""]);
      });
      return { head: [strings.place, strings.across, strings.up, strings.height], rows };
    },
  };
}
