// The modules that are shipped, with and without SIMD, give the golden bits in Node.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { inflate, readGolden, runGolden } from "../golden.mjs";

const www = new URL("../../www/", import.meta.url);
const rows = readGolden(await readFile(new URL("../golden.tsv", import.meta.url), "utf8"));
const file = async (name) => inflate(await readFile(new URL(`data/${name}`, www)));

for (const flavour of ["attractor", "attractor_scalar"]) {
  const module = await import(new URL(`pkg/${flavour}.js`, www));
  module.initSync({ module: await readFile(new URL(`pkg/${flavour}_bg.wasm`, www)) });
  for (const row of rows) {
    test(`${flavour} in Node: ${row.query}`, async () => {
      const { steps, floats, digest } = await runGolden(module, row, file);
      assert.deepEqual({ ...row, steps, floats, digest }, row);
    });
  }
}
