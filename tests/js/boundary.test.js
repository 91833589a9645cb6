// What crosses between the module that is shipped and JavaScript: plain objects, all faults at once, and never a trap.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { addParts } from "../golden.mjs";

const www = new URL("../../www/", import.meta.url);
const wasm = (name) => readFile(new URL(`pkg/${name}.wasm`, www));
const id = ["id", "hebb-letters"];

let module;
before(async () => {
  module = await import(new URL("pkg/attractor.js?boundary", www));
  const core = module.initSync({ module: await wasm("attractor_bg") });
  const { default: parts } = await import(new URL("pkg/attractor.parts.js", www));
  await addParts(core, parts["hebb-letters"], (part) => wasm(`attractor.${part}`));
});

test("faults cross as plain objects, all at once", () => {
  const pairs = [id, ["letters", "9"], ["leters", "1"]];
  assert.throws(
    () => new module.Session(pairs, [], []),
    (faults) => {
      const wanted = "must be a whole number between 1 and 6";
      assert.deepEqual(faults, [
        { name: "letters", given: "9", wanted, nearest: null },
        { name: "leters", given: "1", wanted: "is not a parameter here", nearest: "letters" },
      ]);
      return true;
    },
  );
});

test("entries and layouts hold objects and no maps", () => {
  const [first] = module.entries();
  assert.equal(typeof first.id, "string");
  const [{ view }] = new module.Session([id], [], []).layout();
  assert.equal(view.shape.kind, "glyphs");
});

test("malformed messages are refused and never trap", () => {
  for (const odd of [null, 7, "id", [7, undefined]])
    assert.throws(() => new module.Session([odd], [], []), Array.isArray, JSON.stringify(odd));
  assert.throws(() => new module.Session([id], [["letters", 1, 1, new Uint8Array(1)]], []), Array.isArray);
  const session = new module.Session([id], [], []);
  const refused = (error) => !(error instanceof WebAssembly.RuntimeError);
  assert.throws(() => session.touch("squeeze", 1, 0, 0, 0, 0), refused);
  assert.throws(() => session.touch("drag", 200, 0, 0, 0, 0), refused);
  assert.throws(() => session.set([["letters", "x"]]), refused);
  assert.throws(() => session.draw(new Float32Array(3)), refused);
  assert.throws(() => module.resize(new Uint8Array([1, 2, 3]), 2, 2, 28), refused);
  assert.throws(() => module.resize(new Uint8Array([1]), 1, 1, 0), refused);
  assert.equal(session.advance(2), 2);
});
