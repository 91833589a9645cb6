// Makes the pictures on the cards of the gallery: of each experiment the view that its card shows, at the end of a run.
// They are numbers and not pixels, so that the gallery draws them in both themes with what draws the runs.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

/** Up to this many pixels travel as they are, more of them in 256 shades. */
const FEW = 200;
/** Steps that tell whether a run is still the one that a still was made of. */
const BEGUN = 8;

/** Places and heights, finer than a card shows them. @param {Iterable<number>} numbers */
const short = (numbers) => [...numbers].map((x) => Number(x.toPrecision(4)));

/** @param {Float32Array} numbers */
function pack(numbers) {
  if (numbers.length <= FEW) return short(numbers);
  const [low, high] = numbers.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);
  const shades = Uint8Array.from(numbers, (x) => (255 * (x - low)) / (high - low || 1) + 0.5);
  return { low, high, shades: Buffer.from(shades).toString("base64") };
}

/** For a card one run of a study is enough, of trainings a third as long. @param {import("./types.js").Param} param */
function brief({ name, kind }) {
  if (name === "runs") return [[name, "1"]];
  if (name !== "epochs" || kind.type !== "int") return [];
  return [[name, String(Math.max(kind.min, Math.round(kind.default / 3)))]];
}

/**
 * A still that is there already is kept while its run begins in the same way: making all of them takes minutes. The files are
 * therefore not ignored by git.
 * @param {string} module the core before it is split: its JavaScript
 * @param {{id: string, thumbnail: number, steps: number, params: import("./types.js").Param[]}[]} entries
 * @param {(name: string) => string} dataFile the path of a bundled file
 * @param {string} folder where the stills are, each in a file of its experiment's name
 */
export async function keepStills(module, entries, dataFile, folder) {
  const core = await import(pathToFileURL(module));
  core.initSync({ module: await readFile(module.replace(/\.js$/, "_bg.wasm")) });
  const dataOf = async (name) => [name, gunzipSync(await readFile(dataFile(name)))];
  await mkdir(folder, { recursive: true });
  const names = new Set(entries.map(({ id }) => `${id}.json`));
  for (const name of await readdir(folder)) if (!names.has(name)) await rm(join(folder, name));
  for (const { id, thumbnail, steps, params } of entries) {
    const pairs = [["id", id], ...params.flatMap((param) => brief(param))];
    const session = new core.Session(pairs, [], await Promise.all(core.files(pairs).map(dataOf)));
    session.advance(BEGUN);
    const beginning = [session.digest(), session.layout()[thumbnail].view, session.state().captions[thumbnail]];
    const key = createHash("sha256").update(JSON.stringify(beginning)).digest("hex").slice(0, 16);
    const file = join(folder, `${id}.json`);
    const there = await readFile(file, "utf8").catch(() => "{}");
    if (JSON.parse(there).key !== key) {
      session.seek(steps);
      await writeFile(file, `${JSON.stringify({ key, ...stillOf(session, thumbnail) })}\n`);
    }
    session.free();
  }
}

/** What a card shows of a run, as the page's views take it. */
function stillOf(session, thumbnail) {
  const [from, ...data] = session.rows();
  const layout = session.layout().map(({ view: { shape, ...view }, ...floats }) => ({ ...view, ...shape, ...floats }));
  const slots = new Float32Array(session.floats());
  session.draw(slots);
  const before = layout.slice(0, thumbnail);
  const at = (part) => before.reduce((sum, view) => sum + view[part], 0);
  const view = layout[thumbnail];
  const own = slots.subarray(at("floats"), at("floats") + view.floats);
  const still = session.ground().subarray(at("still_floats"), at("still_floats") + view.still_floats);
  const [ground, marks] = view.still ? [still, own] : [own.subarray(0, view.ground), own.subarray(view.ground)];
  const { step, captions } = session.state();
  // Metrics are only needed by charts of them.
  const needed = view.kind === "lines" && view.series.some(({ points }) => points === 0);
  const rows = { from, width: session.width(), data: needed ? short(data) : [] };
  return {
    view: { ...view, still: true, still_floats: ground.length, floats: marks.length },
    ground: pack(ground),
    marks: short(marks),
    step,
    caption: captions[thumbnail],
    rows,
  };
}
