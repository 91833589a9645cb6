// What is measured and printed, for this machine and this run: sizes are held to their budget, times are only told.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";
import { catalogue, open } from "../browser/harness.mjs";

const dist = new URL("../../dist/", import.meta.url);
/** Frames that are enough, and milliseconds that an experiment may take for them. */
const FRAMES = 24;
const LONGEST = 1000;

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
  for (const name of (await readdir(new URL("pkg/", dist))).filter((name) => name.endsWith(".wasm"))) {
    const bytes = await readFile(new URL(`pkg/${name}`, dist));
    t.diagnostic(`${name}: ${kilo(bytes.length)}, ${kilo(packed(bytes))} under brotli`);
    if (name.endsWith("_bg.wasm")) assert.ok(packed(bytes) < 40_000, name);
  }
});

test("when each experiment moves, and the work of the page in its frames, are told", async (t) => {
  for (const { id } of catalogue) {
    const { page, close } = await lab.page();
    await page.addInitScript(() => {
      new MutationObserver((_, watch) => {
        const step = Number(document.querySelector("#views")?.dataset.step ?? -1);
        if (step >= 0) globalThis.painted ??= performance.now();
        if (step < 1) return;
        globalThis.moved = performance.now();
        globalThis.work = []; // what came before is the first frame, told by itself
        watch.disconnect();
      }).observe(document, { subtree: true, childList: true, attributes: true });
      // The time of every callback that draws, which is where the page does its work.
      const ask = globalThis.requestAnimationFrame.bind(globalThis);
      globalThis.work = [];
      globalThis.requestAnimationFrame = (draw) =>
        ask((time) => {
          const start = performance.now();
          draw(time);
          globalThis.work.push(performance.now() - start);
        });
    });
    await page.goto(`${lab.site}experiment.html?v=1&id=${id}&seed=1&speed=max&play=1`);
    await page.waitForFunction(() => globalThis.moved);
    const [painted, moved] = await page.evaluate(() => [globalThis.painted, globalThis.moved]);
    // A run may end within a few frames at full speed, so it is played again until there are enough of them.
    for (const end = performance.now() + LONGEST; performance.now() < end; await page.waitForTimeout(50)) {
      if ((await page.evaluate(() => globalThis.work.length)) > FRAMES) break;
      const stands = await page.evaluate(() => document.querySelector("[data-act=play]").title !== "Pause");
      if (stands) await page.keyboard.press(" ");
    }
    const work = (await page.evaluate(() => globalThis.work)).sort((a, b) => a - b);
    const milli = (time) => `${time.toFixed(1)} ms`;
    t.diagnostic(
      `${id}: first frame after ${painted.toFixed(0)} ms, moving after ${moved.toFixed(0)} ms (goal 1000); ` +
        `${work.length} frames, page work median ${milli(work[work.length >> 1])}, most ${milli(work.at(-1))} (goal below 16)`,
    );
    assert.ok(moved > 0 && work.length > 1);
    await close();
  }
});
