// What only the page of sweeps says: the others need not load it.
import { strings as all } from "./strings.js";

export const strings = {
  ...all,

  // What stands in the page itself.
  sweepLead: "Vary two settings over several seeds, on every core of this machine. Each tile leads to its runs.",
  asTable: "Show as table",
  sweepTable: "Table of all runs",
  progressLabel: "Runs that are over",
  start: "Start",
  csv: "CSV",
  forget: "Forget finished runs",
  showLabel: "Show",
  changeThem: "Change them in the experiment",
  native: "The same on the command line",
  nativeWhy: "It writes the very same table, byte for byte, and goes on where it was after a kill.",

  // What the modules say.
  sweepOf: (/** @type {string} */ title) => `Sweep: ${title}`,
  sideAcross: "Across",
  sideUp: "Up",
  nothingThere: "Nothing",
  switch: /** @type {[string, string][]} */ ([
    ["off", "Off"],
    ["on", "On"],
  ]),
  from: "From",
  to: "To",
  inPercent: (/** @type {string} */ name) => `${name}, %`,
  howMany: "Values",
  evenRatios: "Even ratios (log)",
  seeds: "Seeds",
  stopAt: "Stop at step",
  between: (/** @type {string} */ low, /** @type {string} */ high) => `must be between ${low} and ${high}`,
  wholeBetween: (/** @type {string} */ low, /** @type {string} */ high) =>
    `must be a whole number between ${low} and ${high}`,
  fewWords: "needs at least one value, each of them known",
  noRange: "must be a range such as 1..8:4 or 1..8:4,log, or values with commas between",
  twice: "has a value twice",
  aboveZero: "must lie above 0 to have even ratios",
  noAxis: "is no setting that can go along a side",
  oneAxisTooMany: "is one too many: there are two sides, each with a setting of its own",
  fixed: (/** @type {string[]} */ settings) => `In every run: ${settings.join(", ")}.`,
  noneFixed: "All other settings are at their defaults.",
  sweepSize(/** @type {number[]} */ sizes, /** @type {number} */ seeds) {
    const runs = sizes.reduce((product, size) => product * size, seeds);
    const tiles = sizes.join(" × ");
    return `${tiles} tiles, ${seeds === 1 ? "1 seed" : `${seeds} seeds`}: ${runs === 1 ? "1 run" : `${runs} runs`}`;
  },
  roundedTo: (/** @type {string} */ name, /** @type {number} */ left, /** @type {number} */ asked) =>
    `. Of ${asked} values of ${name} rounding to whole numbers leaves ${left}`,
  mendFirst: "Mend the settings first.",
  tooManyRuns: (/** @type {string} */ size, /** @type {number} */ most) =>
    `${size}. This page takes up to ${most}; the command line takes more.`,
  progress: (/** @type {number} */ done, /** @type {number} */ runs, /** @type {number | null} */ left = null) =>
    `${done} of ${runs} runs${left === null ? "" : `, ${all.timeLeft(left)}`}`,
  sweepOver(
    /** @type {number} */ done,
    /** @type {number} */ runs,
    /** @type {number} */ known,
    /** @type {number} */ seconds,
  ) {
    if (done < runs) return `Stopped after ${done} of ${runs} runs. Start goes on.`;
    const last = known > 0 ? `the last ${runs - known} ` : "";
    const time = seconds < 10 ? seconds.toFixed(1) : Math.round(seconds);
    return `All ${runs} runs are over, ${last}in ${time} s. To run them again, forget them first.`;
  },
  sweepKnown: (/** @type {number} */ done, /** @type {number} */ runs) =>
    done < runs
      ? `${done} of ${runs} runs are over. Start goes on.`
      : `All ${runs} runs are over. To run them again, forget them first.`,
  forgotten: "All finished runs of this experiment are forgotten.",
  sweepCrashed: (/** @type {string} */ message) => `It said: ${message}. The runs that were over are kept.`,
  sweepCaption: (/** @type {"metric" | "claim"} */ kind, /** @type {number} */ seeds) =>
    `${kind === "claim" ? "How many seeds agree with the claim, of those that can tell" : seeds > 1 ? "The mean over the seeds, where each run ended" : "Where each run ended"}. ${seeds > 1 ? "A tile opens the list of its runs." : "A tile leads to its run."}`,
  metricsOfSeeds: "Mean over the seeds",
  never: "never",
  claimsOfSeeds: "Share of seeds that agree",
  map: "Map of the sweep",
  mapOf: (/** @type {string} */ across, /** @type {string} */ up) =>
    up ? `${across} across, ${up} up` : `${across} across`,
  refusedRuns: (/** @type {number} */ n) => (n === 1 ? "1 run did not start" : `${n} runs did not start`),
  noVerdict: "no seed can tell here",
  agreeing: (/** @type {number} */ agree, /** @type {number} */ spoke) =>
    `${agree} of ${spoke === 1 ? "1 seed agrees" : `${spoke} seeds agree`}`,
  noNumber: (/** @type {string} */ label) => `${label} is not a number here`,
  meanOf: (
    /** @type {string} */ label,
    /** @type {string} */ mean,
    /** @type {number} */ seeds,
    /** @type {string} */ least,
    /** @type {string} */ most,
  ) => `${label} ${mean}, mean of ${seeds} seeds from ${least} to ${most}`,
  stopped: "stopped",
  seedRefused: (/** @type {number} */ seed) => `Seed ${seed} did not start`,
  seedCameTo: (/** @type {number} */ seed, /** @type {string} */ what, /** @type {string} */ end) =>
    `Seed ${seed}: ${what}, ${end}`,
  none: "none",
  all: "all",
  openRun: "Open",
  moreRows: (/** @type {number} */ shown, /** @type {number} */ rows) =>
    `The first ${shown} of ${rows} rows. The CSV has them all.`,
  badSweep: "The sweep is set up without them:",
};
