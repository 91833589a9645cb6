// How long the net of p = 113 takes to grok in the page: only told, for it holds for this machine.
import { after, before, test } from "node:test";
import { grok } from "../browser/grok.mjs";
import { catalogue, open } from "../browser/harness.mjs";

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

test("the net of p = 113 groks at full speed, in how many seconds is told", async (t) => {
  const { presets } = catalogue.find(({ id }) => id === "grokking");
  t.diagnostic(await grok(lab, presets.find(({ name }) => name === "p = 113").set, 5));
});
