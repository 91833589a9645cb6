// The modules that are shipped, with and without SIMD, give the golden bits in Node; each experiment with no part but its own.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { addParts, idOf, inflate, readGolden, runGolden } from "../golden.mjs";

const www = new URL("../../www/", import.meta.url);
const rows = readGolden(await readFile(new URL("../golden.tsv", import.meta.url), "utf8"));
const file = async (name) => inflate(await readFile(new URL(`data/${name}`, www)));
const wasm = (name) => readFile(new URL(`pkg/${name}.wasm`, www));

for (const flavour of ["attractor", "attractor_scalar"]) {
  for (const id of new Set(rows.map(idOf))) {
    const module = await import(new URL(`pkg/${flavour}.js?${id}`, www));
    const core = module.initSync({ module: await wasm(`${flavour}_bg`) });
    await addParts(module, core, id, (part) => wasm(`${flavour}.${part}`));
    for (const row of rows.filter((row) => idOf(row) === id)) {
      test(`${flavour} in Node: ${row.query}`, async () => {
        const { steps, floats, digest } = await runGolden(module, row, file);
        assert.deepEqual({ ...row, steps, floats, digest }, row);
      });
    }
  }
}

test("a core refuses the part of another build", async () => {
  const module = await import(new URL("pkg/attractor.js?other", www));
  const core = module.initSync({ module: await wasm("attractor_bg") });
  const other = (part) => wasm(`attractor_scalar.${part}`);
  await assert.rejects(addParts(module, core, "modern-hopfield", other), WebAssembly.LinkError);
});
