// What runs in the page: the wasm contenders and TensorFlow.js, behind one `run`.
import { instantiate } from "./module.js";
import * as tf from "./tfjs.js";

let bench;
let contenders;

/** Loads both and answers with the cases: each with the names of its contenders. */
window.load = async () => {
  bench = await instantiate(await (await fetch("./bench.wasm")).arrayBuffer());
  const length = bench.describe();
  const text = new Uint8Array(bench.memory.buffer, bench.description(), length);
  const cases = JSON.parse(new TextDecoder().decode(text));
  await tf.start();
  contenders = cases.map(({ contenders: names, task }, index) => {
    const own = names.map((_, i) => (times) => bench.run(index, i, times));
    const rivals = tf.rivals(task);
    names.push(...rivals.map(({ name }) => name));
    return [...own, ...rivals.map(({ run }) => run)];
  });
  return cases;
};

/** Runs one contender so many times; the milliseconds it took. */
window.run = (index, contender, times) => {
  const start = performance.now();
  contenders[index][contender](times);
  return performance.now() - start;
};

/** Whether the wasm here gives the bits it gives elsewhere. */
window.digest = () => (bench.digest_of_results() >>> 0).toString(16).padStart(8, "0");
