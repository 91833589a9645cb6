// The modules that are shipped give the golden bits in Node, that without SIMD in the last row of each experiment, which is short;
// each with no part but its own.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { addParts, idOf, inflate, readGolden, runGolden } from "../golden.mjs";

const www = new URL("../../www/", import.meta.url);
const rows = readGolden(await readFile(new URL("../golden.tsv", import.meta.url), "utf8"));
const file = async (name) => inflate(await readFile(new URL(`data/${name}`, www)));
const wasm = (name) => readFile(new URL(`pkg/${name}.wasm`, www));

const partsOf = async (flavour, id) => (await import(new URL(`pkg/${flavour}.parts.js`, www))).default[id];

for (const flavour of ["attractor", "attractor_scalar"]) {
  for (const id of new Set(rows.map(idOf))) {
    const module = await import(new URL(`pkg/${flavour}.js?${id}`, www));
    const core = module.initSync({ module: await wasm(`${flavour}_bg`) });
    await addParts(core, await partsOf(flavour, id), (part) => wasm(`${flavour}.${part}`));
    const own = rows.filter((row) => idOf(row) === id);
    for (const row of flavour === "attractor" ? own : own.slice(-1)) {
      test(`${flavour} in Node: ${row.query}`, async () => {
        const { steps, floats, digest } = await runGolden(module, row, file);
        assert.deepEqual({ ...row, steps, floats, digest }, row);
      });
    }
  }
}

test("claims and captions in the parts are in the words of the native command", async () => {
  for (const id of new Set(rows.map(idOf))) {
    const module = await import(new URL(`pkg/attractor.js?words-${id}`, www));
    const core = module.initSync({ module: await wasm("attractor_bg") });
    await addParts(core, await partsOf("attractor", id), (part) => wasm(`attractor.${part}`));
    const { query } = rows.find((row) => idOf(row) === id);
    const pairs = [...new URLSearchParams(query)];
    const files = [];
    for (const name of module.files(pairs)) files.push([name, await file(name)]);
    // The command has a clock too.
    const session = new module.Session(pairs, [], files, true);
    session.advance(3);
    const said = execFileSync(new URL("../../target/debug/attractor", import.meta.url).pathname, [
      ...["run", "--link", query, "--steps", "3", "--json"],
    ]);
    const native = JSON.parse(said.toString().trim().split("\n").at(-1)).claims;
    const words = ({ says, source, expected, measured, why }) => ({ says, source, expected, measured, why });
    assert.deepEqual(session.claims().map(words), native.map(words));
    for (const caption of session.state().captions) assert.match(caption, /^[A-Z0-9][^\0]*\.$/);
  }
});

test("a core refuses the part of another build", async () => {
  const module = await import(new URL("pkg/attractor.js?other", www));
  const core = module.initSync({ module: await wasm("attractor_bg") });
  const other = (part) => wasm(`attractor_scalar.${part}`);
  const parts = await partsOf("attractor_scalar", "modern-hopfield");
  await assert.rejects(addParts(core, parts, other), WebAssembly.LinkError);
});
