// Where the settings lie below the stage, a key of the transport brings them over its foot.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, violations } from "./harness.mjs";

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

const boxOf = (page, selector) =>
  page.evaluate((selector) => {
    const { top, bottom, height } = document.querySelector(selector).getBoundingClientRect();
    return { top, bottom, height };
  }, selector);

for (const [name, width, height] of [
  ["phone", 390, 844],
  ["tablet", 820, 1180],
]) {
  test(`on a ${name} a setting is moved beside what it does`, async () => {
    const { page, close } = await lab.visitRun("v=1&id=multitasking&seed=1&at=20", { viewport: { width, height } });
    const key = page.locator(".reach");
    await key.click();
    const [sheet, transport] = [await boxOf(page, "#settings"), await boxOf(page, "#transport")];
    assert.ok(Math.abs(sheet.bottom - transport.top) < 1, "it rests on the transport");
    assert.ok(
      transport.top < height && sheet.height < height / 2,
      "both are in sight, and half of the window is left for views",
    );
    assert.deepEqual(await violations(page), []);
    const digest = await page.getAttribute("#views", "data-digest");
    await page.locator("#field-dilution input[type=range]").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((old) => document.querySelector("#views").dataset.digest !== old, digest);
    await page.keyboard.press("Escape");
    assert.equal(await key.getAttribute("aria-expanded"), "false");
    assert.ok(await key.evaluate((key) => key === document.activeElement));
    assert.ok(
      (await boxOf(page, "#settings")).top > (await boxOf(page, "#transport")).top,
      "it is back below the stage",
    );
    await close();
  });
}

test("on a wide page the settings stand beside the stage, whatever was open before", async () => {
  const { page, close } = await lab.visitRun("v=1&id=multitasking&seed=1", { viewport: { width: 820, height: 900 } });
  await page.click(".reach");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.waitForFunction(() => !document.querySelector(".sheet"));
  assert.ok(await page.locator(".reach").isHidden());
  assert.equal(await page.evaluate(() => document.querySelector("#settings").parentElement.id), "lab");
  await close();
});
