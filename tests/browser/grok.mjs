// How long a net takes to grok at full speed. It is told and not tested, for it holds for this machine; beside it stands how
// long the same steps take where nobody watches.
import assert from "node:assert/strict";

/**
 * @param {Awaited<ReturnType<typeof import("./harness.mjs").open>>} lab
 * @param {string[][]} set settings of the run @param {number} goal seconds on an idle machine
 * @returns {Promise<string>} what was measured
 */
export async function grok(lab, set, goal) {
  const start = [["v", "1"], ["id", "grokking"], ["seed", "1"], ...set];
  const { page, close } = await lab.visitRun(String(new URLSearchParams([...start, ["speed", "max"]])));
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
      await lab.take(pairs, [], 1); // the module is there before the clock starts
      const start = performance.now();
      await lab.take(pairs, [], steps);
      lab.close();
      return (performance.now() - start) / 1000;
    },
    [start, steps],
  );
  await close();
  return (
    `${seconds.toFixed(2)} s and ${steps} steps from the click to “understood” (goal ${goal} s on an idle machine); ` +
    `the same steps unwatched take ${alone.toFixed(2)} s`
  );
}
