// The page groks: the default net, and the one of p = 113. How long it took is told and not tested, for it holds for this machine;
// beside it stands how long the same steps take where nobody watches.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { catalogue, open } from "./harness.mjs";

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

const { presets } = catalogue.find(({ id }) => id === "grokking");
const large = presets.find(({ name }) => name === "p = 113");

for (const [name, set, goal] of [
  ["the default net", [], 1],
  ["the net of p = 113", large.set, 5],
]) {
  test(`${name} groks at full speed, in how many seconds is told`, async (t) => {
    const query = new URLSearchParams([["v", "1"], ["id", "grokking"], ["seed", "1"], ...set, ["speed", "max"]]);
    const { page, close } = await lab.visitRun(String(query));
    const [seconds, steps] = await page.evaluate(async () => {
      const understood = () => document.querySelector(".marks").textContent.includes("understood");
      const start = performance.now();
      document.querySelector("[data-act=play]").click();
      while (!understood()) await new Promise(requestAnimationFrame);
      const seconds = (performance.now() - start) / 1000;
      document.querySelector("[data-act=play]").click();
      return [seconds, Number(document.querySelector("#views").dataset.step)];
    });
    assert.ok(await page.evaluate(() => document.querySelector(".marks").textContent.startsWith("by heart")));
    const alone = await page.evaluate(
      async ([pairs, steps]) => {
        const { Lab } = await import("./lab.js");
        const lab = new Lab({});
        await lab.take(pairs, [], 1);
        const start = performance.now();
        await lab.take(pairs, [], steps);
        lab.close();
        return (performance.now() - start) / 1000;
      },
      [[...query].filter(([key]) => key !== "speed"), steps],
    );
    t.diagnostic(
      `${name}: ${seconds.toFixed(2)} s and ${steps} steps from the click to “understood” (goal ${goal} s on an idle machine); ` +
        `the same steps unwatched take ${alone.toFixed(2)} s`,
    );
    await close();
  });
}
