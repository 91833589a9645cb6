// How long 300 runs of the default net take in the pool of workers: only told, for it holds for this machine.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "../browser/harness.mjs";

/** Settings under which the default net still groks, so that the runs are as long as its own. */
const SWEEP = "v=1&id=grokking&axis=decay=2.5..3.5:10&axis=fraction=0.4..0.6:10&seeds=3";

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

test("300 runs of the default net are swept, in how many seconds is told", async (t) => {
  const { page, close } = await lab.visit(`sweep.html?${SWEEP}`);
  await page.waitForSelector("#show option[value=claim-1]", { state: "attached" });
  page.setDefaultTimeout(1_200_000);
  const start = performance.now();
  await page.click("#start");
  await page.waitForFunction(() => document.querySelector("#start").textContent === "Start");
  t.diagnostic(`300 runs: ${((performance.now() - start) / 1000).toFixed(0)} s (goal 180 s on two idle cores)`);
  assert.match(await page.textContent("#state"), /^All 300 runs are over/);
  await close();
});
