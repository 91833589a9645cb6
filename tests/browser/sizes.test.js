// Sizes are held to their budgets.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";
import { open } from "./harness.mjs";

const dist = new URL("../../dist/", import.meta.url);

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

const packed = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** What a page loads until it is drawn: its bytes under brotli, by path. */
async function firstLoad(path) {
  const { page, close } = await lab.page();
  const loaded = new Map();
  page.context().on("response", async (response) => {
    const { pathname } = new URL(response.url());
    if (response.ok()) loaded.set(pathname, 0);
  });
  await page.goto(lab.site + path);
  await page.waitForSelector("[data-booted]");
  await page.waitForFunction(() => document.querySelector("#views[data-step], .thumbnail canvas"));
  await page.waitForTimeout(300);
  const names = await page.evaluate(() => [
    location.href,
    ...performance.getEntriesByType("resource").map(({ name }) => name),
  ]);
  for (const name of names) loaded.set(new URL(name).pathname, 0);
  await close();
  for (const pathname of loaded.keys()) {
    const file = pathname.replace(/^\/site\//, "") || "index.html";
    const bytes = await readFile(new URL(file, dist)).catch(() => null);
    if (!bytes) loaded.delete(pathname);
    // Files that are compressed already travel as they are.
    else loaded.set(pathname, file.endsWith(".gz") ? bytes.length : packed(bytes));
  }
  return loaded;
}

test("the first load of a page stays under 200 kB", async (t) => {
  for (const path of ["", "experiment.html?v=1&id=modern-hopfield&seed=1"]) {
    const loaded = await firstLoad(path);
    const sum = [...loaded.values()].reduce((a, b) => a + b, 0);
    t.diagnostic(`first load of ${path.split("?")[0] || "the gallery"}: ${kilo(sum)} in ${loaded.size} files`);
    const core = [...loaded].find(([name]) => name.endsWith("_bg.wasm"));
    assert.ok(core, "the core is among them");
    assert.ok(sum < 200_000, [...loaded].map(([name, size]) => `${name} ${kilo(size)}`).join(", "));
  }
});

test("the core stays under 40 kB, whatever the experiments take", async (t) => {
  for (const name of (await readdir(new URL("pkg/", dist))).filter((name) => name.endsWith("_bg.wasm"))) {
    const size = packed(await readFile(new URL(`pkg/${name}`, dist)));
    t.diagnostic(`${name}: ${kilo(size)} under brotli`);
    assert.ok(size < 40_000, name);
  }
});
