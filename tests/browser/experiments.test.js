// Every experiment in a real browser, in one visit: on a wide page in the light, which then becomes a phone in the dark.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { idOf } from "../golden.mjs";
import { catalogue, digestOf, golden, inkIn, open, violations, waitForStep } from "./harness.mjs";

/** Kinds of views that were looked at in the dialog, which is the same for all. */
const expanded = new Set();
/** Kinds of views and settings that axe has read, on the wide page and on the phone. */
const read = { wide: new Set(), phone: new Set() };
let lab;
/** One for all: what the experiments share is loaded and compiled once. */
let shared;
before(async () => {
  lab = await open();
  shared = await lab.browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
});
after(() => lab?.close());

/** Of each kind of view on the page the one with the longest title: what fits under it fits under the others. */
function longest() {
  const found = new Map();
  document.querySelectorAll("#views [aria-label^='Expand']").forEach((button, i) => {
    const view = button.closest(".view");
    const [kind, title] = [view.querySelector("header + *").className, view.querySelector("h2").textContent];
    if (title.length > (found.get(kind)?.length ?? 0)) found.set(kind, { i, length: title.length });
  });
  return [...found.values()].map(({ i }) => i);
}

/** Expands the i-th view, and tells how it fits. In the page: clicks from here would each wait for the page to rest. */
async function expand(i) {
  document.querySelectorAll("#views [aria-label^='Expand']")[i].click();
  await new Promise(requestAnimationFrame);
  const dialog = document.querySelector("dialog");
  const title = dialog.querySelector("h2").getBoundingClientRect();
  const others = [...dialog.querySelectorAll("button, .legend, .ramp")].map((e) => e.getBoundingClientRect());
  return {
    kind: dialog.querySelector("header + *").className,
    width: dialog.clientWidth,
    wider: dialog.scrollWidth - dialog.clientWidth,
    cut: others.some(
      (box) =>
        box.width &&
        box.left < title.right &&
        box.right > title.left &&
        box.top < title.bottom - 1 &&
        box.bottom > title.top,
    ),
  };
}

/** Formulas that are wider than their column. @param {import("playwright-core").Page} page */
const cutFormulas = (page) =>
  page
    .locator(".formula")
    .evaluateAll((blocks) => blocks.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent));

/** Ids that more than one element of the page bears: controls are called as their parameters are. @param {import("playwright-core").Page} page */
const twiceOn = (page) =>
  page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    return ids.filter((id, i) => ids.indexOf(id) < i);
  });

/** Closes what is expanded, and tells whether it is gone. */
async function close() {
  document.querySelector("dialog > [aria-label=Close]").click();
  await new Promise(requestAnimationFrame);
  return !document.querySelector("dialog");
}

/**
 * What axe finds on a page that has a piece which it has not read in this guise. It takes seconds, and all pages are made of the same pieces.
 * @param {import("playwright-core").Page} page @param {Set<string>} known
 */
async function newViolations(page, known) {
  const pieces = await page.evaluate(() => {
    const views = document.querySelectorAll("#views .view > header + *");
    const settings = document.querySelectorAll("#form [id^=field-]");
    const inside = (field) => [...field.querySelectorAll("input, select, button")].map((e) => e.type).join();
    return [...[...views].map((view) => view.className), ...[...settings].map(inside)];
  });
  const fresh = pieces.filter((piece) => !known.has(piece));
  fresh.forEach((piece) => {
    known.add(piece);
  });
  return fresh.length > 0 ? violations(page) : [];
}

for (const { id, title, presets, params } of catalogue) {
  describe(id, () => {
    const row = golden.find((row) => idOf(row) === id);
    let page, leave;
    before(async () => {
      ({ page, close: leave } = await lab.visitRun(`${row.query}&at=${row.steps}`, {}, shared));
    });
    after(() => leave());

    test("a link shows the native digest at its step; it starts anew, steps and draws", async () => {
      assert.equal(await digestOf(page), row.digest, row.query);
      assert.deepEqual(await newViolations(page, read.wide), []);
      assert.equal(await page.title(), `${title} · Attractor`);
      await page.keyboard.press("r");
      await waitForStep(page, 0);
      await page.keyboard.press("ArrowRight");
      await waitForStep(page, 1);
      await page.keyboard.press("ArrowLeft");
      await waitForStep(page, 0);
      for (const canvas of await page.locator("#views canvas").all())
        assert.ok((await inkIn(canvas)) > 0, "a canvas is not blank");
      assert.equal(await page.locator("#views svg.chart:not([aria-label])").count(), 0);
      // A single preset is the default, and needs no button.
      assert.equal(await page.locator(".chip").count(), presets.length > 1 ? presets.length : 0);
      for (const { name } of params) assert.equal(await page.locator(`#field-${name}`).count(), 1, name);
      assert.ok((await page.locator(".claim").count()) > 0);
      assert.deepEqual(await cutFormulas(page), []);
      assert.deepEqual(await twiceOn(page), []);
      await page.click("#share-button");
      assert.ok(await page.locator(".share").isVisible(), "Share opens its panel");
      await page.keyboard.press("Escape");
    });

    test("fits a phone, and so does each kind of view when it is expanded", async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.emulateMedia({ colorScheme: "dark" });
      await page.keyboard.press("ArrowRight");
      await waitForStep(page, 1);
      assert.deepEqual(await newViolations(page, read.phone), []);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wider <= 0, `the page is ${wider} px wider than the window`);
      assert.deepEqual(await cutFormulas(page), []);
      const views = await page.evaluate(longest);
      assert.ok(views.length > 0);
      for (const i of views) {
        const { kind, ...measured } = await page.evaluate(expand, i);
        assert.deepEqual(measured, { width: 390, wider: 0, cut: false });
        if (!expanded.has(kind)) assert.deepEqual(await violations(page), []);
        expanded.add(kind);
        assert.ok(await page.evaluate(close));
      }
    });
  });
}
