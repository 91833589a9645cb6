// Who else does the work of a case in the page. Bundled by bench.mjs.
import * as jax from "./jax.js";
import * as tfjs from "./tfjs.js";

export const start = () => Promise.all([tfjs.start(), jax.start()]);

/** The contenders for a task. */
export const rivals = (task) => [...tfjs.rivals(task), ...jax.rivals(task)];
