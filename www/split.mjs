// Splits the module: what not every page needs becomes parts, files that are loaded when an experiment is opened.
//   node www/split.mjs linked.wasm bound.wasm www/pkg/attractor
// writes attractor_bg.wasm, the core, attractor.<part>.wasm for each part, and attractor.parts.js, which says what parts an
// experiment needs beside the core, in the order in which they are to be loaded.
//
// Each experiment has a part. What several of them need has one too where it is large; where it is small each has a copy,
// which does no harm, for functions keep nothing and data of parts never change.
//
// Nothing in the core calls an experiment by name: its `Entry` holds pointers to two functions and to tables of parameters,
// metrics and presets, and all else is reached through these. So a part can be left out of the core and, once it is loaded,
// put its functions into the empty slots of the table and its data where the core has left zeros. It shares the core's
// memory, table and stack, and imports what it calls there. The linker tells what refers to what; binaryen reads and writes
// the modules.

import { createHash } from "node:crypto";
import { readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { readSymbols, withBodies, withoutSymbols } from "./symbols.mjs";

/** Whoever is in no part is here. */
const CORE = "core";
/** Bytes from which on what the same experiments need has a part of its own. */
const LARGE = 4096;
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
 * What each part holds, the experiments that load it, and whether it is one of theirs alone; those that most load first.
 * @param {Map<string, Set<string>>} needs of each name, the names that it needs
 * @param {Map<string, string[]>} own of each experiment, what only its entry points to
 * @param {Set<string>} core what is in the core
 * @param {Map<string, number>} sizes in bytes
 * @returns {{name: string, ids: string[], holds: Set<string>}[]}
 */
export function partsOf(needs, own, core, sizes) {
  const users = new Map();
  for (const [id, names] of own) {
    for (const name of reached(needs, names, core)) users.set(name, [...(users.get(name) ?? []), id]);
  }
  /** @type {Map<string, {ids: string[], names: string[]}>} */
  const groups = new Map();
  for (const [name, ids] of users) {
    const key = ids.join(" ");
    if (!groups.has(key)) groups.set(key, { ids, names: [] });
    groups.get(key).names.push(name);
  }
  const size = ({ names }) => names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  const large = [...groups.values()].filter((group) => group.ids.length > 1 && size(group) >= LARGE);
  large.sort((a, b) => b.ids.length - a.ids.length || size(b) - size(a));
  const elsewhere = new Set([...core, ...large.flatMap(({ names }) => names)]);
  const shared = large.map(({ ids, names }, i) => {
    const outside = new Set(elsewhere);
    for (const name of names) outside.delete(name);
    return { name: `shared-${i + 1}`, ids, holds: reached(needs, names, outside) };
  });
  return [
    ...shared,
    ...[...own].map(([id, names]) => ({ name: id, ids: [id], holds: reached(needs, names, elsewhere) })),
  ];
}

/** All that some names need, and what that needs, and they themselves, but for what is outside. */
function reached(needs, names, outside = new Set()) {
  const seen = new Set();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name) || outside.has(name)) continue;
    seen.add(name);
    waiting.push(...(needs.get(name) ?? []));
  }
  return seen;
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
 * @returns {{modules: Map<string, Uint8Array>, parts: Record<string, string[]>}} the core and the parts by their names, and
 * the parts of each experiment
 */
