// What runs in the page: the wasm contenders and their rivals, behind one `run`.
import { instantiate } from "./module.js";
import { rivals, start } from "./rivals.js";

let bench;
let contenders;

/** Loads both and answers with the cases: each with the names of its contenders. */
window.load = async () => {
  bench = await instantiate(await (await fetch("./bench.wasm")).arrayBuffer());
  const length = bench.describe();
  const text = new Uint8Array(bench.memory.buffer, bench.description(), length);
  const cases = JSON.parse(new TextDecoder().decode(text));
  await start();
  contenders = cases.map(({ contenders: names, task }, index) => {
    const own = names.map((_, i) => (times) => bench.run(index, i, times));
    const others = rivals(task);
    names.push(...others.map(({ name }) => name));
    return [...own, ...others.map(({ run }) => run)];
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
