// What the linker tells of a module that it linked with --emit-relocs: which function and which piece of data refers to which.
// The format: https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md

/** Kinds of symbols and of relocations that matter here. */
const FUNCTION = 0;
const DATA = 1;
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
/** Relocations whose entry has an addend behind it. */
const WITH_ADDEND = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23]);
/** Relocations that name a symbol and not a type. */
const NAMES_TYPE = 6;
/** A body of three bytes: no locals, what never returns, the end. */
const UNREACHABLE = Buffer.of(3, 0, 0, 0x0b);

/** Reads a file of bytes from front to back. */
class Reader {
  /** @param {Uint8Array} bytes @param {number} at @param {number} end */
  constructor(bytes, at = 0, end = bytes.length) {
    Object.assign(this, { bytes, at, end, start: at });
  }
  byte() {
    return this.bytes[this.at++];
  }
  number() {
    let [value, shift, byte] = [0, 1, 0];
    do {
      byte = this.byte();
      value += (byte & 127) * shift;
      shift *= 128;
    } while (byte > 127);
    return value;
  }
  /** Another part of the file, whose length comes first. */
  part() {
    const length = this.number();
    this.at += length;
    return new Reader(this.bytes, this.at - length, this.at);
  }
  text() {
    const { bytes, at, end } = this.part();
    return new TextDecoder().decode(bytes.subarray(at, end));
  }
  /** Calls as many times as the number that comes next says. @template T @param {(index: number) => T} read @returns {T[]} */
  list(read) {
    return Array.from({ length: this.number() }, (_, index) => read(index));
  }
}

/**
 * @typedef {{name: string, from: number, to: number}} Piece of memory, by its addresses
 * @param {Uint8Array} bytes
 * @returns {{pieces: Piece[], bodies: Piece[], refers: Map<string, Set<string>>, segments: {address: number, bytes: Uint8Array}[]}}
 * the pieces of memory in order, the functions by their places in the file, which names each of both refers to, and what
 * memory holds at the start
 */
export function readSymbols(bytes) {
  const sections = new Map(readSections(bytes).map(({ id, section }) => [id, section]));
  const segments = readSegments(sections.get(11));
  const symbols = readTable(sections.get("linking"), segments);
  const pieces = symbols.filter(({ kind, from, to }) => kind === DATA && to > from).sort((a, b) => a.from - b.from);

  /** @type {Map<string, Set<string>>} */
  const refers = new Map();
  const refer = (from, to) => refers.set(from, (refers.get(from) ?? new Set()).add(to));

  // One function may be several symbols: where two were alike, the compiler kept one. Its own name is in the section of names.
  const named = readNames(sections.get("name"));
  const nameOf = ({ kind, index, name }) => (kind === FUNCTION ? (named.get(index) ?? name) : name);
  const imported = importedFunctions(sections.get(2));
  const code = sections.get(10);
  const bodies = code.list((i) => {
    const { at, end } = code.part();
    return { name: named.get(imported + i) ?? `function ${imported + i}`, from: at - code.start, to: end - code.start };
  });
  for (const { offset, symbol } of readRelocations(sections.get("reloc.CODE"))) {
    refer(holder(bodies, offset).name, nameOf(symbols[symbol]));
  }
  const places = sections.get(11).start;
  for (const { offset, symbol } of readRelocations(sections.get("reloc.DATA"))) {
    const segment = segments.findLast(({ at }) => at - places <= offset);
    const piece = holder(pieces, segment.address + places + offset - segment.at);
    refer(piece.name, nameOf(symbols[symbol]));
  }
  return { pieces, bodies, refers, segments };
}

/** The module without what the linker told: a tool that changes it would leave that standing, and wrong. @param {Uint8Array} bytes */
export function withoutSymbols(bytes) {
  const kept = readSections(bytes).filter(({ id }) => !/^(linking|reloc)/.test(String(id)));
  return Buffer.concat([bytes.subarray(0, 8), ...kept.map(({ from, section }) => bytes.subarray(from, section.end))]);
}

/**
 * The module with only some functions: of the others the types stay, with bodies that do nothing. Tools read it in a fraction
 * of the time.
 * @param {Uint8Array} bytes @param {(name: string | undefined) => boolean} stays
 */
