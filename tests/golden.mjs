// The golden rows for JavaScript: how they are read, and how one is run on a module of the core.
// Also loaded by pages in the browser tests, so it imports nothing.

/**
 * @typedef {{query: string, steps: number, floats: number, digest: string}} Row
 * @param {string} table the text of golden.tsv
 * @returns {Row[]}
 */
export function readGolden(table) {
  const lines = table.trim().split("\n").slice(1);
  return lines.map((line) => {
    const [query, steps, floats, digest] = line.split("\t");
    return { query, steps: Number(steps), floats: Number(floats), digest };
  });
}

/**
 * Adds the code of an experiment to a core, part by part.
 * @param {any} core the exports of the module @param {string[]} parts
 * @param {(part: string) => Promise<BufferSource>} code the bytes of a part
 */
export async function addParts(core, parts, code) {
  const given = { ...core };
  for (const part of parts) {
    const { instance } = await WebAssembly.instantiate(await code(part), { core: given });
    Object.assign(given, instance.exports);
  }
}

/** The experiment of a row. @param {Row} row */
export const idOf = ({ query }) => new URLSearchParams(query).get("id");

/**
 * Runs a row on a loaded module.
 * @param {any} module the module of the core, loaded, with the part of the row's experiment
 * @param {Row} row
 * @param {(name: string) => Promise<Uint8Array>} file the inflated bytes of a bundled file
 * @returns {Promise<{steps: number, floats: number, digest: string}>}
 */
export async function runGolden(module, row, file) {
  const pairs = [...new URLSearchParams(row.query)];
  const files = [];
  for (const name of module.files(pairs)) files.push([name, await file(name)]);
  const session = new module.Session(pairs, [], files);
  const steps = session.advance(row.steps);
  const result = { steps, floats: session.floats(), digest: session.digest() };
  session.free();
  return result;
}

/** Inflates gzip, in Node and in browsers. @param {Uint8Array} bytes */
export async function inflate(bytes) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
