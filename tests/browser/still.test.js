// What is on screen stays where it is while a page loads, and a long row of pictures is one stop for the Tab key.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "./harness.mjs";

/** The web's own measure of what jumped; at 0.1 a page counts as restless. */
const STILL = 0.01;

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

const RUN = "v=1&id=modern-hopfield&seed=1&at=3";
for (const path of ["index.html", `experiment.html?${RUN}`, `embed.html?${RUN}`, `sweep.html?${RUN}`]) {
  for (const width of [1440, 1024, 768, 390]) {
    test(`${path.split("?")[0]} holds still while it loads, ${width} px`, async () => {
      const { page, close } = await lab.page({ viewport: { width, height: 900 } });
      await page.addInitScript(() => {
        globalThis.shifts = [];
        new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries())).observe({
          type: "layout-shift",
          buffered: true,
        });
      });
      await page.goto(lab.site + path);
      const there = path.includes("?") ? "#views[data-digest], option[value=claim-1]" : "[data-booted]";
      await page.waitForSelector(there, { state: "attached" });
      // Shifts are told after the frame that they happened in.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const moved = await page.evaluate(() => globalThis.shifts.reduce((sum, { value }) => sum + value, 0));
      assert.ok(moved < STILL, `layout shift ${moved}`);
      await close();
    });
  }
}

test("a thousand pictures are one Tab stop, and arrows go through them", async () => {
  const { page, close } = await lab.page();
  await page.goto(`${lab.site}experiment.html?v=1&id=modern-hopfield&seed=1&memories=1000`);
  await page.waitForSelector("#views[data-digest]");
  const chosen = () =>
    page.evaluate(() => [...document.querySelectorAll(".pick")].indexOf(/** @type {any} */ (document.activeElement)));
  assert.equal(await page.locator(".pick[tabindex='0']").count(), 1);
  await page.locator(".pick").first().focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await chosen(), 1);
  await page.keyboard.press("End");
  assert.equal(await chosen(), 999);
  await page.keyboard.press("Tab");
  assert.equal(await chosen(), -1);
  await page.keyboard.press("Shift+Tab");
  assert.equal(await chosen(), 999);
  assert.equal(await page.evaluate(() => document.querySelector("#views").dataset.step), "0", "no step was taken");
  // What is scrolled to is drawn, though it was not drawn before.
  await page.waitForFunction(() => {
    const last = [...document.querySelectorAll(".pick canvas")].at(-1);
    return last.getContext("2d").getImageData(0, 0, 1, 1).data[3] === 255;
  });
  await close();
});
