// How soon the pruning lab answers its slider: only told, for it holds for this machine.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "../browser/harness.mjs";

/** Places that the slider is put to, and milliseconds from one to the next. */
const PLACES = 60;
const REST = 60;

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

test("how soon the pruning lab shows another cut is told", async (t) => {
  const { page, close } = await lab.visitRun("v=1&id=ticket-lab&seed=1&at=15");
  const answers = await page.evaluate(
    async ([places, rest]) => {
      const slider = document.querySelector("#sparsity");
      const views = document.querySelector("#views");
      const answers = [];
      let frames = 0;
      requestAnimationFrame(function count() {
        frames += 1;
        requestAnimationFrame(count);
      });
      for (let i = 0; i < places; i += 1) {
        await new Promise((wake) => setTimeout(wake, rest));
        // Browsers hand a pointer's moves over at the beginning of a frame.
        await new Promise(requestAnimationFrame);
        const [start, first] = [performance.now(), frames];
        const changed = new Promise((tell) => {
          const watch = new MutationObserver(() => {
            watch.disconnect();
            tell(performance.now() - start);
          });
          watch.observe(views, { subtree: true, childList: true, characterData: true, attributes: true });
        });
        // Back and forth over all of it.
        slider.valueAsNumber = Math.round(Number(slider.max) * (0.1 + (0.8 * ((7 * i) % places)) / places));
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const time = await changed;
        // What is drawn now is seen in the frame that comes.
        await new Promise(requestAnimationFrame);
        answers.push({ time, frames: frames - first });
      }
      return answers.sort((a, b) => a.time - b.time);
    },
    [PLACES, REST],
  );
  const [least, median, most] = [0, PLACES >> 1, PLACES - 1].map((i) => answers[i].time.toFixed(1));
  const soon = answers.filter(({ frames }) => frames === 1).length;
  t.diagnostic(
    `from the hand to the views: least ${least} ms, median ${median}, most ${most}; ` +
      `${soon} of ${PLACES} in the next frame (goal: all)`,
  );
  assert.equal(answers.length, PLACES);
  await close();
});
