// Splits the module: what not every page needs becomes parts, files that are loaded when an experiment is opened.
//   attractor list --json | node www/split.mjs linked.wasm bound.wasm www/pkg/attractor
// writes attractor_bg.wasm, the core, and attractor.<part>.wasm: a part for each experiment, for what those of a wing
// share (wing-<name>), and for what wings share (wings). Each needs the ones before it, in the order core, wings, wing, own.
//
// Nothing in the core calls an experiment by name: its `Entry` holds pointers to two functions, and all else is reached
// through these. So a part can be left out of the core and, once it is loaded, put its functions into the empty slots of
// the table and its data where the core has left zeros. It shares the core's memory, table and stack, and imports what it
// calls there. The linker tells what refers to what; binaryen reads and writes the modules.

import { createHash } from "node:crypto";
import { readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { readSymbols, withoutSymbols } from "./symbols.mjs";

/** Whoever is in no part is here. */
const CORE = "core";
/** What experiments of several wings need. */
const WINGS = "wings";
/** The only memory, as binaryen calls it. */
const MEMORY = "0";

const list = (count, get) => Array.from({ length: count }, (_, index) => get(index));

/** What each function calls, and which globals it uses, by name: read off the text, where names say it all. */
function readUses(text) {
  const name = String.raw`\$("(?:[^"\\]|\\.)*"|[^\s()]+)`;
  const plain = (quoted) =>
    quoted.startsWith('"')
      ? quoted.slice(1, -1).replace(/\\([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
      : quoted;
  const functions = new Map();
  for (const field of text.split(/\n (?=\()/)) {
    const self = field.match(new RegExp(`^\\(func ${name}`))?.[1];
    if (self === undefined) continue;
    const after = (words) =>
      new Set([...field.matchAll(new RegExp(`\\((?:${words}) ${name}`, "g"))].map(([, used]) => plain(used)));
    functions.set(plain(self), {
      calls: after(String.raw`call|return_call|ref\.func`),
      globals: after(String.raw`global\.[gs]et`),
    });
  }
  return functions;
}

/**
 * The part that each function and each piece of data belongs to: that of the only experiment that needs it, that of its
 * wing where several of one do, that of all wings, or the core. What nobody needs has none.
 * @param {Map<string, Set<string>>} needs of each name, the names that it needs
 * @param {string[]} roots what the page calls
 * @param {Map<string, string[]>} own of each experiment, what only its entry points to
 * @param {Map<string, string>} wings the wing of each experiment
 */
export function homes(needs, roots, own, wings) {
  /** @type {Map<string, string>} */
  const home = new Map([...reached(needs, roots)].map((name) => [name, CORE]));
  for (const [id, names] of own) {
    for (const name of reached(needs, names)) home.set(name, home.has(name) ? shared(home.get(name), id, wings) : id);
  }
  return home;
}

/** All that some names need, and what that needs, and they themselves. */
function reached(needs, names) {
  const seen = new Set();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    waiting.push(...(needs.get(name) ?? []));
  }
  return seen;
}

/** Where something that was at home in a part goes when an experiment needs it too. */
function shared(part, id, wings) {
  if (part === CORE || part === WINGS) return part;
  const wing = `wing-${wings.get(id)}`;
  return part === wing || `wing-${wings.get(part)}` === wing ? wing : WINGS;
}

/** Stretches of memory with what they hold, of pieces that may touch or overlap. @param {import("./symbols.mjs").Piece[]} pieces */
function stretches(pieces, segments) {
  const merged = [];
  for (const { from, to } of pieces) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged.map(({ from, to }) => {
    const { address, bytes } = segments.findLast(({ address }) => address <= from);
    return { from, bytes: bytes.subarray(from - address, to - address) };
  });
}

/** What is left of memory without some pieces. */
function without(pieces, segments) {
  const left = [];
  for (const { address, bytes } of segments) {
    let from = address;
    const end = address + bytes.length;
    for (const { from: start, bytes: taken } of stretches(pieces, segments)) {
      if (start < from || start >= end) continue;
      left.push({ from, to: start });
      from = start + taken.length;
    }
    left.push({ from, to: end });
  }
  return left.filter(({ from, to }) => to > from);
}

/**
 * @param {Uint8Array} linked the module as the linker left it, with its relocations
 * @param {Uint8Array} bytes the same after wasm-bindgen, with the linker's names
 * @param {Map<string, string>} wings the wing of each experiment
 * @returns {Map<string, Uint8Array>} modules by part, the core among them; a part may be empty
 */
export function split(linked, bytes, wings) {
  const whole = binaryen.readBinary(bytes);
  const uses = readUses(whole.emitText());
  const functions = list(whole.getNumFunctions(), (i) => binaryen.getFunctionInfo(whole.getFunctionByIndex(i)));
  const globals = list(whole.getNumGlobals(), (i) => binaryen.getGlobalInfo(whole.getGlobalByIndex(i)));
  const exports = list(whole.getNumExports(), (i) => binaryen.getExportInfo(whole.getExportByIndex(i)));
  const slots = binaryen.getElementSegmentInfo(whole.getElementSegmentByIndex(0));
  const first = binaryen.getExpressionInfo(slots.offset).value;
  if (whole.getNumElementSegments() !== 1) throw new Error("the module should have one list of function pointers");

  const { pieces, refers, segments } = readSymbols(linked);
  const needs = new Map([...uses].map(([name, { calls }]) => [name, new Set([...calls, ...(refers.get(name) ?? [])])]));
  for (const { name } of pieces) needs.set(name, refers.get(name) ?? new Set());
  const own = new Map([...wings.keys()].map((id) => [id, []]));
  for (const { name } of pieces) {
    const file = name.match(/9attractor11experiments\d+(\w+?)5ENTRY/)?.[1];
    if (!file) continue;
    const all = [...needs.get(name)];
    own.set(
      file.replaceAll("_", "-"),
      all.filter((name) => uses.has(name)),
    );
    needs.set(name, new Set(all.filter((name) => !uses.has(name))));
  }
  const called = exports.filter(({ kind }) => kind === binaryen.ExternalFunction).map(({ value }) => value);
  const home = homes(needs, called, own, wings);
  const at = (name) => home.get(name) ?? CORE;
  const moved = pieces.filter(({ name }) => at(name) !== CORE);

  // Names begin with a fingerprint, so that a part of another build is refused instead of calling what it did not mean.
  const build = createHash("sha256").update(bytes).digest("hex").slice(0, 4);
  /** @type {Map<string, Map<string, (module: any) => void>>} how each part gives away what others asked it for */
  const given = new Map();
  const keys = new Map();
  const give = (what, name) => {
    const key = `${what} ${name}`;
    if (!keys.has(key)) keys.set(key, `${build}${keys.size.toString(36)}`);
    const from = what === "Function" ? at(name) : CORE;
    if (!given.has(from)) given.set(from, new Map());
    given.get(from).set(keys.get(key), (module) => module[`add${what}Export`](name, keys.get(key)));
    return keys.get(key);
  };

  /** Leaves in the table only what is at home in a part: the others' slots stay as they are. */
  const fill = (module, id) => {
    module.removeElementSegment(slots.name);
    slots.data.forEach((name, i) => {
      if (at(name) !== id) return;
      module.addActiveElementSegment(slots.table, `slot ${i}`, [name], module.i32.const(first + i));
    });
  };
  // Small is what the core should be; a part holds the kernels, as fast as the compiler made them.
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  const hold = (module, kept) => {
    const placed = kept.map(({ from, bytes }) => ({ name: `at ${from}`, offset: module.i32.const(from), data: bytes }));
    module.setMemory(whole.getMemoryInfo().initial, -1, null, placed, false, false, MEMORY);
  };
  const finish = (module, id) => {
    for (const giveAway of given.get(id)?.values() ?? []) giveAway(module);
    if (id === CORE) module.optimize();
    else module.runPasses(["remove-unused-module-elements"]);
    if (!module.validate()) throw new Error(`the part ${id} is no valid module`);
    return module.emitBinary();
  };

  // Each part says what it needs of those before it, so these are made after it.
  const parts = new Map();
  const wingParts = [...new Set(wings.values())].map((wing) => `wing-${wing}`);
  for (const id of [...wings.keys(), ...wingParts, WINGS]) {
    const part = binaryen.readBinary(bytes);
    const inside = [...uses].filter(([name]) => at(name) === id).map(([, use]) => use);
    const calls = new Set(inside.flatMap((use) => [...use.calls]));
    const touched = new Set(inside.flatMap((use) => [...use.globals]));
    for (const { name } of exports) part.removeExport(name);
    fill(part, id);
    for (const { name, params, results } of functions) {
      if (at(name) === id) continue;
      part.removeFunction(name);
      if (calls.has(name)) part.addFunctionImport(name, CORE, give("Function", name), params, results);
    }
    for (const { name, type, mutable } of globals) {
      part.removeGlobal(name);
      if (touched.has(name)) part.addGlobalImport(name, CORE, give("Global", name), type, mutable);
    }
    hold(
      part,
      stretches(
        pieces.filter(({ name }) => at(name) === id),
        segments,
      ),
    );
    part.addMemoryImport(MEMORY, CORE, give("Memory", MEMORY));
    part.addTableImport(slots.table, CORE, give("Table", slots.table));
    parts.set(id, finish(part, id));
  }

  const core = binaryen.readBinary(bytes);
  fill(core, CORE);
  hold(core, stretches(without(moved, segments), segments));
  for (const { name } of functions) if (at(name) !== CORE) core.removeFunction(name);
  return parts.set(CORE, finish(core, CORE));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [linked, bound, out] = process.argv.slice(2);
  const [folder, name] = [dirname(out), basename(out)];
  for (const file of await readdir(folder)) {
    if (file.startsWith(`${name}.`) && file.endsWith(".wasm")) await unlink(join(folder, file));
  }
  const entries = JSON.parse(await text(process.stdin));
  const wings = new Map(entries.map(({ id, wing }) => [id, wing]));
  for (const [id, bytes] of split(await readFile(linked), withoutSymbols(await readFile(bound)), wings)) {
    await writeFile(id === CORE ? `${out}_bg.wasm` : `${out}.${id}.wasm`, bytes);
  }
}
