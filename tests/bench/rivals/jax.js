// The training step for jax-js on its wasm backend, compiled by its `jit`.
import { defaultDevice, grad, init, jit, nn, numpy as np, random } from "@jax-js/jax";
import { questions } from "./questions.js";

const [RATE, DECAY, MEAN, SQUARES, SMALL] = [0.001, 1, 0.9, 0.999, 1e-8];

export async function start() {
  await init("wasm");
  defaultDevice("wasm");
}

/** The contenders for a task: at its sizes, and at the next smaller ones that its kernels divide well. */
export function rivals(task) {
  if (task.kind !== "training") return [];
  const even = { ...task, p: task.p - (task.p % 32), pairs: task.pairs - (task.pairs % 64) };
  return [training("jax-js 0.1.25", task), training(`jax-js 0.1.25, ${even.pairs} pairs mod ${even.p}`, even)];
}

function training(name, task) {
  const { p, hidden, pairs } = task;
  const { asked, answers } = questions(task);
  const x = np.array(asked).reshape([pairs, 2 * p]);
  const y = np.array(answers).reshape([pairs, p]);
  const drawn = (seed, shape) => random.normal(random.key(seed), shape).mul(0.05);
  const loss = ({ table, weights }) => {
    const outputs = np.matmul(nn.relu(np.matmul(x.ref, table)), weights);
    return nn
      .logSoftmax(outputs)
      .mul(y.ref)
      .sum()
      .mul(-1 / pairs);
  };
  /** AdamW, without the correction of its first steps. */
  const descend = (w, g, mean, squares) => {
    const m = mean.mul(MEAN).add(g.ref.mul(1 - MEAN));
    const v = squares.mul(SQUARES).add(np.square(g).mul(1 - SQUARES));
    const move = m.ref.mul(RATE).div(np.sqrt(v.ref).add(SMALL));
    return [w.mul(1 - RATE * DECAY).sub(move), m, v];
  };
  const step = jit((table, weights, m, v, mw, vw) => {
    const down = grad(loss)({ table: table.ref, weights: weights.ref });
    return [...descend(table, down.table, m, v), ...descend(weights, down.weights, mw, vw)];
  });
  const zeros = (...shape) => np.zeros(shape);
  let [table, weights] = [drawn(1, [2 * p, hidden]), drawn(2, [hidden, p])];
  let [m, v, mw, vw] = [zeros(2 * p, hidden), zeros(2 * p, hidden), zeros(hidden, p), zeros(hidden, p)];
  return {
    name,
    run(times) {
      for (let i = 0; i < times; i++) {
        [table, m, v, weights, mw, vw] = step(table, weights, m, v, mw, vw);
        // Work is put off until somebody looks.
        weights.ref.dataSync();
        table.ref.dataSync();
      }
    },
  };
}
