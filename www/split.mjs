// Splits the module: what not every page needs becomes parts, files that are loaded when an experiment is opened.
//   attractor list --json | node www/split.mjs whole.wasm www/pkg/attractor
// writes attractor_bg.wasm, the core, and attractor.<part>.wasm: a part for each experiment, for what those of a wing
// share (wing-<name>), and for what wings share (wings). Each needs the ones before it, in the order core, wings, wing, own.
//
// Nothing calls an experiment by name: `Entry::start` and the calls of the contract all go through the table of function
// pointers. So a part can be left out of the module and, once it is loaded, put itself into the table's empty slots. It
// shares the core's memory, table and stack, and imports what it calls there. binaryen reads and writes the modules.

import { createHash } from "node:crypto";
import { readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";

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
 * The part that each function belongs to: that of the only experiment that reaches it, that of its wing where several of
 * one do, that of all wings, or the core.
 * @param {Map<string, {calls: Set<string>}>} uses
 * @param {string[]} exported functions that the page calls
 * @param {string[]} pointed functions in the table, called through it
 * @param {Map<string, string>} wings the wing of each experiment
 */
export function homes(uses, exported, pointed, wings) {
  const owners = ownersOf(uses);
  const roots = new Map([[CORE, [...exported]], ...[...wings.keys()].map((id) => [id, []])]);
  for (const name of pointed) {
    const [owner, other] = owners.get(name) ?? [];
    roots.get(owner && !other ? owner : CORE).push(name);
  }
  /** @type {Map<string, string>} */
  const home = new Map();
  for (const [id, names] of roots) {
    for (const name of reached(uses, names)) home.set(name, home.has(name) ? shared(home.get(name), id, wings) : id);
  }
  return home;
}

/** Whose code a function is or calls: such as calls an experiment's was made for it, `Entry::start` as a closure, for one. */
function ownersOf(uses) {
  const owners = new Map();
  for (const name of uses.keys()) {
    const file = name.match(/attractor::experiments::(\w+)::/)?.[1];
    owners.set(name, new Set(file ? [file.replaceAll("_", "-")] : []));
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const [name, { calls }] of uses) {
      const mine = owners.get(name);
      const before = mine.size;
      for (const called of calls) for (const owner of owners.get(called) ?? []) mine.add(owner);
      grown ||= mine.size > before;
    }
  }
  return owners;
}

/** All functions that some functions call, and those that these call, and themselves. */
function reached(uses, names) {
  const seen = new Set();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    waiting.push(...(uses.get(name)?.calls ?? []));
  }
  return seen;
}

/** Where something that was at home in a part goes when an experiment needs it too. */
function shared(part, id, wings) {
  if (part === CORE || part === WINGS) return part;
  const wing = `wing-${wings.get(id)}`;
  return part === wing || `wing-${wings.get(part)}` === wing ? wing : WINGS;
}

/**
 * @param {Uint8Array} bytes a module with names
 * @param {Map<string, string>} wings the wing of each experiment
 * @returns {Map<string, Uint8Array>} modules by part, the core among them; a part may be empty
 */
export function split(bytes, wings) {
  const whole = binaryen.readBinary(bytes);
  const uses = readUses(whole.emitText());
  const functions = list(whole.getNumFunctions(), (i) => binaryen.getFunctionInfo(whole.getFunctionByIndex(i)));
  const globals = list(whole.getNumGlobals(), (i) => binaryen.getGlobalInfo(whole.getGlobalByIndex(i)));
  const exports = list(whole.getNumExports(), (i) => binaryen.getExportInfo(whole.getExportByIndex(i)));
  const slots = binaryen.getElementSegmentInfo(whole.getElementSegmentByIndex(0));
  const first = binaryen.getExpressionInfo(slots.offset).value;
  if (whole.getNumElementSegments() !== 1) throw new Error("the module should have one list of function pointers");

  const called = exports.filter(({ kind }) => kind === binaryen.ExternalFunction).map(({ value }) => value);
  const home = homes(uses, called, slots.data, wings);

  // Names begin with a fingerprint, so that a part of another build is refused instead of calling what it did not mean.
  const build = createHash("sha256").update(bytes).digest("hex").slice(0, 4);
  /** @type {Map<string, Map<string, (module: any) => void>>} how each part gives away what others asked it for */
  const given = new Map();
  const keys = new Map();
  const give = (what, name) => {
    const key = `${what} ${name}`;
    if (!keys.has(key)) keys.set(key, `${build}${keys.size.toString(36)}`);
    const from = what === "Function" ? home.get(name) : CORE;
    if (!given.has(from)) given.set(from, new Map());
    given.get(from).set(keys.get(key), (module) => module[`add${what}Export`](name, keys.get(key)));
    return keys.get(key);
  };

  /** Leaves in the table only what is at home in a part: the others' slots stay as they are. */
  const fill = (module, id) => {
    module.removeElementSegment(slots.name);
    slots.data.forEach((name, i) => {
      if (home.get(name) !== id) return;
      module.addActiveElementSegment(slots.table, `slot ${i}`, [name], module.i32.const(first + i));
    });
  };
  // Small is what the core should be; a part holds the kernels, as fast as the compiler made them.
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
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
    const own = [...uses].filter(([name]) => home.get(name) === id).map(([, use]) => use);
    const calls = new Set(own.flatMap((use) => [...use.calls]));
    const touched = new Set(own.flatMap((use) => [...use.globals]));
    for (const { name } of exports) part.removeExport(name);
    fill(part, id);
    for (const { name, params, results } of functions) {
      if (home.get(name) === id) continue;
      part.removeFunction(name);
      if (calls.has(name)) part.addFunctionImport(name, CORE, give("Function", name), params, results);
    }
    for (const { name, type, mutable } of globals) {
      part.removeGlobal(name);
      if (touched.has(name)) part.addGlobalImport(name, CORE, give("Global", name), type, mutable);
    }
    part.setMemory(0, -1, null, [], false, false, MEMORY);
    part.addMemoryImport(MEMORY, CORE, give("Memory", MEMORY));
    part.addTableImport(slots.table, CORE, give("Table", slots.table));
    parts.set(id, finish(part, id));
  }

  const core = binaryen.readBinary(bytes);
  fill(core, CORE);
  for (const { name } of functions) if (home.has(name) && home.get(name) !== CORE) core.removeFunction(name);
  return parts.set(CORE, finish(core, CORE));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [whole, out] = process.argv.slice(2);
  const [folder, name] = [dirname(out), basename(out)];
  for (const file of await readdir(folder)) {
    if (file.startsWith(`${name}.`) && file.endsWith(".wasm")) await unlink(join(folder, file));
  }
  const entries = JSON.parse(await text(process.stdin));
  const wings = new Map(entries.map(({ id, wing }) => [id, wing]));
  for (const [id, bytes] of split(await readFile(whole), wings)) {
    await writeFile(id === CORE ? `${out}_bg.wasm` : `${out}.${id}.wasm`, bytes);
  }
}
