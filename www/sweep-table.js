// The runs of a sweep in their order, and its table: the very same that `attractor sweep` writes.
import { defaultOf } from "./params.js";
import { expand } from "./sweep-axis.js";

/**
 * @typedef {import("./types.js").Pair} Pair
 * @typedef {import("./types.js").Taken} Taken
 *
 * What tiles and the table need of a run that is over.
 * @typedef {Omit<Taken, "claims" | "values"> & {claims: {verdict: import("./types.js").Claim["verdict"]}[]}} Kept
 *
 * @typedef {object} Sweep
 * @property {import("./types.js").Entry} entry
 * @property {{param: import("./types.js").Param, text: string, values: string[]}[]} axes
 * @property {Pair[]} rest settings that are the same in every run
 * @property {number} seeds
 * @property {number} steps that a run goes to, unless it ends before
 */

/** The words for how runs ended that never began, and that were still going at the last step of the sweep. */
const REFUSED = "refused";
export const STOPPED = "stopped";

/** How many runs there are. @param {Sweep} sweep */
export const runsOf = ({ axes, seeds }) => axes.reduce((product, { values }) => product * values.length, seeds);

/** Where a run stands on each axis, and its seed: the seed changes first, then the last axis. @param {Sweep} sweep @param {number} run */
export function placeOf({ axes, seeds }, run) {
  let point = Math.floor(run / seeds);
  const at = axes.map(() => 0);
  for (let i = axes.length - 1; i >= 0; i--) {
    const { length } = axes[i].values;
    at[i] = point % length;
    point = Math.floor(point / length);
  }
  return { at, seed: 1 + (run % seeds) };
}

/** The pairs of a run's link at its start. @param {Sweep} sweep @param {number} run @returns {Pair[]} */
export function pairsOf(sweep, run) {
  const { at, seed } = placeOf(sweep, run);
  const axes = sweep.axes.map(({ param, values }, i) => /** @type {Pair} */ ([param.name, values[at[i]]]));
  const values = new Map([...sweep.rest, ...axes]);
  const others = sweep.entry.params
    .map((param) => /** @type {Pair} */ ([param.name, values.get(param.name) ?? defaultOf(param)]))
    .filter(([, text], i) => text !== defaultOf(sweep.entry.params[i]));
  return [["v", "1"], ["id", sweep.entry.id], ["seed", String(seed)], ...others];
}

/** A number of 32 bits by the fewest digits that tell it from all others, without a power of ten. @param {number} x */
export function shortest(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "inf" : "-inf";
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  let text = "0e0";
  for (let digits = 0; Math.fround(Number(text)) !== Math.abs(x); digits++) text = Math.abs(x).toExponential(digits);
  return sign + expand(text, [-50, 50]);
}

/** The names of the columns. @param {Sweep} sweep @param {number} claims that every run makes */
export function columnsOf({ entry, axes }, claims) {
  return [
    ...axes.map(({ param }) => param.name),
    ...["seed", "steps", "ended", "digest"],
    ...entry.metrics.map(({ name }) => name),
    ...Array.from({ length: claims }, (_, i) => `claim-${i + 1}`),
    "version",
    "link",
  ];
}

/**
 * The row of a run, a text for each column.
 * @param {Sweep} sweep @param {number} claims @param {number} run @param {Kept | null} taken null if it did not begin
 * @param {(pairs: Pair[]) => string} query of a link
 */
export function rowOf(sweep, claims, run, taken, query) {
  const { at, seed } = placeOf(sweep, run);
  const place = [...sweep.axes.map(({ values }, i) => values[at[i]]), String(seed)];
  const link = query(taken?.link ?? pairsOf(sweep, run));
  if (!taken) {
    const nothing = Array(1 + sweep.entry.metrics.length + claims).fill("");
    return [...place, "0", REFUSED, ...nothing, sweep.entry.version, link];
  }
  const { step, ended, digest, metrics } = taken;
  const verdicts = taken.claims.map(({ verdict }) => verdict);
  const end = [String(step), ended ?? STOPPED, digest];
  return [...place, ...end, ...Array.from(metrics, shortest), ...verdicts, sweep.entry.version, link];
}

/** @param {string[][]} rows */
export function csvOf(rows) {
  const quoted = (/** @type {string} */ text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");
}
