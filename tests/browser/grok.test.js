// The default net groks in the page.
import { after, before, test } from "node:test";
import { grok } from "./grok.mjs";
import { open } from "./harness.mjs";

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

test("the default net groks at full speed, in how many seconds is told", async (t) => {
  t.diagnostic(await grok(lab, [], 1));
});
