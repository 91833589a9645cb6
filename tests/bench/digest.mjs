// Prints the digest of the results of a module built for wasm: node digest.mjs module.wasm …
import { readFileSync } from "node:fs";
import { instantiate } from "./module.js";

for (const path of process.argv.slice(2)) {
  const bench = await instantiate(readFileSync(path));
  console.log("digest", (bench.digest_of_results() >>> 0).toString(16).padStart(8, "0"), path);
}
