// A run that nobody watches, for a sweep.

/** Milliseconds that a slice of steps may take: where there is no worker the page would stand still. */
const SLICE = 10;

/**
 * Takes a run to its end or to a step, and lets go of it.
 * @param {any} run the session, or the faults for which there is none
 * @param {number} steps @param {() => number} now @param {(then: () => void, wait: number) => void} later
 * @returns {Promise<import("./types.js").Taken | {faults: import("./types.js").Fault[]}>} what is left of it, or the faults
 */
export async function take(run, steps, now, later) {
  if (Array.isArray(run)) return { faults: run };
  for (let left = steps, slice = 1; left > 0; ) {
    const before = now();
    const most = Math.min(left, slice);
    if (run.advance(most) < most) break;
    left -= most;
    slice = now() - before < SLICE / 2 ? 2 * slice : Math.max(1, slice >> 1);
    await new Promise((next) => later(() => next(null), 0));
  }
  const { step, ended } = run.state();
  const taken = {
    step,
    ended: ended?.word ?? null,
    digest: run.digest(),
    metrics: run.metrics(),
    claims: run.claims(),
    link: run.link()[0],
    values: run.values(),
  };
  run.free();
  return taken;
}
