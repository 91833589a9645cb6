// The shapes of what crosses between the core, the worker and the page.

export type Pair = [string, string];

/** What the gallery knows of an experiment. */
export interface Card {
  id: string;
  title: string;
  wing: string;
  paper: { title: string; authors: string } | null;
  card: string;
  words: string;
  metrics: { name: string }[];
  steps: number;
  pace: number;
  thumbnail: number;
}

export interface Entry {
  id: string;
  title: string;
  wing: string;
  paper: { title: string; authors: string; year: number; link: string } | null;
  card: string;
  lead: string;
  /** HTML: formulas are MathML. */
  about: string[];
  /** MathML. */
  formulas: string[];
  /** MathML and HTML. */
  symbols: Pair[];
  words: string;
  /** Of the program: the bits of a run depend on it. */
  version: string;
  params: Param[];
  metrics: { name: string; label: string; unit: string; help: string; never?: boolean }[];
  presets: { name: string; story: string; set: Pair[] }[];
  steps: number;
  log_steps: boolean;
  pace: number;
  thumbnail: number;
}

export interface Param {
  name: string;
  label: string;
  help: string;
  ends: Pair | null;
  kind: Kind;
}

export type Kind =
  | { type: "int" | "float" | "share"; default: number; min: number; max: number }
  | { type: "choice"; default: string; options: Pair[] }
  | { type: "toggle"; default: boolean }
  | { type: "text"; default: string; most: number }
  | { type: "picks"; most: number; words: string[] }
  | { type: "images"; most: number };

export interface Fault {
  name: string;
  given: string;
  wanted: string;
  nearest: string | null;
}

export interface Claim {
  says: string;
  source: string;
  expected: string;
  measured: string | null;
  verdict: "agrees" | "differs" | "not-yet" | "not-here";
  /** How far outside of the band still agrees, in its unit. */
  tolerance: number;
  why: string;
  /** The preset whose run measures it, where this one does not. */
  preset: string | null;
  band: [number, number];
  value: number | null;
  scale: { min: number; max: number; log: boolean; ends: Pair };
}

interface Base {
  title: string;
  place: "full" | "main" | "side";
  hand: "none" | "now" | "start";
  still: boolean;
  floats: number;
  still_floats: number;
  ground: number;
}

export interface Glyphs extends Base {
  kind: "glyphs";
  rows: number;
  cols: number;
  items: string[];
  photo: boolean;
  weighted: string | null;
  ringed: string | null;
  paint: number | null;
  store: [string, number] | null;
  picks: string | null;
}

export interface Surface extends Base {
  kind: "surface";
  rows: number;
  cols: number;
  /** Those that may span it. */
  members: string[];
  span: number;
  /** Those of the members first, that of no memory last; none where only energies are shown. */
  ends: string[];
  trail: number;
}

export interface Axis {
  name: string;
  min: number;
  max: number;
  log: boolean;
  param: string | null;
}

export interface Lines extends Base {
  kind: "lines";
  x: Axis;
  y: Axis;
  series: {
    name: string;
    label: string;
    points: number;
    drawn: "line" | "reference" | "spread" | "band" | "dots" | "area" | "events" | "scale";
  }[];
  marks: { at: number; label: string }[];
  field: { rows: number; cols: number; name: string } | null;
}

export interface Heatmap extends Base {
  kind: "heatmap";
  rows: number;
  cols: number;
  row_name: string;
  col_name: string;
  ends: [string, string];
  /** Of each row, and of each column alike, where they have names. */
  labels?: string[];
  /** Rows and columns of a tile, where there are tiles: after each comes a row or a column of nothing. */
  tile?: [number, number];
}

export interface Mask extends Base {
  kind: "mask";
  rows: number;
  cols: number;
  /** Rows and columns. */
  tile: [number, number];
  group: number;
  names: string[];
}

export type View = Glyphs | Surface | Lines | Heatmap | Mask;

export interface Picture {
  param: string;
  width: number;
  height: number;
  ink: Uint8Array;
}

export type Gesture =
  | { kind: "drag"; view: number; x: number; y: number }
  | { kind: "paint"; view: number; item: number; x: number; y: number; value: number }
  | { kind: "wipe"; view: number; item: number };

export interface Over {
  word: string;
  metric: string | null;
  /** What the metric was instead of a finite number. */
  value?: string | null;
}

/** Page to worker. `run` numbers runs: what belongs to an older one is dropped on both sides. */
export type Ask =
  | { type: "start"; run: number; pairs: Pair[]; images: Picture[] }
  | { type: "play"; run: number; speed: number }
  | { type: "pause"; run: number }
  | { type: "seek"; run: number; step: number }
  | { type: "touch"; run: number; gesture: Gesture }
  | { type: "set"; run: number; pairs: Pair[] }
  | { type: "recycle"; run: number; slots: Float32Array }
  | { type: "link"; run: number; ask: number }
  | { type: "resize"; run: number; ask: number; ink: Uint8Array; width: number; height: number; side: number }
  | { type: "take"; run: number; ask: number; pairs: Pair[]; images: Picture[]; steps: number };

/** What is left of a run that nobody watched. */
export interface Taken {
  step: number;
  /** The word for how it ended; null if it was stopped. */
  ended: string | null;
  digest: string;
  metrics: Float32Array;
  claims: Claim[];
  /** The pairs of its link at its last step. */
  link: Pair[];
  values: Pair[];
}

export interface Started {
  type: "started";
  run: number;
  layout: View[];
  ground: Float32Array;
  values: Pair[];
  reaches: [string, Reach][];
  /** The last step, as far as is known. */
  last: number;
  seed: string;
}

/** How far a setting reaches in a run. */
export type Reach = { "up-to": number } | { idle: string };

export interface Frame {
  type: "frame";
  run: number;
  step: number;
  playing: boolean;
  /** The step that the run is on its way to, where it is. */
  goal: number | null;
  ended: Over | null;
  events: [number, string][];
  captions: string[];
  rows: { from: number; width: number; data: Float32Array };
  /** What was known of later steps will not come. */
  branched: boolean;
  /** A hand touches a view somewhere along the run. */
  touched: boolean;
  /** The last step, as far as is known. */
  last: number;
  slots: Float32Array;
  /** Of every setting at this step, where it was asked for. */
  values: Pair[] | null;
  claims: Claim[] | null;
  digest: string | null;
}

/** Worker to page. */
export type Tell =
  | { type: "ready"; simd: boolean }
  | { type: "refused"; run: number; starting: boolean; faults: Fault[] }
  | Started
  | Frame
  /** Settings that the run took without beginning again. */
  | { type: "taken"; run: number; pairs: Pair[] }
  | { type: "answer"; ask: number; value: unknown }
  | { type: "crashed"; message: string };

export interface Link {
  pairs: Pair[];
  whole: boolean;
  digest: string;
  step: number;
}
