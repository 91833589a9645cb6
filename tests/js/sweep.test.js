// The axes of a sweep and its table are those of the command, number by number.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { usualOf, valuesOf } from "../../www/sweep-axis.js";
import { bookOf } from "../../www/sweep-kept.js";
import { csvOf, pairsOf, runsOf, shortest } from "../../www/sweep-table.js";

const here = (path) => new URL(path, import.meta.url);
const entryOf = async (id) => JSON.parse(await readFile(here(`../../dist/pkg/entries/${id}.json`), "utf8"));
const paramOf = async (id, name) => (await entryOf(id)).params.find((param) => param.name === name);
const valuesFrom = async (id, name, text) => {
  const { values, faults } = valuesOf(await paramOf(id, name), text);
  assert.deepEqual(faults, [], text);
  return values;
};

test("an axis goes from end to end", async () => {
  for (const [id, name, text, values] of [
    ["modern-hopfield", "beta", "1..2:3", ["1", "1.5", "2"]],
    ["modern-hopfield", "beta", "100..0.1:4,log", ["100", "10", "1", "0.1"]],
    ["modern-hopfield", "beta", "1..2:4", ["1", "1.333333333", "1.666666667", "2"]],
    ["modern-hopfield", "beta", "8..9:1", ["8"]],
    ["modern-hopfield", "beta", "8..8:3", ["8"]],
    ["modern-hopfield", "beta", "0.123456789012..2:2", ["0.123456789012", "2"]],
    ["scale-mixture", "outlier-x", "-0.1..0.2:4", ["-0.1", "0", "0.1", "0.2"]],
    ["hebb-letters", "letters", "1..6:4", ["1", "3", "4", "6"]],
    ["hebb-letters", "letters", "1..3:100", ["1", "2", "3"]],
    ["sparsey", "memories", "2..200:3,log", ["2", "20", "200"]],
    ["capacity", "rule", "storkey,hebb", ["storkey", "hebb"]],
    ["modern-hopfield", "beta", "7,0.50", ["7", "0.5"]],
  ]) {
    assert.deepEqual(await valuesFrom(id, name, text), values, `${id} ${name}=${text}`);
  }
});

test("what is no axis is said in words", async () => {
  const letters = await paramOf("hebb-letters", "letters");
  const flipped = await paramOf("hebb-letters", "flipped");
  for (const [param, text, fault] of [
    [letters, "0..6:3", /^Letters stored must be a whole number between 1 and 6. You gave “0”/],
    [letters, "1.5..6:3", /You gave “1.5”/],
    [letters, "1..2", /must be a range/],
    [letters, "1,7", /You gave “7”/],
    [letters, "2,2", /twice/],
    [letters, "", /whole number/],
    [letters, "1..6:0", /^Values must be a whole number between 1 and 1000. You gave “0”/],
    [letters, "1..6:2.5", /You gave “2.5”/],
    [flipped, "0..0.6:3", /between 0 % and 50 %. You gave “60 %”/],
    [flipped, "0..x:3", /You gave “x”/],
    [flipped, "0..0.5:3,log", /above 0/],
    [flipped, "..0.5:3", /between 0 % and 50 %/],
    [await paramOf("capacity", "rule"), "storkey,hobb", /each of them known/],
    [await paramOf("capacity", "rule"), "", /at least one/],
  ]) {
    const { values, faults } = valuesOf(param, text);
    assert.equal(faults.length, 1, `${text}: ${faults}`);
    assert.match(faults[0], fault);
    assert.ok(values.length === 0 || param.kind.type === "choice");
  }
});

test("every axis that the page offers is one, and the command goes through the same values in the same order", async () => {
  const folder = await mkdtemp(join(tmpdir(), "attractor-"));
  const table = join(folder, "table.csv");
  for (const [id, texts] of [
    ["hebb-letters", { flipped: "0.01..0.47:7,log", letters: "1..6:4" }],
    ["hebb-letters", { letters: null, flipped: null }],
    ["hebb-letters", { flipped: "0.00001..0.0999:65" }],
  ]) {
    const entry = await entryOf(id);
    const axes = await Promise.all(
      Object.entries(texts).map(async ([name, given]) => {
        const param = await paramOf(id, name);
        const text = given ?? usualOf(param);
        return { param, text, values: await valuesFrom(id, name, text) };
      }),
    );
    const sweep = { entry, axes, rest: [["cue", "2"]], seeds: 2, steps: 1 };
    const args = axes.flatMap(({ param, text }) => ["--axis", `${param.name}=${text}`]);
    const more = ["--set", "cue=2", "--seeds", "2", "--steps", "0", "--out", table];
    execFileSync(here("../../target/debug/attractor").pathname, ["sweep", id, ...args, ...more]);
    const links = (await readFile(table, "utf8")).trim().split("\n").slice(1);
    const linkOf = (pairs) => pairs.map((pair) => pair.join("=")).join("&");
    const mine = Array.from({ length: runsOf(sweep) }, (_, run) => linkOf(pairsOf(sweep, run)));
    assert.deepEqual(
      mine,
      links.map((line) => line.split(",").at(-1)),
    );
    await rm(table);
  }
  await rm(folder, { recursive: true });
});

test("numbers of 32 bits are written by the fewest digits, and never with a power of ten", () => {
  for (const [x, text] of [
    [0, "0"],
    [-0, "-0"],
    [1, "1"],
    [-23.25, "-23.25"],
    [100, "100"],
    [0.1, "0.1"],
    [1 / 3, "0.33333334"],
    [1e-7, "0.0000001"],
    [16777216, "16777216"],
    [3.4028235e38, "340282350000000000000000000000000000000"],
    [1e-45, "0.000000000000000000000000000000000000000000001"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-inf"],
  ]) {
    assert.equal(shortest(Math.fround(x)), text);
  }
});

test("what has a comma or a quote stands in quotes", () => {
  assert.equal(
    csvOf([
      ["a", "b"],
      ['1"2', "3,4"],
    ]),
    'a,b\n"1""2","3,4"\n',
  );
});

test("kept runs of other code or of other pictures have another key", async () => {
  const code = (...bytes) => [Uint8Array.from(bytes).buffer];
  const picture = (...ink) => ({ param: "images", width: 2, height: 2, ink: Uint8Array.from(ink) });
  const one = await bookOf("hopfield-rules", code(1, 2), [picture(0, 9, 0, 0)]);
  assert.match(one, /^hopfield-rules [0-9a-f]{64}$/);
  assert.equal(await bookOf("hopfield-rules", code(1, 2), [picture(0, 9, 0, 0)]), one);
  for (const [id, bytes, pictures] of [
    ["hopfield-rules", [1, 2], []],
    ["hopfield-rules", [1, 2], [picture(0, 9, 0, 1)]],
    ["hopfield-rules", [1, 2], [picture(0, 9, 0, 0), picture(0, 9, 0, 0)]],
    ["hopfield-rules", [1, 3], [picture(0, 9, 0, 0)]],
    ["hopfield-layer", [1, 2], [picture(0, 9, 0, 0)]],
  ]) {
    assert.notEqual(await bookOf(id, code(...bytes), pictures), one);
  }
});
