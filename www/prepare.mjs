// Makes what the page loads but nobody writes by hand: d3 in one file, and the catalogue with its formulas as MathML.
//   attractor describe --json | node www/prepare.mjs bound.js     with the core before it is split

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import temml from "temml";
import { keepStills } from "./stills.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** All that the page takes from d3. To use another name, add it here. */
const D3 = `export { scaleLinear, scaleLog } from "d3-scale";
`;

/** Bundles those names into one module: loaded as they lie, d3's small files would be 200 requests. */
async function writeD3() {
  const { metafile } = await build({
    stdin: { contents: D3, resolveDir: here(".") },
    absWorkingDir: here("."),
    outfile: here("vendor/d3.js"),
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    metafile: true,
    banner: { js: "/* From d3, ISC licence: see d3.LICENSE.txt */" },
  });
  // The type checker reads this instead of the minified text.
  await writeFile(here("vendor/d3.d.ts"), D3);
  const packages = new Set(
    Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => path.match(/node_modules\/([^/]+)/)?.[1] ?? []),
  );
  const notices = [...packages].sort().map(async (name) => {
    const { version } = JSON.parse(await readFile(here(`node_modules/${name}/package.json`), "utf8"));
    return `${name} ${version}\n\n${await readFile(here(`node_modules/${name}/LICENSE`), "utf8")}`;
  });
  await writeFile(here("vendor/d3.LICENSE.txt"), (await Promise.all(notices)).join(`\n${"-".repeat(72)}\n\n`));
}

const escapeHtml = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const mathml = (tex, displayMode = false) => temml.renderToString(tex, { displayMode, throwOnError: true });

/** A line of formulas: parts with a wide gap between them can go on in the next line where there is no room. */
const line = (tex) =>
  tex
    .split(/\s*\\qquad\s*/)
    .map((part) => mathml(part, true))
    .join("");

/** HTML of a text whose formulas stand between dollar signs. */
function html(text) {
  const parts = text.split("$");
  if (parts.length % 2 === 0) throw new Error(`a dollar sign without its partner in: ${text}`);
  return parts.map((part, index) => (index % 2 ? mathml(part) : escapeHtml(part))).join("");
}

/**
 * The catalogue with every formula as MathML: `formulas` and the signs of `symbols` wholly, the paragraphs of `about` and
 * the meanings of `symbols` where they have `$…$`. These three fields are HTML afterwards; all others stay plain text.
 * @throws {Error} naming the entry, when its TeX cannot be read.
 */
export function withMathml(entries) {
  return entries.map((entry) => {
    try {
      return {
        ...entry,
        about: entry.about.map(html),
        formulas: entry.formulas.map(line),
        symbols: entry.symbols.map(([tex, meaning]) => [mathml(tex), html(meaning)]),
      };
    } catch (error) {
      throw new Error(`${entry.id}: ${error.message}`);
    }
  });
}

/** The Greek letters that an entry uses, to be found by. */
function lettersOf({ symbols, formulas, params }) {
  const text = [symbols, formulas, params.map(({ label }) => label)].flat(2).join();
  return [...new Set(text.normalize("NFKC").match(/[α-ω]/g))].join(" ");
}

/** What the gallery needs of an entry, once its formulas are MathML. */
export const cardOf = ({ id, wing, title, card, words, paper, metrics, steps, pace, thumbnail, ...entry }) => ({
  ...{ id, wing, title, card, steps, pace, thumbnail },
  words: [words, lettersOf(entry)].filter(Boolean).join(" "),
  paper: paper && { title: paper.title, authors: paper.authors },
  metrics: metrics.map(({ name }) => ({ name })),
});

/** What the page fetches, from the catalogue that the native command prints, an entry a line: cards, and whole entries. */
async function writeCatalogue() {
  const entries = withMathml(
    (await text(process.stdin))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
  await rm(here("pkg/entries"), { recursive: true, force: true });
  await mkdir(here("pkg/entries"), { recursive: true });
  for (const entry of entries) await writeFile(here(`pkg/entries/${entry.id}.json`), JSON.stringify(entry));
  await keepStills(process.argv[2], entries, (name) => here(`data/${name}`), here("stills"));
  await writeFile(here("pkg/catalogue.json"), JSON.stringify(entries.map(cardOf)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(here("vendor"), { recursive: true });
  await Promise.all([writeD3(), writeCatalogue()]);
}
