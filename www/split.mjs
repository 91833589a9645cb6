// Splits the module: what one experiment alone needs becomes a part, a file that is loaded when the experiment is opened.
//   node www/split.mjs whole.wasm www/pkg/attractor     writes attractor_bg.wasm and attractor.<id>.wasm
//
// Nothing calls an experiment by name: `Entry::start` and the calls of the contract all go through the table of function
// pointers. So a part can be left out of the module and, once it is loaded, put itself into the table's empty slots. It
// shares the core's memory, table and stack, and imports what it calls there. binaryen reads and writes the modules.

import { createHash } from "node:crypto";
import { readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";

/** Whoever is in no part is here. */
const CORE = "core";
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
 * The part that each function belongs to: that of the only experiment that reaches it, else the core.
 * @param {Map<string, {calls: Set<string>}>} uses
 * @param {string[]} exported functions that the page calls
 * @param {string[]} pointed functions in the table, called through it
 */
export function homes(uses, exported, pointed) {
  // A function that calls an experiment's is a shim of it, made by the compiler: `Entry::start` as a closure, for one.
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
  const roots = new Map([[CORE, [...exported]]]);
  for (const name of pointed) {
    const [owner, other] = owners.get(name) ?? [];
    const id = owner && !other ? owner : CORE;
    roots.set(id, [...(roots.get(id) ?? []), name]);
  }
  /** @type {Map<string, string>} */
  const home = new Map();
  for (const [id, names] of roots) {
    const seen = new Set();
    const waiting = [...names];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      home.set(name, home.has(name) ? CORE : id);
      waiting.push(...(uses.get(name)?.calls ?? []));
    }
  }
  return home;
}

/** @param {Uint8Array} bytes a module with names @returns {Map<string, Uint8Array>} modules by part, the core among them */
export function split(bytes) {
  const whole = binaryen.readBinary(bytes);
  const uses = readUses(whole.emitText());
  const functions = list(whole.getNumFunctions(), (i) => binaryen.getFunctionInfo(whole.getFunctionByIndex(i)));
  const globals = list(whole.getNumGlobals(), (i) => binaryen.getGlobalInfo(whole.getGlobalByIndex(i)));
  const exports = list(whole.getNumExports(), (i) => binaryen.getExportInfo(whole.getExportByIndex(i)));
  const slots = binaryen.getElementSegmentInfo(whole.getElementSegmentByIndex(0));
  const first = binaryen.getExpressionInfo(slots.offset).value;
  if (whole.getNumElementSegments() !== 1) throw new Error("the module should have one list of function pointers");

  const called = exports.filter(({ kind }) => kind === binaryen.ExternalFunction).map(({ value }) => value);
  const home = homes(uses, called, slots.data);

  // Names begin with a fingerprint, so that a part of another build is refused instead of calling what it did not mean.
  const build = createHash("sha256").update(bytes).digest("hex").slice(0, 4);
  /** @type {Map<string, (module: any) => void>} how the core gives away what a part asked for */
  const given = new Map();
  const keys = new Map();
  const give = (what, name) => {
    const key = `${what} ${name}`;
    if (!keys.has(key)) keys.set(key, `${build}${keys.size.toString(36)}`);
    given.set(keys.get(key), (module) => module[`add${what}Export`](name, keys.get(key)));
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
    if (id === CORE) module.optimize();
    else module.runPasses(["remove-unused-module-elements"]);
    if (!module.validate()) throw new Error(`the part ${id} is no valid module`);
    return module.emitBinary();
  };

  const parts = new Map();
  for (const id of new Set(home.values())) {
    if (id === CORE) continue;
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
  for (const addTo of given.values()) addTo(core);
  return parts.set(CORE, finish(core, CORE));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [whole, out] = process.argv.slice(2);
  const [folder, name] = [dirname(out), basename(out)];
  for (const file of await readdir(folder)) {
    if (file.startsWith(`${name}.`) && file.endsWith(".wasm")) await unlink(join(folder, file));
  }
  for (const [id, bytes] of split(await readFile(whole))) {
    await writeFile(id === CORE ? `${out}_bg.wasm` : `${out}.${id}.wasm`, bytes);
  }
}
