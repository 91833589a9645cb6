import assert from "node:assert/strict";
import { test } from "node:test";
import { withMathml } from "../../www/prepare.mjs";

test("formulas and symbols become MathML, other fields stay", () => {
  const entry = {
    id: "hopfield",
    title: "Hopfield & <friends>",
    formula: ["E = -\\frac12 \\xi^\\top W \\xi", "a < b"],
    symbols: [["\\beta", "inverse temperature, $\\beta > 0$"]],
    params: [{ name: "n" }],
  };
  const [made] = withMathml([entry]);
  assert.equal(made.title, entry.title);
  assert.deepEqual(made.params, entry.params);
  assert.match(made.formula[0], /^<math display="block" class="tml-display"><mrow>.*<mfrac>.*<\/math>$/);
  assert.match(made.formula[1], /<mo[^>]*>&lt;<\/mo>/);
  assert.deepEqual(made.symbols, [
    ["<math><mi>β</mi></math>", "inverse temperature, <math><mrow><mi>β</mi><mo>&gt;</mo><mn>0</mn></mrow></math>"],
  ]);
  assert.equal(entry.formula[0], "E = -\\frac12 \\xi^\\top W \\xi", "the given entry is left as it was");
});

test("a text around inline formulas is escaped", () => {
  const [made] = withMathml([{ id: "a", about: 'If $x$ < "y" & more' }]);
  assert.equal(made.about, "If <math><mi>x</mi></math> &#60; &#34;y&#34; &#38; more");
});

test("an entry without formulas passes unchanged", () => {
  const entry = { id: "plain", about: "Two sentences.", title: "Plain" };
  assert.deepEqual(withMathml([entry]), [entry]);
});

test("faults name the entry", () => {
  assert.throws(() => withMathml([{ id: "broken", formula: ["\\frac{1"] }]), /^Error: broken: /);
  assert.throws(() => withMathml([{ id: "odd", about: "costs $5" }]), /^Error: odd: a dollar sign without its partner/);
});
