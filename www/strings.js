// Every text that the page itself says. Experiments bring theirs in the catalogue; what names a page to those that do not
// run it (title, description, the line for a browser without scripts) and the licences stand in the HTML.

export const strings = {
  // What stands in the pages themselves, put there by words.js.
  skip: "Skip to content",
  pages: "Main",
  gallery: "Experiments",
  dark: "Dark theme",
  theme: "Light or dark",
  footer:
    "Everything runs in this page. Nothing you bring leaves your machine. The same seed gives the same run, bit for bit.",
  notices: "Data and licences",

  hero: "What this is",
  headline: "See a network remember, understand and let go.",
  lead: "Attractor runs real experiments on memory and sparse networks in this page, and checks each one against its paper.",
  hint: "Drag anything orange.",
  find: "Find an experiment",
  wing: "Wing",
  nothing: "Nothing by that name",
  tryThese: "Try “attention” or “hebb”, or look at everything.",
  showAll: "Show all experiments",

  share: "Share",
  stage: "Stage",
  run: "Run",
  settings: "Settings",
  defaults: "Defaults",
  claims: "What the paper says, what this run shows",
  about: "About",
  aside: "Paper, symbols and keys",
  open: "Open in Attractor, new tab",

  sweep: "Sweep",
  sweepLead: "Vary two settings over several seeds, on every core of this machine. Each tile leads to its runs.",
  asTable: "Show as table",
  sweepTable: "Table of all runs",
  progressLabel: "Runs that are over",
  start: "Start",
  csv: "CSV",
  showLabel: "Show",
  changeThem: "Change them in the experiment",
  native: "The same on the command line",
  nativeWhy: "It writes the very same table, byte for byte, and goes on where it was after a kill.",

  // What the modules say.
  pageTitle: (/** @type {string} */ title) => `${title} · Attractor`,
  wings: /** @type {Record<string, [string, string]>} */ ({
    memory: ["Memory", "How a network stores things and finds them again from a piece."],
    grokking: ["Grokking", "Networks that learn by heart first and understand much later."],
    pruning: ["Pruning", "What is left of a network when most of its weights are gone."],
  }),
  everything: "All",
  experiments: (/** @type {number} */ n) => (n === 1 ? "1 experiment" : `${n} experiments`),

  play: "Play",
  pause: "Pause",
  step: "Step",
  back: "Step back",
  restart: "Restart, same start",
  speed: "Speed",
  // What a reader sees, the multiple of an experiment's own pace, and how an address writes it.
  speeds: /** @type {[string, number, string][]} */ ([
    ["¼×", 0.25, "0.25"],
    ["½×", 0.5, "0.5"],
    ["1×", 1, "1"],
    ["4×", 4, "4"],
    ["Max", Number.POSITIVE_INFINITY, "max"],
  ]),
  seed: "Seed",
  newSeed: "New seed",
  seedNow: (/** @type {number} */ seed) => `New seed ${seed}`,
  undo: "Undo",
  stepNow: (/** @type {number} */ n) => `step ${n}`,
  endedAt: (/** @type {string} */ word, /** @type {number} */ n) => `${word} at step ${n}`,
  timeLeft: (/** @type {number} */ seconds) =>
    seconds < 60 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`,
  logSteps: (/** @type {number} */ n) => `${n} steps, log scale`,
  loading: "Loading the core",

  presets: "Presets",
  whatIsThis: "What is this?",
  toDefault: (/** @type {string} */ label) => `Back to the default: ${label}`,
  asNumber: (/** @type {string} */ label) => `${label}, as a number`,
  automatic: "Chosen for me",
  myChoice: "My choice",
  pickHint: (/** @type {number} */ most) => `Choose up to ${most} pictures above`,
  pickOr: ", or",
  pickWord: (/** @type {string} */ word) => `the ${word}`,
  fault: (/** @type {string} */ label, /** @type {string} */ wanted, /** @type {string} */ given) =>
    given ? `${label} ${wanted}. You gave “${given}”.` : `${label} ${wanted}.`,
  oneOf: (/** @type {string[]} */ names) => `may be ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`,
  nearest: (/** @type {string} */ name) => `Did you mean ${name}?`,

  drop: "Drop, paste or choose. It stays on this machine.",
  draw: "Draw one",
  drawTitle: "Draw a picture",
  drawHelp: "Draw with the pointer, or move the square with the arrow keys and press Space. Shift erases.",
  keep: "Keep it",
  wipe: (/** @type {string} */ name) => `Wipe ${name.toLowerCase()}`,
  wipePad: "Wipe",
  erase: "Eraser",
  cancel: "Cancel",
  remove: (/** @type {string} */ name) => `Remove ${name}`,
  picture: (/** @type {number} */ i) => `picture ${i}`,
  store: (/** @type {string} */ name) => `Store ${name.toLowerCase()}`,
  stored: "Stored as a memory",
  easel: (/** @type {string} */ name) =>
    `${name}. Paint with the pointer, or move with the arrow keys and press Space; Shift and Space erase.`,
  notAPicture: (/** @type {string} */ name) =>
    `${name} is not a picture this browser can read. Bring a PNG, JPEG, GIF or WebP.`,
  tooHeavy: (/** @type {string} */ name, /** @type {string} */ size, /** @type {string} */ most) =>
    `${name} is ${size}. Pictures up to ${most} can be read.`,
  tooLarge: (
    /** @type {string} */ name,
    /** @type {number} */ w,
    /** @type {number} */ h,
    /** @type {number} */ most,
  ) => `${name} is ${w} × ${h} pixels. Pictures up to ${most} million pixels can be read.`,
  emptyPicture: (/** @type {string} */ name) =>
    `${name} has one shade only. An empty picture is no memory: bring one with something on it.`,
  tooMany: (/** @type {number} */ most) => `No more than ${most} pictures fit here. The rest was left out.`,
  nothingDrawn: "There is nothing on it yet. Draw something first.",

  showTable: (/** @type {string} */ title) => `Show as table: ${title}`,
  expand: (/** @type {string} */ title) => `Expand: ${title}`,
  close: "Close",
  relief: "In 3-D; drag or arrow keys turn it",
  noRelief: "This browser has no 3-D",
  low: "low",
  high: "high",
  minus: "minus",
  plus: "plus",
  dragLine: "Drag the orange line.",
  dragDot: "Drag the orange dot.",
  along: (/** @type {string} */ name, /** @type {string} */ title) => `${name} in the chart: ${title}`,
  probe: "Probe. Arrow keys move the state on the plane; with Shift ten times as far.",
  memory: "Memory",
  across: "across",
  up: "up",
  state: "state",
  leads: (/** @type {string} */ name) => `Cues that lead to ${name}`,
  number: "Number",

  verdicts: /** @type {Record<string, string>} */ ({
    agrees: "Agrees",
    differs: "Differs",
    "not-yet": "Not yet",
    "not-here": "Not here",
  }),
  expected: "Expected",
  thisRun: "This run",
  spread: (/** @type {string} */ label) => `${label}: mean, least, greatest`,
  notTested: "not tested",

  paper: "Paper",
  symbols: "Symbols",
  keys: "Keys",
  keyMap: /** @type {[string[], string][]} */ ([
    [["Space"], "play or pause"],
    [["→", "←"], "step, step back; move the probe when it has focus"],
    [["R"], "restart, same start"],
    [["N"], "new seed"],
  ]),

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
  noRange: "must be a range such as 1..8:4 or 1..8:4,log",
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
  mendFirst: "Mend the settings first.",
  tooManyRuns: (/** @type {string} */ size, /** @type {number} */ most) =>
    `${size}. This page takes up to ${most}; the command line takes more.`,
  progress: (/** @type {number} */ done, /** @type {number} */ runs, /** @type {number | null} */ left = null) =>
    `${done} of ${runs} runs${left === null ? "" : `, ${strings.timeLeft(left)}`}`,
  sweepOver: (/** @type {number} */ done, /** @type {number} */ runs, /** @type {number} */ seconds) =>
    done === runs
      ? `All ${runs} runs are over, in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s.`
      : `Stopped after ${done} of ${runs} runs.`,
  sweepCrashed: (/** @type {string} */ message) => `It said: ${message}. The runs that were over are kept.`,
  sweepCaption: (/** @type {"metric" | "claim"} */ kind, /** @type {number} */ seeds) =>
    `${kind === "claim" ? "How many seeds agree with the claim, of those that can tell" : seeds > 1 ? "The mean over the seeds, where each run ended" : "Where each run ended"}. ${seeds > 1 ? "A tile opens the list of its runs." : "A tile leads to its run."}`,
  metricsOfSeeds: "Mean over the seeds",
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

  shareTitle: "Share this run",
  linkLabel: "Link",
  iframeLabel: "Put it in a page",
  copy: "Copy",
  copied: "Copied",
  promise: "The link holds every setting, the seed and the step. Whoever opens it sees the same bits.",
  notWhole: "This run was touched by hand more often than a link can hold, so the link leaves that out.",
  tooManyPictures: "Your pictures are too large for a link, so the link leaves them out.",
  fingerprint: (/** @type {string} */ digest, /** @type {number} */ step) => `Fingerprint ${digest} at step ${step}`,

  stoppedAt: (/** @type {number} */ step) => `This run stopped at step ${step}.`,
  diverged: (/** @type {string} */ metric) =>
    `The ${metric} was no longer a finite number. Change a setting, restart, or go back.`,
  goBack: "Go back 100 steps",
  crashed: "The core stopped.",
  crashedWhy: (/** @type {string} */ message) =>
    `It said: ${message}. Nothing of yours is lost; the picture below is the last good one.`,
  startAgain: "Start again",
  badLink: "Parts of this link could not be read.",
  badLinkWhy: "The run started without them:",
  cannotStart: "This run could not start.",
  nothingToRun: "Nothing to run here",
  noExperiment: "There is no experiment by that name.",
  openNearest: (/** @type {string} */ name) => `Open ${name}`,
  seeAll: "See all experiments",
  noCore: "The core could not be loaded.",
  noCoreWhy: (/** @type {string} */ message) => `Reload the page to try again. It said: ${message}.`,
};
