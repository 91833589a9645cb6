// Curves: metrics against the step, or curves that a run computed itself. SVG, at the box's own pixels.

import { make } from "../dom.js";
import { makeProbe, placeOn } from "../hand.js";
import { powers } from "../powers.js";
import { strings } from "../strings.js";
import { scaleLinear, scaleLog } from "../vendor/d3.js";
import { alike, sizeOf } from "./canvas.js";
import { token } from "./colour.js";

const PAD = { left: 38, right: 14, top: 12, bottom: 38 };
/** Pixels between a number and its axis. */
const TICK = 8;
/** How many marks a name would rather cover than another name. */
const NAME = 8;
/** A chart that is narrower than this has fewer ticks. */
const NARROW = 300;
/** The share of a chart's width that names may take. */
const NAMES = 0.36;
/** Pixels from a name down to the next. */
const LINE = 14;
/** Height of the row with the name of the y axis. */
const HEAD = 16;
/** Positions of a hand along an axis that does not count steps. */
const FINE = 200;
/** Width in pixels of what a pointer takes hold of. */
const GRIP = 24;
/** How high letters are, as the style sheet has them: in heights of the page's own. */
const SIZE = 0.75;
/** What is no curve: lines with a word, and what a place of the x axis stands for. */
const HIDDEN = ["events", "scale"];
/** What has a mean, a least and a greatest at each place. */
const RANGED = ["spread", "band"];
/** How far beyond its end a logarithmic axis grows: a run that diverges would press all that was before to its floor. */
const GROWS = 1e4;
/** Widths of names that were asked for before. @type {Map<string, number>} */
const widths = new Map();