export function split(linked, bytes) {
  const whole = binaryen.readBinary(bytes);
  const uses = readUses(whole.emitText());
  const functions = list(whole.getNumFunctions(), (i) => binaryen.getFunctionInfo(whole.getFunctionByIndex(i)));
  const globals = list(whole.getNumGlobals(), (i) => binaryen.getGlobalInfo(whole.getGlobalByIndex(i)));
  const exports = list(whole.getNumExports(), (i) => binaryen.getExportInfo(whole.getExportByIndex(i)));
  const slots = binaryen.getElementSegmentInfo(whole.getElementSegmentByIndex(0));
  const first = binaryen.getExpressionInfo(slots.offset).value;
  if (whole.getNumElementSegments() !== 1) throw new Error("the module should have one list of function pointers");

  const { pieces, bodies, refers, segments } = readSymbols(linked);
  const textOf = ({ from, to }) =>
    stretches([{ from, to }], segments).map(({ bytes }) => new TextDecoder().decode(bytes))[0];
  const needs = new Map([...uses].map(([name, { calls }]) => [name, new Set([...calls, ...(refers.get(name) ?? [])])]));
  for (const { name } of pieces) needs.set(name, refers.get(name) ?? new Set());
  const own = new Map();
  for (const { name } of pieces) {
    const id = name.match(/9attractor11experiments\d+(\w+?)5ENTRY/)?.[1].replaceAll("_", "-");
    if (!id) continue;
    // The list of experiments is searched before a part is there, by name and by nothing else.
    const names = new Set(
      pieces.filter((piece) => piece.to - piece.from === id.length && textOf(piece) === id).map(({ name }) => name),
    );
    const all = [...needs.get(name)];
    own.set(
      id,
      all.filter((name) => !names.has(name)),
    );
    needs.set(name, new Set(all.filter((name) => names.has(name))));
  }
  const called = exports.filter(({ kind }) => kind === binaryen.ExternalFunction).map(({ value }) => value);
  const inCore = reached(needs, called);
  const sizes = new Map([...pieces, ...bodies].map(({ name, from, to }) => [name, to - from]));
  const all = partsOf(needs, own, inCore, sizes);
  /** Whether something has left the core. What nobody needs stays. */
  const left = (name) => all.some(({ holds }) => holds.has(name));
  /** Where others find what a part does not hold itself. */
  const source = (name) => all.find(({ ids, holds }) => ids.length > 1 && holds.has(name))?.name ?? CORE;

  // The name of the memory, which every part asks for, has a fingerprint: a part of another build is refused instead of
  // calling what it did not mean.
  const build = createHash("sha256").update(bytes).digest("hex").slice(0, 4);
  /** @type {Map<string, Map<string, (module: any) => void>>} how each part gives away what others asked it for */
  const given = new Map();
  const keys = new Map();
  const give = (what, name) => {
    const key = `${what} ${name}`;
    if (!keys.has(key)) keys.set(key, `${what === "Memory" ? build : ""}${keys.size.toString(36)}`);
    const from = what === "Function" ? source(name) : CORE;
    if (!given.has(from)) given.set(from, new Map());
    given.get(from).set(keys.get(key), (module) => module[`add${what}Export`](name, keys.get(key)));
    return keys.get(key);
  };

  /** Leaves in the table only what a module holds: the others' slots stay as they are. */
  const fill = (module, holds) => {
    module.removeElementSegment(slots.name);
    slots.data.forEach((name, i) => {
      if (!holds(name)) return;
      module.addActiveElementSegment(slots.table, `slot ${i}`, [name], module.i32.const(first + i));
    });
  };
  const hold = (module, kept) => {
    const placed = kept.map(({ from, bytes }) => ({ name: `at ${from}`, offset: module.i32.const(from), data: bytes }));
    module.setMemory(whole.getMemoryInfo().initial, -1, null, placed, false, false, MEMORY);
  };
  const finish = (module, id) => {
    for (const giveAway of given.get(id)?.values() ?? []) giveAway(module);
    if (id === CORE) {
      // Nothing in the core is hot, and each copy of a small function is loaded by everyone.
      binaryen.setShrinkLevel(2);
      binaryen.setAlwaysInlineMaxSize(0);
      binaryen.setOneCallerInlineMaxSize(0);
      module.optimize();
    } else module.runPasses(["remove-unused-module-elements"]);
    if (!module.validate()) throw new Error(`the part ${id} is no valid module`);
    return module.emitBinary();
  };

  // Each part says what it needs of those before it, so these are made after it.
  const modules = new Map();
  for (const { name: id, holds } of all.toReversed()) {
    const part = binaryen.readBinary(withBodies(bytes, (name) => holds.has(name)));
    const inside = [...uses].filter(([name]) => holds.has(name)).map(([, use]) => use);
    const calls = new Set(inside.flatMap((use) => [...use.calls]));
    const touched = new Set(inside.flatMap((use) => [...use.globals]));
    for (const { name } of exports) part.removeExport(name);
    fill(part, (name) => holds.has(name));
    for (const { name, params, results } of functions) {
      if (holds.has(name)) continue;
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
        pieces.filter(({ name }) => holds.has(name)),
        segments,
      ),
    );
    part.addMemoryImport(MEMORY, CORE, give("Memory", MEMORY));
    part.addTableImport(slots.table, CORE, give("Table", slots.table));
    modules.set(id, finish(part, id));
  }

  const core = binaryen.readBinary(bytes);
  fill(core, (name) => !left(name));
  // The linker lets texts overlap that are alike: what another piece holds too stays.
  const gone = pieces.filter(({ name }) => left(name));
  const stay = pieces.filter(({ name }) => !left(name));
  const kept = [...without(gone, segments), ...stay].sort((a, b) => a.from - b.from);
  hold(core, stretches(kept, segments));
  for (const { name } of functions) if (left(name)) core.removeFunction(name);
  modules.set(CORE, finish(core, CORE));
  const parts = Object.fromEntries(
    [...own.keys()].map((id) => [id, all.filter(({ ids }) => ids.includes(id)).map(({ name }) => name)]),
  );
  return { modules, parts };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [linked, bound, out] = process.argv.slice(2);
  const [folder, name] = [dirname(out), basename(out)];
  for (const file of await readdir(folder)) {
    if (file.startsWith(`${name}.`) && file.endsWith(".wasm")) await unlink(join(folder, file));
  }
  const { modules, parts } = split(await readFile(linked), withoutSymbols(await readFile(bound)));
  for (const [id, bytes] of modules) await writeFile(id === CORE ? `${out}_bg.wasm` : `${out}.${id}.wasm`, bytes);
  await writeFile(`${out}.parts.js`, `export default ${JSON.stringify(parts)};\n`);
}
