// Both flavours of the module start in a browser and know the same experiments as the catalogue that was made from them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "../serve.mjs";

// A root in a container needs the first; the others keep the browser from calling its maker.
const FLAGS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-component-update",
];

let site;
let browser;

before(async () => {
  site = await serve(new URL("../../dist", import.meta.url).pathname);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
});

after(async () => {
  await browser?.close();
  await site?.close();
});

for (const flavour of ["attractor", "attractor_scalar"]) {
  test(`${flavour} starts in Chromium`, async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}pkg/catalogue.json`);
    const ids = await page.evaluate(async (flavour) => {
      const module = await import(`/pkg/${flavour}.js`);
      await module.default();
      return module.catalogue().map(({ id }) => id);
    }, flavour);
    const made = await (await fetch(`${site.url}pkg/catalogue.json`)).json();
    assert.ok(ids.length > 0);
    assert.deepEqual(
      ids,
      made.map(({ id }) => id),
    );
    await page.close();
  });
}
