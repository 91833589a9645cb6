import assert from "node:assert/strict";
import { test } from "node:test";
import { cardOf, withMathml } from "../../www/prepare.mjs";

const entry = {
  id: "hopfield",
  title: "Hopfield & <friends>",
  about: ['If $x$ < "y" & more', "Plain."],
  formulas: ["E = -\\frac12 \\xi^\\top W \\xi", "a < b"],
  symbols: [["\\beta", "inverse temperature, $\\beta > 0$"]],
  params: [{ name: "n" }],
};

test("formulas and symbols become MathML", () => {
  const [made] = withMathml([entry]);
  assert.match(made.formulas[0], /^<math display="block"[^>]*><mrow>.*<mfrac>.*<\/math>$/);
  assert.match(made.formulas[1], /<mo[^>]*>&lt;<\/mo>/);
  assert.deepEqual(made.symbols, [
    ["<math><mi>β</mi></math>", "inverse temperature, <math><mrow><mi>β</mi><mo>&gt;</mo><mn>0</mn></mrow></math>"],
  ]);
});

test("formulas with a wide gap between them stand side by side, where there is room", () => {
  const [made] = withMathml([{ ...entry, formulas: ["a = 1, \\qquad b = 2"] }]);
  assert.match(made.formulas[0], /^<math[^>]*>.*a.*1.*,.*<\/math><math[^>]*>.*b.*2.*<\/math>$/);
});

test("a text around inline formulas is escaped", () => {
  const [made] = withMathml([entry]);
  assert.deepEqual(made.about, ["If <math><mi>x</mi></math> &#60; &#34;y&#34; &#38; more", "Plain."]);
});

test("all else stays, and so does the given entry", () => {
  const before = structuredClone(entry);
  const [made] = withMathml([entry]);
  const { title, params } = made;
  assert.deepEqual({ title, params }, { title: entry.title, params: entry.params });
  assert.deepEqual(entry, before);
});

test("a card is found by the Greek letters of its entry", () => {
  const [made] = withMathml([
    { ...entry, words: "memory", metrics: [], params: [{ label: "Load α" }, { label: "Plain" }] },
  ]);
  assert.equal(cardOf(made).words, "memory β ξ α");
});

test("faults name the entry", () => {
  const broken = { ...entry, id: "broken", formulas: ["\\frac{1"] };
  assert.throws(() => withMathml([broken]), /^Error: broken: .*Unexpected end of input/);
  const odd = { ...entry, id: "odd", about: ["costs $5"] };
  assert.throws(() => withMathml([odd]), /^Error: odd: a dollar sign without its partner in: costs \$5/);
});
