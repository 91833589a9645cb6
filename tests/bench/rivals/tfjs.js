// The work of each case for TensorFlow.js on its wasm backend.

import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { questions } from "./questions.js";

const RATE = 0.001;

export async function start() {
  setWasmPaths("./tfjs/");
  await tf.setBackend("wasm");
  await tf.ready();
  tf.enableProdMode();
}

const normal = (...shape) => tf.randomNormal(shape, 0, 1 / 3, "float32", 1);

/** A contender whose results are dropped, as they would be in a loop of training. */
const rival = (name, compute) => ({
  name,
  run(times) {
    for (let i = 0; i < times; i++) compute().dispose();
  },
});

/** The contenders for a task. */
export function rivals(task) {
  const name = "tfjs-wasm 4.22";
  if (task.kind === "gemm") {
    const { m, k, n, flipA, flipB } = task;
    const a = flipA ? normal(k, m) : normal(m, k);
    const b = flipB ? normal(n, k) : normal(k, n);
    return [rival(name, () => tf.matMul(a, b, flipA, flipB))];
  }
  if (task.kind === "gemv") {
    const { rows, cols, flip } = task;
    const a = normal(rows, cols);
    const x = normal(flip ? rows : cols, 1);
    return [rival(name, () => tf.matMul(a, x, flip, false))];
  }
  if (task.kind === "hopfield") {
    const { patterns, dims, queries, beta } = task;
    const x = normal(patterns, dims);
    const transposed = tf.transpose(x);
    const q = normal(queries, dims);
    const step = (scores) => tf.matMul(tf.softmax(tf.mul(scores, beta)), x);
    return [
      rival(name, () => tf.tidy(() => step(tf.matMul(q, x, false, true)))),
      rival(`${name}, transposed before`, () => tf.tidy(() => step(tf.matMul(q, transposed)))),
    ];
  }
  if (task.kind === "training") {
    const { p, hidden, pairs } = task;
    const { asked, answers } = questions(task);
    const x = tf.tensor2d(asked, [pairs, 2 * p]);
    const y = tf.tensor2d(answers, [pairs, p]);
    const weights = [normal(2 * p, hidden), normal(hidden, p)].map((first) => tf.variable(first));
    const loss = () => tf.losses.softmaxCrossEntropy(y, tf.matMul(tf.relu(tf.matMul(x, weights[0])), weights[1]));
    const adam = tf.train.adam(RATE);
    return [
      {
        name,
        run(times) {
          for (let i = 0; i < times; i++) {
            // It has no AdamW: the decay is put before its Adam.
            tf.tidy(() => weights.forEach((w) => w.assign(tf.mul(w, 1 - RATE))));
            adam.minimize(loss, false, weights);
          }
        },
      },
    ];
  }
  if (task.kind === "own") return [];
  const z = normal(task.rows, task.cols);
  return [rival(name, () => tf.tidy(() => tf.softmax(tf.mul(z, 8))))];
}
