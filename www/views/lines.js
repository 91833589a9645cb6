// Curves: metrics against the step, or curves that a run computed itself. SVG, at the box's own pixels.

import { make } from "../dom.js";
import { strings } from "../strings.js";
import { line, scaleLinear, scaleLog } from "../vendor/d3.js";

const PAD = { left: 38, right: 14, top: 12, bottom: 38 };
/** A chart that is narrower than this has fewer ticks. */
const NARROW = 300;
/** Pixels from a name down to the next. */
const LINE = 14;
/** Positions of a hand along an axis that does not count steps. */
const FINE = 200;
/** Width in pixels of what a pointer takes hold of. */
const GRIP = 24;
/** Pixels that a letter takes at most, on average. */
const LETTER = 6.5;

const plain = (/** @type {string} */ text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const short = (/** @type {number} */ x) => String(Number(x.toPrecision(4)));
const round = (/** @type {number} */ x) => x.toFixed(1);

/**
 * At most two points for each pixel of width: the least and the greatest.
 * @param {[number, number][]} points sorted by x @param {(x: number) => number} pixel
 */
export function thin(points, pixel) {
  if (points.length < 2000) return points;
  /** @type {Map<number, [number, number][]>} */
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

/**
 * @param {import("../types.js").Lines} view
 * @param {import("../stage.js").Context} context
 */
export function mount(view, context) {
  const host = make("div", { class: "chart-host" });
  const readout = make("output", { class: "readout", hidden: true });
  const body = make("div", { class: "readable" }, host);
  // What lies along the axis is moved on it, the step or a parameter: a range lies over the plot, and its thumb is the grip.
  const { param } = view.x;
  const movable = !context.quiet && (view.points === 0 || (param !== null && !context.lock.has(param)));
  const [name] = view.x.name.split(",");
  const grip = make("input", { type: "range", class: "grip", min: 0, "aria-label": strings.along(name, view.title) });
  if (movable) body.append(grip);
  body.append(readout);
  body.classList.toggle("movable", movable);
  grip.addEventListener("input", () => {
    if (!grasp) return;
    const to = grasp.at(grip.valueAsNumber);
    if (view.points > 0) context.onSet(/** @type {string} */ (param), to);
    // Steps may lie closer than positions do: a hand that moved goes one step at least.
    else context.onSeek(Math.round(to) === grasp.now ? grasp.now + Math.sign(to - grasp.now) : Math.round(to));
  });
  /** @type {Float32Array} */
  let marks = new Float32Array();
  /** @type {import("../stage.js").Scene | null} */
  let scene = null;
  /** Where the pointer is, as a value of the x axis. @type {((pixel: number) => number) | null} */
  let invert = null;
  /** @type {number | null} */
  let pointer = null;
  /** Where the run is on the axis, and what a position of the grip stands for. @type {{now: number, at: (position: number) => number} | null} */
  let grasp = null;

  function read() {
    readout.hidden = pointer === null || !invert;
    if (pointer === null || !invert) return;
    const here = invert(pointer);
    const values = curves().map(({ past, future }, s) => {
      const points = [...past, ...future];
      const nearest = points.reduce(
        (best, point) => (Math.abs(point[0] - here) < Math.abs(best[0] - here) ? point : best),
        points[0],
      );
      return nearest && { x: nearest[0], text: `${view.series[s].label} ${short(nearest[1])}` };
    });
    const known = values.filter((value) => value !== undefined);
    readout.hidden = known.length === 0;
    readout.textContent =
      known.length > 0 ? [`${name} ${short(known[0].x)}`, ...known.map(({ text }) => text)].join(" · ") : "";
  }
  body.addEventListener("pointermove", (event) => {
    pointer = event.clientX - host.getBoundingClientRect().left;
    read();
  });
  body.addEventListener("pointerleave", () => {
    pointer = null;
    read();
  });

  /** @returns {{past: [number, number][], future: [number, number][]}[]} */
  function curves() {
    if (view.points > 0) {
      const count = marks[0] || 0;
      return view.series.map((_, s) => ({
        past: Array.from(
          { length: count },
          (_, i) => /** @type {[number, number]} */ ([marks[2 + i], marks[2 + (1 + s) * view.points + i]]),
        ),
        future: [],
      }));
    }
    if (!scene) return view.series.map(() => ({ past: [], future: [] }));
    const { rows, step } = scene;
    return view.series.map(({ name }) => {
      const points = rows.column(context.metrics.indexOf(name));
      const least = view.x.log ? Math.max(1, view.x.min) : view.x.min;
      const seen = points.filter(([x]) => x >= least);
      return { past: seen.filter(([x]) => x <= step), future: seen.filter(([x]) => x >= step) };
    });
  }

  function draw() {
    const [width, height] = [host.clientWidth, host.clientHeight];
    if (!width || !scene) return;
    const all = curves();
    const values = all.flatMap(({ past, future }) => [...past, ...future]).map(([, y]) => y);
    const room = 0.01 * (view.y.max - view.y.min); // rounding does not move an axis
    const low = values.reduce((least, v) => (v < least - room ? v : least), view.y.min);
    const high = values.reduce((most, v) => (v > most + room ? v : most), view.y.max);
    const named = all.length > 1 || view.points === 0;
    const wide = (/** @type {string} */ text) => LETTER * text.length;
    const longest = named ? 8 + Math.max(...view.series.map(({ label }) => wide(label))) : 0;
    const pad = { ...PAD, right: Math.max(PAD.right, Math.min(longest, width / 3)) };
    const end =
      view.points > 0
        ? view.x.max
        : Math.max(view.x.max, ...all.map(({ past, future }) => (future.at(-1) ?? past.at(-1) ?? [0])[0]));
    const x = (view.x.log ? scaleLog() : scaleLinear()).domain([view.x.min, end]).range([pad.left, width - pad.right]);
    const y = (view.y.log ? scaleLog() : scaleLinear()).domain([low, high]).range([height - pad.bottom, pad.top]);
    if (low < view.y.min || high > view.y.max) y.nice(3);
    invert = (pixel) => x.invert(pixel);
    const base = y.range()[0];
    const yTicks = y.ticks(3);
    const xTicks = view.x.log
      ? x.ticks(4).filter((/** @type {number} */ t) => Math.log10(t) % 1 === 0)
      : x.ticks(width < NARROW ? 3 : 4);
    const number = (/** @type {number} */ t) =>
      Math.abs(t) >= 1e4 || (t !== 0 && Math.abs(t) < 1e-3) ? t.toExponential(0) : short(t);
    let svg = "";
    for (const t of yTicks) {
      svg += `<line class="${t === yTicks[0] ? "axis" : "grid"}" x1="${pad.left}" x2="${width - pad.right}" y1="${round(y(t))}" y2="${round(y(t))}"/>`;
      svg += `<text x="${pad.left - 8}" y="${round(y(t) + 4)}" text-anchor="end">${number(t)}</text>`;
    }
    for (const t of xTicks) {
      svg += `<line class="axis" x1="${round(x(t))}" x2="${round(x(t))}" y1="${base}" y2="${base + 5}"/>`;
      svg += `<text x="${round(x(t))}" y="${base + 18}" text-anchor="middle">${number(t)}</text>`;
    }
    svg += `<text x="${(pad.left + width - pad.right) / 2}" y="${height - 3}" text-anchor="middle">${plain(view.x.name)}</text>`;
    const now = view.points > 0 ? marks[1] : scene.step;
    for (const { at, label } of view.marks) {
      // The word stands where neither the edge nor the line of the current step cuts it, and under a curve that is high.
      const room = wide(label) + 8;
      const late = x(at) > width - pad.right - room || (x(now) > x(at) && x(now) < x(at) + room);
      svg += `<line class="event" x1="${round(x(at))}" x2="${round(x(at))}" y1="${pad.top}" y2="${base}"/>`;
      const middle = x.invert(x(at) + (late ? -room : room) / 2);
      const taken = all.some(({ past, future }) => y(heightAt([...past, ...future], middle) ?? low) < pad.top + 24);
      svg += `<text class="halo" x="${round(x(at) + (late ? -6 : 6))}" y="${taken ? base - 6 : pad.top + 10}" text-anchor="${late ? "end" : "start"}">${plain(label)}</text>`;
    }
    const path = line(
      (/** @type {[number, number]} */ p) => x(p[0]),
      (/** @type {[number, number]} */ p) => y(p[1]),
    );
    const seriesClass = (/** @type {number} */ s) => `c${Math.min(5, s + 1)}`;
    all.forEach(({ past, future }, s) => {
      svg += `<g class="${seriesClass(s)}">`;
      if (future.length > 1) svg += `<path class="line later" d="${path(thin(future, x))}"/>`;
      if (past.length > 1) svg += `<path class="line" d="${path(thin(past, x))}"/>`;
      svg += "</g>";
    });
    const names = all.map(({ past, future }, s) => {
      const tip = (future.length > 1 ? future : past).at(-1);
      return { s, label: view.series[s].label, x: tip ? x(tip[0]) : pad.left, y: tip ? y(tip[1]) : base };
    });
    if (named) {
      // Ends that meet would print their names over each other: each keeps clear of those above, and leaves room for those below.
      names.sort((a, b) => a.y - b.y);
      let free = pad.top;
      names.forEach(({ s, label, x: left, y: end }, i) => {
        const middle = Math.min(Math.max(end, free), base - 6 - LINE * (names.length - 1 - i));
        free = middle + LINE;
        const start = Math.min(left + 8, width - wide(label));
        svg += `<g class="${seriesClass(s)}"><text class="name halo" x="${round(start)}" y="${round(middle + 4)}">${plain(label)}</text></g>`;
      });
    }
    const seen = Number.isFinite(now) && now >= view.x.min && now <= end;
    grip.hidden = !seen;
    if (seen) {
      hold(now, x, base - pad.top, view.points === 0 && !view.x.log ? end - view.x.min : FINE);
      svg += `<line class="now" x1="${round(x(now))}" x2="${round(x(now))}" y1="${pad.top}" y2="${base}"/>`;
      for (const { past, future } of all) {
        const here = heightAt([...past, ...future], now);
        if (here !== null) svg += `<circle class="now-dot" cx="${round(x(now))}" cy="${round(y(here))}" r="5"/>`;
      }
    }
    host.innerHTML = `<svg class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${plain(`${view.title}. ${scene.captions[context.index] ?? ""}`)}">${svg}</svg>`;
  }

  /**
   * Puts the grip where the run is.
   * @param {number} now @param {any} x the scale of the axis @param {number} height @param {number} positions
   */
  function hold(now, x, height, positions) {
    const [left, right] = x.range();
    grasp = { now, at: (position) => x.invert(left + ((right - left) * position) / positions) };
    grip.style.cssText = `left:${left - GRIP / 2}px;width:${right - left + GRIP}px;top:${PAD.top}px;height:${height}px`;
    grip.max = String(positions);
    grip.value = String((positions * (x(now) - left)) / (right - left));
    grip.setAttribute("aria-valuetext", short(now));
  }

  return {
    body,
    canvas: null,
    legend: null,
    /** @param {Float32Array} _ground @param {Float32Array} rest @param {import("../stage.js").Scene} next */
    update(_ground, rest, next) {
      marks = rest;
      scene = next;
      draw();
      read();
    },
    redraw: draw,
    table() {
      const all = curves().map(({ past, future }) => [...past, ...future.slice(past.length > 0 ? 1 : 0)]);
      const rows = (all[0] ?? []).map(([x], i) => [short(x), ...all.map((points) => short(points[i]?.[1] ?? 0))]);
      return {
        head: [view.x.name, ...view.series.map(({ label }) => label)],
        rows: rows.length > 0 ? rows : [[strings.notTested]],
      };
    },
  };
}

/** The height of a curve at x, between its points. @param {[number, number][]} points @param {number} x */
function heightAt(points, x) {
  const i = points.findIndex((point) => point[0] >= x);
  if (i < 0) return null;
  const [b, a] = [points[i], points[Math.max(0, i - 1)]];
  return b[0] === a[0] ? b[1] : a[1] + ((x - a[0]) / (b[0] - a[0])) * (b[1] - a[1]);
}