/** Whether both axes have one unit, and none of them is longer: on a map of what lies around the middle a circle is round. @param {import("../types.js").Lines} view */
const isMap = ({ x, y }) => !x.log && !y.log && x.min === y.min && x.max === y.max && x.min === -x.max;
const plain = (/** @type {string} */ text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const short = (/** @type {number} */ x) => powers(String(Number(x.toPrecision(4))));
const round = (/** @type {number} */ x) => x.toFixed(1);

/** How many pixels wide a name is drawn. @param {string} text */
function wide(text) {
  let width = widths.get(text);
  if (width === undefined) {
    const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
    pen.font = `600 ${SIZE * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)}px ${token("--sans")}`;
    width = Math.ceil(pen.measureText(text).width);
    widths.set(text, width);
  }
  return width;
}

/** Where a curve goes through; a mean has the least and the greatest of what it is of. @typedef {[number, number] | [number, number, number, number]} Point */

/**
 * At most two points for each pixel of width: the least and the greatest.
 * @param {Point[]} points sorted by x @param {(x: number) => number} pixel
 */
export function thin(points, pixel) {
  if (points.length < 2000) return points;
  /** @type {Map<number, Point[]>} */
  const columns = new Map();
  for (const point of points) {
    const column = Math.round(pixel(point[0]));
    const known = columns.get(column);
    if (!known) columns.set(column, [point, point]);
    else {
      if (point[1] < known[0][1]) known[0] = point;
      if (point[1] > known[1][1]) known[1] = point;
    }
  }
  return [...columns.values()].flatMap(([a, b]) => (a[0] <= b[0] ? [a, b] : [b, a]));
}

/** The stretches of a curve where all is finite: between them are gaps. @param {Point[]} points */
export function stretches(points) {
  /** @type {Point[][]} */
  const parts = [[]];
  for (const point of points) {
    if (point.every(Number.isFinite)) parts[parts.length - 1].push(point);
    else parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}

/** A curve up to where the run is, and behind it. @param {Point[]} before @param {Point[]} after */
function curve(before, after) {
  const [lines, later] = [stretches(before), stretches(after)];
  return { past: lines.flat(), future: later.flat(), lines, later };
}

/**
 * @param {import("../types.js").Lines} view
 * @param {import("../stage.js").Context} context
 */
export function mount(view, context) {
  // A thumbnail has no words, and a title that is the name of the y axis is name enough.
  const named = !context.quiet && view.y.name.toLowerCase() !== view.title.toLowerCase();
  const tints = tintsOf(view.series);
  const plane = view.y.param !== null && !context.quiet;
  const kind = plane ? " plane" : isMap(view) && !context.quiet ? " map" : named ? " named" : "";
  const host = make("div", { class: `chart-host${kind}` });
  const readout = make("output", { class: "readout", hidden: true });
  const body = make("div", { class: "readable" }, host);
  // What lies along the axis is moved on it, the step or a parameter: a range lies over the plot, and its thumb is the grip.
  const { param } = view.x;
  const overSteps = view.series.some(({ points }) => points === 0);
  const free = (/** @type {string | null} */ param) => param !== null && !context.lock.has(param);
  const movable = !context.quiet && (overSteps || (free(param) && (view.y.param === null || free(view.y.param))));
  const [name] = view.x.name.split(",");
  const grip = make("input", { type: "range", class: "grip", min: 0, "aria-label": strings.along(name, view.title) });
  // On a plane of two parameters it is a dot.
  const dot = makeProbe(
    host,
    strings.along(`${name}, ${view.y.name}`, view.title),
    () => place?.now ?? [0.5, 0.5],
    putDot,
    context.onRelease,
  );
  if (movable) body.append(view.y.param === null ? grip : dot);
  body.append(readout);
  body.classList.toggle("movable", movable);
  let dragged = false;
  grip.addEventListener("pointerdown", () => {
    dragged = false;
  });
  grip.addEventListener("input", () => {
    dragged = true;
    if (grasp) putLine(grasp.at(grip.valueAsNumber), grasp.now);
  });
  // A place that is clicked has the line, or the dot.
  body.addEventListener("click", (event) => {
    const [x, y] = placeOn(host, event);
    const [left, top] = [x * host.clientWidth - grip.offsetLeft, y * host.clientHeight - grip.offsetTop];
    if (!movable || !invert || (event.target === grip ? dragged : event.target === dot)) return;
    if (place) {
      putDot(x, y);
      context.onRelease();
    } else if (grasp && left >= 0 && left <= grip.offsetWidth && top >= 0 && top <= grip.offsetHeight)
      putLine(invert(x * host.clientWidth), grasp.now);
  });
  /** @type {Float32Array} */
  let marks = new Float32Array();
  /** The cells of the field. @type {Float32Array} */
  let shades = new Float32Array();
  /** @type {import("../stage.js").Scene | null} */
  let scene = null;
  /** Where the pointer is, as a value of the x axis. @type {((pixel: number) => number) | null} */
  let invert = null;
  /** What each series says at a place, if it says anything there. @type {(pixel: number) => (number | null)[]} */
  let readings = () => [];
  /** @type {number | null} */
  let pointer = null;
  /** Where the run is on the axis, and what a position of the grip stands for. @type {{now: number, at: (position: number) => number} | null} */
  let grasp = null;
  /** Lines with a word that come with the run. @type {{at: number, label: string}[]} */
  let events = [];
  /** What the parameter of the x axis is along it, where its values are not those of the axis. @type {Point[]} */
  let scale = [];
  /** Where the dot is, in shares of the chart's width and height, and what a place stands for. @type {{now: [number, number], at: (x: number, y: number) => [number, number]} | null} */
  let place = null;

  /** The hand put the dot of a plane to a place, in shares of the chart's width and height. @param {number} x @param {number} y */
  function putDot(x, y) {
    if (!place || param === null || view.y.param === null) return;
    const [across, up] = place.at(x, y);
    context.onSet(param, across);
    context.onSet(view.y.param, up);
  }

  /** The hand put the line to a place of the x axis, from another. @param {number} to @param {number} from */
  function putLine(to, from) {
    if (!overSteps) context.onSet(/** @type {string} */ (param), heightAt(scale, to) ?? scale.at(-1)?.[1] ?? to);
    // Steps may lie closer than positions do: a hand that moved goes one step at least.
    else context.onSeek(Math.round(to) === from ? from + Math.sign(to - from) : Math.round(to));
  }

  function read() {
    readout.hidden = pointer === null || !invert;
    if (pointer === null || !invert) return;
    const here = invert(pointer);
    /** What each name says here: curves that share one stand after it. @type {string[]} */
    const told = [`${name} ${short(overSteps ? Math.round(here) : here)}`];
    readings(pointer).forEach((value, s) => {
      const { label, drawn } = view.series[s];
      if (value === null) return;
      if (label === "" && view.series[s - 1]?.drawn === drawn && told.length > 1)
        told[told.length - 1] += `, ${short(value)}`;
      else told.push(`${label} ${short(value)}`.trim());
    });
    readout.hidden = told.length === 1;
    readout.textContent = told.join(" · ");
  }
  body.addEventListener("pointermove", (event) => {
    pointer = event.clientX - host.getBoundingClientRect().left;
    read();
  });
  body.addEventListener("pointerleave", () => {
    pointer = null;
    read();
  });

  /** What is drawn of each series; what is not finite is left out. */
  function curves() {
    const least = view.x.log ? Math.max(1, view.x.min) : view.x.min;
    let at = 2;
    events = [];
    return view.series.map(({ name, label, points: room, drawn }) => {
      if (room > 0) {
        const width = RANGED.includes(drawn) ? 4 : 2;
        const from = at + 1;
        const count = marks[at] || 0;
        at = from + width * room;
        const point = (/** @type {unknown} */ _, /** @type {number} */ i) =>
          /** @type {Point} */ ([...marks.subarray(from + width * i, from + width * (i + 1))]);
        const past = Array.from({ length: count }, point);
        if (drawn === "scale") scale = past;
        if (drawn === "events") events.push(...past.map(([at]) => ({ at, label })));
        return curve(HIDDEN.includes(drawn) ? [] : past, []);
      }
      if (!scene) return curve([], []);
      const { rows, step } = scene;
      const seen = rows.column(context.metrics.indexOf(name)).filter(([x]) => x >= least);
      return curve(
        seen.filter(([x]) => x <= step),
        seen.filter(([x]) => x >= step),
      );
    });
  }

  function draw(again = false) {
    const [width, height] = sizeOf(host, again);
    if (!width || !scene) return;
    const all = curves();
    const points = all.flatMap(({ past, future }) => [...past, ...future]);
    const values = points.flatMap(([, ...heights]) => heights);
    /** Where an axis ends that is long enough for all of it; rounding does not move it. @param {number[]} all @param {import("../types.js").Axis} axis */
    const reach = (all, { min, max }) =>
      all.reduce((most, v) => (Number.isFinite(v) && v > most + 0.01 * (max - min) ? v : most), max);
    const room = 0.01 * (view.y.max - view.y.min);
    // Nothing lies below a logarithmic axis but what is drawn on its floor.
    const low = view.y.log ? view.y.min : values.reduce((least, v) => (v < least - room ? v : least), view.y.min);
    const highest = reach(values, view.y);
    const high = view.y.log ? Math.min(highest, view.y.max * GROWS) : highest;
    const labelled = all.length > 1 || overSteps;
    // A name that would take more of the chart stands in two lines.
    const linesOf = (/** @type {string} */ name) => (wide(name) + 8 > NAMES * width ? halves(name) : [name]);
    const ends = view.series.filter(({ drawn }) => !HIDDEN.includes(drawn));
    const longest = labelled ? 8 + Math.max(...ends.flatMap(({ label }) => linesOf(label)).map(wide)) : 0;
    const head = named ? HEAD : 0;
    const y = (view.y.log ? scaleLog().clamp(true) : scaleLinear()).domain([low, high]);
    if (low < view.y.min || high > view.y.max) y.nice(3);
    const yTicks = view.y.log ? decades(y.ticks(3), 5) : y.ticks(3);
    const number = (/** @type {number} */ t) =>
      Math.abs(t) >= 1e4 || (t !== 0 && Math.abs(t) < 1e-3) ? powers(t.toExponential(0)) : short(t);
    const left = Math.max(PAD.left, TICK + Math.max(...yTicks.map((/** @type {number} */ t) => wide(number(t)))));
    const right = Math.max(PAD.right, Math.min(longest, NAMES * width));
    const pad = { ...PAD, top: PAD.top + head, left, right };
    const spare = width - pad.left - pad.right - (height - pad.top - pad.bottom);
    if (isMap(view)) {
      pad.left += Math.max(0, spare / 2);
      pad.right += Math.max(0, spare / 2);
      pad.top += Math.max(0, -spare / 2);
      pad.bottom += Math.max(0, -spare / 2);
    }
    const end = reach(
      points.map(([at]) => at),
      view.x,
    );
    const x = (view.x.log ? scaleLog() : scaleLinear()).domain([view.x.min, end]).range([pad.left, width - pad.right]);
    y.range([height - pad.bottom, pad.top]);
    invert = (pixel) => x.invert(Math.min(width - pad.right, Math.max(pad.left, pixel)));
    // In pixels lines are straight, also where an axis is logarithmic.
    const drawnAt = all.map(({ past, future }) =>
      [...past, ...future].map(([at, height]) => /** @type {Point} */ ([x(at), y(height)])),
    );
    readings = (pixel) =>
      drawnAt.map((points, s) => {
        if (!["dots", "spread"].includes(view.series[s].drawn)) {
          const height = heightAt(points, pixel);
          return height === null ? null : y.invert(height);
        }
        // Of marks that which is under the pointer.
        const away = points.map(([at]) => Math.abs(at - pixel));
        const nearest = away.indexOf(Math.min(...away));
        return away[nearest] <= GRIP / 2 ? y.invert(points[nearest][1]) : null;
      });
    const base = y.range()[0];
    const few = width < NARROW || isMap(view);
    const xTicks = view.x.log ? decades(x.ticks(4), few ? 3 : 5) : x.ticks(few ? 3 : 4);
    let svg = "";
    if (view.field) {
      const { rows, cols } = view.field;
      const [wide, high] = [(width - pad.left - pad.right) / cols, (base - pad.top) / rows];
      shades.forEach((shade, i) => {
        if (shade < 0) return;
        const [left, top] = [pad.left + (i % cols) * wide, pad.top + Math.floor(i / cols) * high];
        svg += `<rect class="shade" x="${round(left)}" y="${round(top)}" width="${round(wide - 0.5)}" height="${round(high - 0.5)}" fill-opacity="${(0.04 + 0.5 * shade).toFixed(2)}"/>`;
      });
    }
    // The axis of x bears its ticks, also where no tick of y lies on it.
    const across = (/** @type {string} */ kind, /** @type {number} */ height) =>
      `<line class="${kind}" x1="${pad.left}" x2="${width - pad.right}" y1="${round(height)}" y2="${round(height)}"/>`;
    svg += across("axis", base);
    for (const t of yTicks) {
      if (base - y(t) >= 1) svg += across("grid", y(t));
      svg += `<text x="${pad.left - TICK}" y="${round(y(t) + 4)}" text-anchor="end">${number(t)}</text>`;
    }
    for (const t of xTicks) {
      svg += `<line class="axis" x1="${round(x(t))}" x2="${round(x(t))}" y1="${base}" y2="${base + 5}"/>`;
      svg += `<text x="${round(x(t))}" y="${base + 18}" text-anchor="middle">${number(t)}</text>`;
    }
    svg += `<text x="${(pad.left + width - pad.right) / 2}" y="${height - 3}" text-anchor="middle">${plain(view.x.name)}</text>`;
    const now = overSteps ? scene.step : marks[0];
    const seen = Number.isFinite(now) && now >= view.x.min && now <= end;
    const upright = seen && view.y.param === null;
    const marked = [...view.marks, ...events];
    const uprights = [...(upright ? [now] : []), ...marked.map(({ at }) => at)].map(x);
    const names = (labelled ? all : []).flatMap(({ past, future }, s) => {
      const line = future.length > 1 ? future : past;
      const { points: room, drawn } = view.series[s];
      // A metric has its name before its first point; a curve that the run leaves empty has none, and nothing is seen of a line of one.
      if (room > 0 && line.length < (["line", "reference"].includes(drawn) ? 2 : 1)) return [];
      // Some curves are told from the right.
      const [first, last] = [line[0], line.at(-1)];
      const tip = first && last && first[0] > last[0] ? first : last;
      return [{ s, label: view.series[s].label, x: tip ? x(tip[0]) : pad.left, y: tip ? y(tip[1]) : base }];
    });
    /** Names of marks that stand alone. */
    function namesBeside() {
      const spots = all.flatMap(({ past }) =>
        past.map(([at, ...heights]) => {
          const [left, ends] = [x(at), heights.map(y)];
          return /** @type {Box} */ ([left - 5, left + 5, Math.min(...ends) - 5, Math.max(...ends) + 5]);
        }),
      );
      const ways = names.map((name) => ({ ...name, lines: [[name.label], halves(name.label)] }));
      return beside(ways, spots, [pad.left, width, pad.top - PAD.top, base - 4]).map((word) => ({
        ...word,
        room: Math.max(...word.lines.map(wide)),
        high: LINE * word.lines.length,
      }));
    }
    /** Names at the ends of curves. */
    function namesAtEnds() {
      const lines = drawnAt.map((curve) => [...curve].sort((a, b) => a[0] - b[0]));
      const words = names
        .sort((a, b) => a.y - b.y)
        .map(({ s, label, x: left, y: height }) => {
          const told = left + 8 + wide(label) <= width ? [label] : linesOf(label);
          const room = Math.max(...told.map(wide));
          const start = Math.min(left + 8, width - room);
          const crossed = upright && x(now) > left + 2 && x(now) < start + room;
          const struckAt = (/** @type {number} */ share) =>
            start + room < width - pad.right &&
            lines.some((line) => {
              const curve = heightAt(line, start + share * room);
              return curve !== null && Math.abs(curve - height) < LINE / 2;
            });
          // Over the plot nothing cuts a name.
          if (height < pad.top + LINE / 2 && told.length === 1 && (crossed || [0.1, 0.5, 0.9].some(struckAt))) {
            const middle = Math.min(width - room, Math.max(pad.left, left - room / 2));
            return { s, lines: told, room, start: middle, high: LINE, top: pad.top - 8 };
          }
          // Lower, one that the line of the current step would cut stands before its end, over its curve.
          const cut = crossed && left - 8 - room > pad.left;
          // One that another curve would cut stands under it.
          const struck = struckAt(0.5);
          return {
            s,
            lines: told,
            room,
            start: cut ? left - 8 - room : start,
            high: LINE * told.length,
            top: Math.max(height, pad.top) + (cut ? -LINE / 2 : struck ? LINE : 0),
          };
        });
      // Ends that meet would print their names over each other: each goes below those above it, then all go up that hang too low.
      const meet = (/** @type {typeof words[0]} */ a, /** @type {typeof words[0]} */ b) =>
        a.start < b.start + b.room + 4 && b.start < a.start + a.room + 4;
      words.forEach((word, i) => {
        for (const above of words.slice(0, i))
          if (meet(word, above)) word.top = Math.max(word.top, above.top + above.high);
      });
      for (const [i, word] of [...words.entries()].reverse()) {
        word.top = Math.min(word.top, base - 6 - word.high + LINE);
        for (const below of words.slice(i + 1))
          if (meet(word, below)) word.top = Math.min(word.top, below.top - word.high);
      }
      return words;
    }
    // Marks over each other have their names in the same order.
    const isColumn = names.every((name) => Math.abs(name.x - names[0].x) < 1);
    const words = view.series.every(standsAlone) && !isColumn ? namesBeside() : namesAtEnds();
    /** Where words stand: left, right, top. @type {[number, number, number][]} */
    const told = [];
    for (const { at, label } of marked) {
      svg += `<line class="event" x1="${round(x(at))}" x2="${round(x(at))}" y1="${pad.top}" y2="${base}"/>`;
      const room = wide(label) + 8;
      // The word stands beside its line where no edge, line, curve, name or other word cuts it: on top, a row lower, or at the foot.
      const places = [pad.top, pad.top + LINE, base - LINE].flatMap((top) =>
        [x(at), x(at) - room].map((left) => /** @type {[number, number, number]} */ ([left, left + room, top])),
      );
      const clear = (/** @type {[number, number, number]} */ [left, right, top]) =>
        left >= pad.left - 1 &&
        right <= width - pad.right + 1 &&
        !uprights.some((pixel) => pixel > left + 1 && pixel < right - 1) &&
        !told.some(([from, to, row]) => Math.abs(row - top) < LINE && from < right && left < to) &&
        !words.some(
          (word) =>
            word.start < right &&
            left < word.start + word.room &&
            word.top - 6 < top + LINE &&
            top < word.top - 6 + word.high,
        ) &&
        !drawnAt.some((points) =>
          [left + 6, (left + right) / 2, right - 6].some((pixel) => {
            const curve = heightAt(points, pixel);
            return curve !== null && curve > top - 3 && curve < top + LINE + 1;
          }),
        );
      const place = places.find(clear) ?? places[0];
      told.push(place);
      const late = place[0] < x(at);
      svg += `<text class="halo" x="${round(x(at) + (late ? -6 : 6))}" y="${round(place[2] + 10)}" text-anchor="${late ? "end" : "start"}">${plain(label)}</text>`;
    }
    const path = (/** @type {Point[]} */ points) =>
      `M${points.map((point) => `${round(x(point[0]))} ${round(y(point[1]))}`).join("L")}`;
    const seriesClass = (/** @type {number} */ s) => `c${Math.min(5, tints[s] + 1)}`;
    all.forEach(({ past, lines, later }, s) => {
      const { drawn } = view.series[s];
      svg += `<g class="${seriesClass(s)} ${drawn}">`;
      if (drawn === "spread") {
        for (const [at, , low = 0, high = 0] of past) {
          svg += `<line class="whisker" x1="${round(x(at))}" x2="${round(x(at))}" y1="${round(y(low))}" y2="${round(y(high))}"/>`;
        }
        for (const [at, mean] of past) svg += `<path class="marker" d="${marker(tints[s], x(at), y(mean))}"/>`;
      }
      if (drawn === "dots") {
        for (const [at, height] of past)
          svg += `<circle class="dot" cx="${round(x(at))}" cy="${round(y(height))}" r="2.5"/>`;
        svg += "</g>";
        return;
      }
      const long = (/** @type {Point[]} */ part) => part.length > 1;
      for (const part of drawn === "area" ? lines.filter(long) : []) {
        const [first, last] = [part[0], part[part.length - 1]].map(([at]) => round(x(at)));
        svg += `<path class="fill" d="${path(part)}L${last} ${round(base)}L${first} ${round(base)}Z"/>`;
      }
      for (const part of later.filter(long)) svg += `<path class="line later" d="${path(thin(part, x))}"/>`;
      for (const part of lines.filter(long)) {
        if (drawn === "band") {
          const side = (/** @type {2 | 3} */ end) =>
            part.map((point) => /** @type {Point} */ ([point[0], point[end] ?? 0]));
          svg += `<path class="fill" d="${path([...side(3), ...side(2).reverse()])}Z"/>`;
        }
        svg += `<path class="line" d="${path(thin(part, x))}"/>`;
      }
      svg += "</g>";
    });
    for (const { s, lines, start, top } of words) {
      const spans = lines.map(
        (text, i) => `<tspan x="${round(start)}" y="${round(top + 4 + LINE * i)}">${plain(text)}</tspan>`,
      );
      // A name of several has the colour of none.
      const drawn = sharesName(view.series, s) ? "reference" : view.series[s].drawn;
      svg += `<g class="${seriesClass(s)} ${drawn}"><text class="name halo">${spans.join("")}</text></g>`;
    }
    if (named) svg += `<text x="${pad.left - left}" y="${pad.top - PAD.top - head + 10}">${plain(view.y.name)}</text>`;
    grip.hidden = !seen;
    if (view.y.param !== null) {
      const [left, top] = [x(now), y(marks[1])];
      const inside = (/** @type {number} */ value, /** @type {import("../types.js").Axis} */ { min, max }) =>
        Math.min(max, Math.max(min, value));
      place = {
        now: [left / width, top / height],
        at: (across, up) => [inside(x.invert(across * width), view.x), inside(y.invert(up * height), view.y)],
      };
      dot.style.cssText = `left:${round(left)}px;top:${round(top)}px`;
      if (!movable) svg += `<circle class="now-dot" cx="${round(left)}" cy="${round(top)}" r="5"/>`;
    } else if (seen) {
      hold(now, x, [pad.top, base - pad.top], overSteps && !view.x.log ? end - view.x.min : FINE);
      svg += `<line class="now" x1="${round(x(now))}" x2="${round(x(now))}" y1="${pad.top}" y2="${base}"/>`;
      for (const [s, curve] of drawnAt.entries()) {
        // Between dots is nothing, and a histogram is no curve.
        if (["dots", "area"].includes(view.series[s].drawn)) continue;
        const here = heightAt(curve, x(now));
        if (here !== null) svg += `<circle class="now-dot" cx="${round(x(now))}" cy="${round(here)}" r="5"/>`;
      }
    }
    host.innerHTML = `<svg class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">${svg}</svg>`;
    label();
  }

  function label() {
    host.firstElementChild?.setAttribute("aria-label", `${view.title}. ${scene?.captions[context.index] ?? ""}`);
  }

  /**
   * Puts the grip where the run is.
   * @param {number} now @param {any} x the scale of the axis @param {[number, number]} plot its top and height @param {number} positions
   */
  function hold(now, x, [top, height], positions) {
    const [left, right] = x.range();
    grasp = { now, at: (position) => x.invert(left + ((right - left) * position) / positions) };
    grip.style.cssText = `left:${left - GRIP / 2}px;width:${right - left + GRIP}px;top:${top}px;height:${height}px`;
    grip.max = String(positions);
    grip.value = String((positions * (x(now) - left)) / (right - left));
    grip.setAttribute("aria-valuetext", short(now));
  }

  /** The cells of the field, each by what stands in its middle. @param {import("../types.js").Lines["field"]} field */
  function cellsOf(field) {
    if (!field) return null;
    const { name, rows, cols } = field;
    /** @param {import("../types.js").Axis} axis @param {[number, number]} range */
    const middles = ({ log, min, max }, range) => {
      const scale = (log ? scaleLog() : scaleLinear()).domain([min, max]).range(range);
      return Array.from({ length: Math.abs(range[1] - range[0]) }, (_, i) => short(scale.invert(i + 0.5)));
    };
    const shade = (/** @type {number} */ at) => (shades[at] < 0 ? "" : short(shades[at]));
    return {
      title: strings.cells(name, view.y.name, view.x.name),
      head: [view.y.name, ...middles(view.x, [0, cols])],
      rows: middles(view.y, [rows, 0]).map((at, row) => [
        at,
        ...Array.from({ length: cols }, (_, col) => shade(row * cols + col)),
      ]),
    };
  }

  return {
    body,
    canvas: null,
    /** Of two charts of one setting only one may have the line. */
    get hint() {
      if (!movable || overSteps) return "";
      if (view.y.param !== null) return strings.dragDot;
      return grip.hidden ? "" : strings.dragLine;
    },
    legend: view.field && make("span", { class: "ramp" }, `${view.field.name} 0`, make("i", { class: "shades" }), "1"),
    /** @param {Float32Array} ground @param {Float32Array} rest @param {import("../stage.js").Scene} next */
    update(ground, rest, next) {
      // A chart of what the run computed itself stands as it is until the run computes something else.
      const known = scene !== null && !overSteps && alike(ground, shades) && alike(rest, marks);
      shades = ground;
      marks = rest;
      scene = next;
      if (!known) draw();
      label();
      read();
    },
    redraw: () => draw(true),
    table() {
      const all = curves().map(({ past, future }) => [...past, ...future.filter(([x]) => x !== past.at(-1)?.[0])]);
      const rows = new Map(all.flat().map(([x]) => [x, view.series.map(() => "")]));
      all.forEach((points, s) => {
        for (const [x, ...heights] of points) {
          const cells = /** @type {string[]} */ (rows.get(x));
          // Dots may lie over each other.
          const known = view.series[s].drawn === "dots" && cells[s] ? `${cells[s]}, ` : "";
          cells[s] = known + heights.map(short).join(", ");
        }
      });
      const told = (/** @type {string} */ _, /** @type {number} */ s) => !HIDDEN.includes(view.series[s].drawn);
      const sorted = [...rows].sort(([a], [b]) => a - b).map(([x, cells]) => [short(x), ...cells.filter(told)]);
      const heads = view.series
        .map(({ label, drawn }) => (RANGED.includes(drawn) ? strings.spread(label) : label))
        .filter(told);
      return {
        head: [view.x.name, ...heads],
        rows: sorted.length > 0 ? sorted : [[strings.notTested]],
        under: cellsOf(view.field),
      };
    },
  };
}

/** Of the ticks of a logarithmic axis so many at most: powers of ten, else ones, twos and fives, else any. @param {number[]} ticks @param {number} most */
function decades(ticks, most) {
  const lead = (/** @type {number} */ t) => Number(t.toExponential()[0]);
  const kinds = [[1], [1, 2, 5]].map((leads) => ticks.filter((t) => leads.includes(lead(t))));
  const all = kinds.find((kind) => kind.length > 1) ?? ticks;
  const apart = Math.ceil(all.length / most);
  return all.filter((_, i) => i % apart === 0);
}

/** Whether a series is no curve but a mark that stands by itself. @param {import("../types.js").Lines["series"][0]} series */
const standsAlone = ({ drawn, points }) => drawn === "dots" || (drawn === "spread" && points === 1);

/** Left, right, top and bottom. @typedef {[number, number, number, number]} Box */

/**
 * Names of marks that stand alone, from the right on, each where it covers least of the marks and of other names: to the right of its mark, over
 * it, under it, to the left, or further over or under it.
 * @param {{s: number, x: number, y: number, lines: string[][]}[]} names with the ways in which a name may be broken
 * @param {Box[]} marks @param {Box} frame
 */
export function beside(names, marks, [least, most, ceiling, floor]) {
  /** @type {Box[]} */
  const taken = [];
  return [...names]
    .sort((a, b) => b.x - a.x)
    .map(({ s, x, y, lines: ways }) => {
      const places = ways.flatMap((lines) => {
        const [room, high] = [Math.max(...lines.map(wide)), LINE * lines.length];
        const at = (/** @type {number} */ left, /** @type {number} */ top) => ({ left, top, room, high, lines });
        const rows = [0, 1, 2].flatMap((row) => [y - 8 - high - row * LINE, y + 8 + row * LINE]);
        const starts = [x - room / 2, x - 6, x + 6 - room].map((left) => Math.max(least, Math.min(left, most - room)));
        return [
          at(x + 8, y - high / 2),
          ...rows.flatMap((top) => starts.map((left) => at(left, top))),
          at(x - 8 - room, y - high / 2),
        ];
      });
      const inside = places.filter(
        ({ left, top, room, high }) => left >= least && left + room <= most && top >= ceiling && top + high <= floor,
      );
      const covers = (/** @type {typeof places[0]} */ { left, top, room, high }) => {
        const covered = (/** @type {Box} */ [l, r, t, b]) =>
          l < left + room + 2 && left < r + 2 && t < top + high - 2 && top + 2 < b;
        return marks.filter(covered).length + NAME * taken.filter(covered).length;
      };
      const best = (inside.length > 0 ? inside : places).reduce((a, b) => (covers(b) < covers(a) ? b : a));
      const { left, top, room, high, lines } = best;
      taken.push([left, left + room, top, top + high]);
      return { s, lines, start: left, top: top + LINE / 2 };
    });
}

/** A name in two lines that are about as long as each other. @param {string} name */
function halves(name) {
  const gaps = [...name].flatMap((sign, i) => (sign === " " ? [i] : []));
  if (gaps.length === 0) return [name];
  const gap = gaps.reduce((best, i) => (Math.abs(2 * i - name.length) < Math.abs(2 * best - name.length) ? i : best));
  return [name.slice(0, gap), name.slice(gap + 1)];
}

/** Whether those after it share its name: they have none. @param {import("../types.js").Lines["series"]} series @param {number} s */
const sharesName = (series, s) =>
  series[s].label !== "" && series[s + 1]?.label === "" && series[s + 1].drawn === series[s].drawn;

/**
 * The places of series among the colours. Those that share a name are measured of the first curves, and come the last first, so
 * that the first lies on top.
 * @param {import("../types.js").Lines["series"]} series
 */
export function tintsOf(series) {
  const tints = series.map((_, s) => s);
  for (const head of series.keys()) {
    if (!sharesName(series, head)) continue;
    const { drawn } = series[head];
    const next = series.findIndex((other, s) => s > head && (other.label !== "" || other.drawn !== drawn));
    const count = (next < 0 ? series.length : next) - head;
    for (let i = 0; i < count; i++) tints[head + i] = count - 1 - i;
  }
  return tints;
}

/** A dot, a square, a diamond or a triangle, by the place of the series. @param {number} s @param {number} x @param {number} y */
function marker(s, x, y) {
  const [left, right, top, bottom] = [x - 4, x + 4, y - 4, y + 4].map(round);
  return [
    `M${left} ${round(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z`,
    `M${left} ${top}H${right}V${bottom}H${left}Z`,
    `M${round(x)} ${round(y - 5)}L${round(x + 5)} ${round(y)}L${round(x)} ${round(y + 5)}L${round(x - 5)} ${round(y)}Z`,
    `M${round(x)} ${round(y - 5)}L${round(x + 5)} ${bottom}H${round(x - 5)}Z`,
  ][s % 4];
}

/** The height of a curve at x, between two of its points that lie on either side. @param {Point[]} points @param {number} x */
function heightAt(points, x) {
  const i = points.findIndex(([at], i) => i > 0 && (points[i - 1][0] - x) * (at - x) <= 0);
  if (i < 0) return null;
  const [a, b] = [points[i - 1], points[i]];
  return b[0] === a[0] ? b[1] : a[1] + ((x - a[0]) / (b[0] - a[0])) * (b[1] - a[1]);
}
