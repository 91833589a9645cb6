// Takes those runs of a sweep that are still to come, each whole, on every core of the machine.
import { Lab } from "./lab.js";
import { pairsOf, runsOf } from "./sweep-table.js";

/**
 * @param {import("./sweep-table.js").Sweep} sweep
 * @param {import("./types.js").Picture[]} pictures
 * @param {unknown[]} taken by run: what is not undefined is over already
 * @param {object} hands
 * @param {(run: number, taken: import("./types.js").Taken | null) => void} hands.took a run is over; null if it did not begin
 * @param {(error: unknown) => void} hands.done all are, or a core broke
 * @returns {{cores: number, stop: () => void}} `stop` lets go of all cores, and none says anything afterwards
 */
export function takeAll(sweep, pictures, taken, { took, done }) {
  const runs = runsOf(sweep);
  const tiles = runs / sweep.seeds;
  // A seed for all tiles before the next: the whole map is there soon, and gets sharper.
  const inTurn = Array.from({ length: runs }, (_, nth) => (nth % tiles) * sweep.seeds + Math.floor(nth / tiles));
  const left = inTurn.filter((run) => taken[run] === undefined);
  const labs = Array.from({ length: Math.min(left.length, navigator.hardwareConcurrency || 2) }, () => new Lab({}));
  let handed = 0;
  let over = false;
  function stop() {
    over = true;
    for (const lab of labs) lab.close();
  }
  /** @param {Lab} lab */
  async function work(lab) {
    while (handed < left.length && !over) {
      const run = left[handed++];
      const answer = await lab.take(pairsOf(sweep, run), pictures, sweep.steps);
      if (!over) took(run, "faults" in answer ? null : answer);
    }
  }
  /** @param {unknown} [error] */
  function end(error) {
    if (over) return;
    stop();
    done(error);
  }
  Promise.all(labs.map(work)).then(() => end(), end);
  return { cores: labs.length, stop };
}
