// Parameters as people type them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bareNumber } from "../../www/params.js";

test("a number is read as people type it", () => {
  const typed = {
    "50%": "50",
    " 12.5 % ": "12.5",
    "1,000": "1000",
    "-12,345.5": "-12345.5",
    "0,5": "0.5",
    "1e-4": "1e-4",
    x: "x",
  };
  for (const [text, wanted] of Object.entries(typed)) assert.equal(bareNumber(text), wanted, text);
});
