// Times of the page on this machine and in this run: only told, for they hold for no other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { catalogue, open } from "../browser/harness.mjs";

/** Frames that are enough, and milliseconds that an experiment may take for them. */
const FRAMES = 24;
const LONGEST = 1000;
/** Milliseconds that the page may work in one. */
const FRAME = 16;

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

test("when each experiment moves, and the work of the page in its frames, are told", async (t) => {
  for (const { id } of catalogue) {
    const { page, close } = await lab.page();
    await page.addInitScript(() => {
      // One name that no element of the page has: fields bear the names of their parameters.
      globalThis.times = { painted: undefined, moved: undefined, work: [] };
      new MutationObserver((_, watch) => {
        const step = Number(document.querySelector("#views")?.dataset.step ?? -1);
        if (step >= 0) globalThis.times.painted ??= performance.now();
        if (step < 1) return;
        globalThis.times.moved = performance.now();
        globalThis.times.work = []; // what came before is the first frame, told by itself
        watch.disconnect();
      }).observe(document, { subtree: true, childList: true, attributes: true });
      // The time of the callbacks that draw, which is where the page does its work; those of one frame are given the same time.
      const ask = globalThis.requestAnimationFrame.bind(globalThis);
      let frame = 0;
      globalThis.requestAnimationFrame = (draw) =>
        ask((time) => {
          const start = performance.now();
          draw(time);
          const { work } = globalThis.times;
          if (time !== frame || work.length === 0) work.push(0);
          frame = time;
          work[work.length - 1] += performance.now() - start;
        });
    });
    await page.goto(`${lab.site}experiment.html?v=1&id=${id}&seed=1&speed=max&play=1`);
    await page.waitForFunction(() => globalThis.times.moved);
    const [painted, moved] = await page.evaluate(() => [globalThis.times.painted, globalThis.times.moved]);
    // A run may end within a few frames at full speed, so it is played again until there are enough of them.
    const end = performance.now() + LONGEST;
    for (let drawn = 0; drawn <= (performance.now() < end ? FRAMES : 1); await page.waitForTimeout(50)) {
      drawn = await page.evaluate(() => globalThis.times.work.length);
      const stands = await page.evaluate(() => document.querySelector("[data-act=play]").title !== "Pause");
      if (stands) await page.keyboard.press(" ");
    }
    const work = (await page.evaluate(() => globalThis.times.work)).sort((a, b) => a - b);
    const late = work.filter((time) => time > FRAME).length;
    const milli = (time) => `${time.toFixed(1)} ms`;
    t.diagnostic(
      `${id}: first frame after ${painted.toFixed(0)} ms, moving after ${moved.toFixed(0)} ms (goal 1000); ` +
        `${work.length} frames, page work median ${milli(work[work.length >> 1])}, most ${milli(work.at(-1))}, ${late} over ${FRAME} (goal none)`,
    );
    assert.ok(moved > 0 && work.length > 1);
    await close();
  }
});
