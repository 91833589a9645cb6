// The module without SIMD gives the golden bits in Chromium: the last row of each experiment, which is short. The page shows rows of
// the other module, and Node, with the same engine, runs all.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { idOf, readGolden } from "../golden.mjs";
import { open } from "./harness.mjs";

const golden = readGolden(await readFile(new URL("../golden.tsv", import.meta.url), "utf8"));
const rows = golden.filter((row, i) => i + 1 === golden.length || idOf(row) !== idOf(golden[i + 1]));
let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

const flavour = "attractor_scalar";
test(`${flavour} in Chromium: ${rows.length} golden rows`, async () => {
  const { page, close } = await lab.page();
  await page.goto(`${lab.site}favicon.svg`); // a page that asks for nothing else
  const results = await page.evaluate(
    async ({ site, golden, flavour, rows }) => {
      const { addParts, idOf, inflate, runGolden } = await import(golden);
      const module = await import(`${site}pkg/${flavour}.js`);
      const core = await module.default();
      const bytes = async (path) => new Uint8Array(await (await fetch(site + path)).arrayBuffer());
      const file = async (name) => inflate(await bytes(`data/${name}`));
      const code = (part) => bytes(`pkg/${flavour}.${part}.wasm`);
      const { default: parts } = await import(`${site}pkg/${flavour}.parts.js`);
      for (const id of new Set(rows.map(idOf))) await addParts(core, parts[id], code);
      const results = [];
      for (const row of rows) results.push({ query: row.query, ...(await runGolden(module, row, file)) });
      return results;
    },
    { site: lab.site, golden: lab.golden, flavour, rows },
  );
  assert.deepEqual(results, rows);
  await close();
});