export function withBodies(bytes, stays) {
  const sections = readSections(bytes);
  const sectionOf = (wanted) => sections.find(({ id }) => id === wanted)?.section;
  const named = readNames(sectionOf("name"));
  const imported = importedFunctions(sectionOf(2));
  const code = sectionOf(10);
  const bodies = code.list((i) => {
    const { at, end } = code.part();
    return stays(named.get(imported + i)) ? withLength(bytes.subarray(at, end)) : UNREACHABLE;
  });
  const content = Buffer.concat([count(bodies.length), ...bodies]);
  const pieces = sections.map(({ id, from, section }) =>
    id === 10 ? Buffer.concat([Buffer.of(10), withLength(content)]) : bytes.subarray(from, section.end),
  );
  return Buffer.concat([bytes.subarray(0, 8), ...pieces]);
}

/** @param {Uint8Array} bytes */
const withLength = (bytes) => Buffer.concat([count(bytes.length), bytes]);

/** A number as the format writes it. @param {number} number @returns {Buffer} */
function count(number) {
  const bytes = [];
  for (; number > 127; number >>= 7) bytes.push((number & 127) | 128);
  return Buffer.of(...bytes, number);
}

/** All sections, by their number or the name of their own, and where each begins. @param {Uint8Array} bytes */
function readSections(bytes) {
  const file = new Reader(bytes, 8);
  const sections = [];
  while (file.at < file.end) {
    const from = file.at;
    const number = file.byte();
    const section = file.part();
    sections.push({ id: number === 0 ? section.text() : number, from, section });
  }
  return sections;
}

/** The piece that an offset lies in, of pieces in order. @template {{from: number, to: number}} T @param {T[]} pieces @param {number} offset @returns {T} */
function holder(pieces, offset) {
  let [low, high] = [0, pieces.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (pieces[middle].from <= offset) low = middle;
    else high = middle;
  }
  if (offset >= pieces[low].to) throw new Error(`no symbol holds the place ${offset}`);
  return pieces[low];
}

/** Where each segment of data lies in the file and in memory. @param {Reader} section */
function readSegments(section) {
  return section.list(() => {
    const [flags, constant] = [section.byte(), section.byte()];
    if (flags !== 0 || constant !== 0x41) throw new Error("a segment of data that is not placed at an address");
    const address = section.number();
    section.byte(); // the end of the expression
    const { bytes, at, end } = section.part();
    return { address, at, bytes: bytes.subarray(at, end) };
  });
}

/** All symbols; those of data have their addresses. @param {Reader} section @param {{address: number}[]} segments */
function readTable(section, segments) {
  section.number(); // the version
  let table = null;
  while (section.at < section.end) {
    const kind = section.byte();
    const part = section.part();
    if (kind === 8) table = part;
  }
  return table.list(() => {
    const kind = table.byte();
    const flags = table.number();
    const defined = !(flags & UNDEFINED);
    if (kind === DATA) {
      const name = table.text();
      if (!defined) return { kind, name };
      const from = segments[table.number()]?.address + table.number();
      // Private pieces of other objects may have the same name.
      return { kind, name: `${name}@${from}`, from, to: from + table.number() };
    }
    const index = table.number();
    const named = kind !== 3 && (defined || flags & EXPLICIT_NAME);
    return { kind, index, name: named ? table.text() : `symbol ${index}` };
  });
}

/** The names of functions by their index. @param {Reader} section @returns {Map<number, string>} */
function readNames(section) {
  while (section.at < section.end) {
    const kind = section.byte();
    const part = section.part();
    if (kind === 1) return new Map(part.list(() => [part.number(), part.text()]));
  }
  return new Map();
}

/** How many functions come from outside. @param {Reader} section */
function importedFunctions(section) {
  let count = 0;
  section.list(() => {
    section.text();
    section.text();
    const kind = section.byte();
    if (kind === 0) section.number();
    else throw new Error("an import that is no function");
    count += 1;
  });
  return count;
}

/** Places that refer to symbols. @param {Reader | undefined} section */
function readRelocations(section) {
  if (!section) return [];
  section.number(); // the section it is of
  return section
    .list(() => {
      const type = section.byte();
      const [offset, symbol] = [section.number(), section.number()];
      if (WITH_ADDEND.has(type)) section.number();
      return { type, offset, symbol };
    })
    .filter(({ type }) => type !== NAMES_TYPE);
}
