// The page of sweeps: it fills, is called off, gives its table away, and each tile leads to the very run.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { catalogue, digestOf, open, violations } from "./harness.mjs";

const SMALL = "v=1&id=hebb-letters&cue=2&axis=letters=2..6:3&axis=flipped=0..0.4:3&seeds=2";
/** Every run of it takes long enough to be called off. */
const SLOW = "v=1&id=capacity&axis=units=600..1000:20&axis=turned=0..0.4:20&seeds=1";

let lab;
before(async () => {
  lab = await open();
});
after(() => lab?.close());

const ready = (page) => page.waitForSelector("#show option[value=claim-1]", { state: "attached" });
const over = (page) => page.waitForFunction(() => document.querySelector("#start").textContent === "Start");

/** A sweep that is over. */
async function swept(query, options) {
  const visitor = await lab.visit(`sweep.html?${query}`, options);
  await ready(visitor.page);
  await visitor.page.click("#start");
  await over(visitor.page);
  return visitor;
}

/** The rows of the file that the page gives away. */
async function csvOf(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#csv")]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

const rowsOf = async (page) => (await csvOf(page)).text.trim().split("\n").slice(1);

/** The rows of a sweep that is called off. */
async function csvAtStop(page) {
  await page.click("#start");
  await over(page);
  return rowsOf(page);
}

/** The table of the command that the page names. */
async function nativeTable(page) {
  const folder = await mkdtemp(join(tmpdir(), "attractor-"));
  const table = join(folder, "sweep.csv");
  const words = (await page.textContent("#command")).trim().split(/\s+/).slice(1, -1);
  execFileSync(new URL("../../target/debug/attractor", import.meta.url).pathname, [...words, table]);
  const text = await readFile(table, "utf8");
  await rm(folder, { recursive: true });
  return text;
}

test("a grid fills, its table is that of the command, and a tile leads to runs with the same digests", async () => {
  const { page, close } = await lab.visit(`sweep.html?${SMALL}`);
  await ready(page);
  assert.match(await page.textContent("#state"), /^3 × 3 tiles, 2 seeds: 18 runs$/);
  assert.equal(await page.locator(".tile:visible").count(), 0);
  assert.match(await page.textContent("#fixed"), /Letter to recall 2/);
  assert.deepEqual(await violations(page), []);
  await page.click("#start");
  await over(page);
  assert.match(await page.textContent("#state"), /^All 18 runs are over/);
  assert.equal(await page.textContent("#voice"), await page.textContent("#state"));
  assert.equal(await page.locator(".tile:visible").count(), 9);
  assert.deepEqual(await violations(page), []);

  const { name, text } = await csvOf(page);
  assert.equal(name, "hebb-letters-sweep.csv");
  assert.equal(text, await nativeTable(page));

  const [head, ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const tile = page.locator(".tile[aria-label^='Letters stored 4, Points flipped 40 %: energy']");
  await tile.focus();
  await page.keyboard.press("Enter");
  const links = page.locator(".runs a");
  assert.equal(await links.count(), 2);
  assert.match(await links.nth(1).textContent(), /^Seed 2: energy .* at step \d+$/);
  assert.deepEqual(await violations(page), []);
  const row = rows.find((row) => row[0] === "4" && row[1] === "0.4" && row[2] === "2");
  await links.nth(1).click();
  await page.waitForURL(/experiment\.html/);
  assert.equal(new URL(page.url()).search, `?${row[head.indexOf("link")]}`);
  assert.equal(await digestOf(page), row[head.indexOf("digest")]);
  await close();
});

test("a sweep is called off, and what was over is kept", async () => {
  const { page, close } = await lab.visit(`sweep.html?${SLOW}`);
  await ready(page);
  await page.click("#start");
  await page.waitForFunction(() => document.querySelectorAll(".tile:not(.coming)").length >= 3);
  assert.match(await page.textContent("#state"), /^\d+ of 400 runs/);
  assert.deepEqual(await violations(page), []);
  await page.click("#start");
  const state = await page.textContent("#state");
  const done = Number(state.match(/^Stopped after (\d+) of 400 runs/)[1]);
  assert.ok(done >= 3 && done < 400);
  await page.waitForTimeout(1000);
  assert.equal(await page.textContent("#state"), state);
  assert.equal((await csvOf(page)).text.trim().split("\n").length, 1 + done);
  await close();
});

test("what was over is there after a reload and after a look at a run, and Start goes on to the table of the command", async () => {
  // Enough runs that a quick machine has some left when it is reloaded.
  const { page, close } = await lab.visit("sweep.html?v=1&id=capacity&axis=units=300..600:4&seeds=8");
  await ready(page);
  assert.ok(await page.isHidden("#forget"));
  await page.click("#start");
  await page.waitForFunction(() => document.querySelectorAll(".tile:not(.coming)").length >= 3);
  const first = await csvAtStop(page);
  await page.reload();
  await ready(page);
  assert.match(await page.textContent("#state"), new RegExp(`^${first.length} of 32 runs are over. Start goes on.$`));
  assert.deepEqual(await rowsOf(page), first);
  assert.deepEqual(await violations(page), []);

  // Reloaded without being stopped, and left for a run.
  await page.click("#start");
  await page.waitForFunction((n) => document.querySelector("#progress").value > n, first.length + 2);
  await page.reload();
  await ready(page);
  // What was being written as the page went, one run a worker, may be taken once more.
  assert.ok(Number((await page.textContent("#state")).match(/^(\d+) of 32/)[1]) > first.length);
  await page.click(".tile[tabindex='0']");
  await page.click(".runs a");
  await page.waitForURL(/experiment\.html/);
  await page.goBack();
  await ready(page);
  const known = await rowsOf(page);
  assert.ok(known.length > first.length);
  await page.click("#start");
  await over(page);
  assert.match(await page.textContent("#state"), new RegExp(`^All 32 runs are over, the last ${32 - known.length} in`));
  assert.equal((await csvOf(page)).text, await nativeTable(page));
  await close();
});

test("a changed axis keeps the runs that it shares, and they can be forgotten and had back", async () => {
  const { page, close } = await swept("v=1&id=hebb-letters&axis=letters=2..6:3&axis=flipped=0..0.4:3&seeds=2");
  const [, , count] = await page.locator("#field-across input[type=text]").all();
  await count.fill("5");
  await page.keyboard.press("Tab");
  const state = (text) => page.waitForFunction((text) => document.querySelector("#state").textContent === text, text);
  await state("18 of 30 runs are over. Start goes on.");
  assert.equal(await page.locator(".tile:visible").count(), 9);
  await page.click("#start");
  await over(page);
  assert.match(await page.textContent("#state"), /^All 30 runs are over, the last 12 in/);
  assert.equal((await csvOf(page)).text, await nativeTable(page));
  assert.match(await page.textContent("#state"), /To run them again, forget them first.$/);
  assert.ok(await page.isDisabled("#start"));
  await page.click("#forget");
  await state("5 × 3 tiles, 2 seeds: 30 runs");
  assert.ok(await page.isEnabled("#start"));
  assert.equal(await page.locator(".tile:visible").count(), 0);
  await page.click(".toast button");
  await state("All 30 runs are over. To run them again, forget them first.");
  await page.click("#forget");
  await state("5 × 3 tiles, 2 seeds: 30 runs");
  await page.reload();
  await ready(page);
  await state("5 × 3 tiles, 2 seeds: 30 runs");
  await close();
});

test("where the browser keeps nothing, runs are known as long as the page is there", async () => {
  const { page, close } = await lab.page();
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("no storage here", "SecurityError");
    };
  });
  await page.goto(`${lab.site}sweep.html?${SMALL}`);
  await ready(page);
  await page.click("#start");
  await over(page);
  assert.match(await page.textContent("#state"), /^All 18 runs are over/);
  await page.fill("#seeds", "3");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => /^18 of 27 runs are over/.test(document.querySelector("#state").textContent));
  await page.reload();
  await ready(page);
  assert.match(await page.textContent("#state"), /^3 × 3 tiles, 3 seeds: 27 runs$/);
  await close();
});

test("a tile of one seed is a link, arrows go from tile to tile, and any claim can be drawn", async () => {
  const { page, close } = await swept("v=1&id=hebb-letters&axis=letters=1..3:3&axis=cue=1..2:2&seeds=1&steps=5");
  assert.equal(await page.locator(".tile[tabindex='0']").count(), 1);
  await page.locator(".tile[tabindex='0']").focus();
  const here = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.match(await here(), /^Letters stored 1, Letter to recall 1: /);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.match(await here(), /^Letters stored 2, Letter to recall 2: energy/);
  await page.selectOption("#show", "claim-1");
  assert.match(await here(), /agrees|no seed can tell/);
  assert.match(page.url(), /show=claim-1/);
  await page.click("#as-table");
  assert.equal(await page.locator("#table tbody tr").count(), 6);
  assert.deepEqual(await violations(page), []);
  await page.click("#as-table");
  await page.locator(".tile:focus, .tile[tabindex='0']").first().click();
  await page.waitForURL(/experiment\.html\?v=1&id=hebb-letters&seed=1&letters=2&cue=2&at=/);
  await close();
});

test("lists, a step to stop at and runs that read files give the table of the command", async () => {
  const { page, close } = await swept(
    "v=1&id=hopfield-rules&axis=rule=projection,hebb&axis=memories=20,5,7&seeds=2&steps=3&flipped=0.1",
  );
  assert.equal((await csvOf(page)).text, await nativeTable(page));
  await close();
});

test("the form is in the address, and comes back from it", async () => {
  const { page, close } = await lab.visit("sweep.html?v=1&id=hebb-letters");
  await ready(page);
  await page.selectOption("#up", "");
  const [from, to, count] = await page.locator("#field-across input[type=text]").all();
  await from.fill("2");
  await to.fill("5");
  await count.fill("4");
  await page.fill("#seeds", "5");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.querySelector("#state").textContent === "4 tiles, 5 seeds: 20 runs");
  await page.reload();
  await ready(page);
  assert.equal(await page.textContent("#state"), "4 tiles, 5 seeds: 20 runs");
  assert.equal(await page.inputValue("#up"), "");
  await page.fill("#seeds", "0");
  await page.keyboard.press("Tab");
  await page.waitForSelector("#field-seeds.refused");
  assert.ok(await page.isDisabled("#start"));
  assert.deepEqual(await violations(page), []);
  await close();
});

test("bad links never break the page", async () => {
  const bad =
    "v=2&id=hebb-letters&cue=9&nope=1&axis=letters=0..9:3&axis=letters=1,2&axis=x=1..2:3&seeds=-1&steps=1e9&show=z&in=%25";
  const { page, close } = await lab.visit(`sweep.html?${bad}`);
  await page.waitForSelector("#alert:not([hidden])");
  const said = await page.textContent("#alert");
  for (const word of [
    "v must be 1",
    "Letter to recall",
    "nope is not a parameter",
    "Letters stored is one too many",
    "x is no setting that can go along a side. You gave “1..2:3”",
    "show may be",
  ])
    assert.ok(said.includes(word), `${word}: ${said}`);
  assert.equal(await page.locator(".refused").count(), 3);
  assert.deepEqual(await violations(page), []);
  await page.fill("#seeds", "1");
  await page.fill("#steps", "3");
  await page.fill("#field-across input[type=text]", "1");
  await page.locator("#field-across input[type=text]").nth(1).fill("3");
  await page.keyboard.press("Tab");
  await page.click("#start:not([disabled])");
  await over(page);
  assert.match(await page.textContent("#state"), /^All 3 runs are over/);
  await close();
});

test("an experiment of each wing has a sweep to start, with nothing asked for", async () => {
  const { page, close } = await lab.page();
  const wings = new Map(catalogue.map((entry) => [entry.wing, entry]));
  for (const { id, params } of wings.values()) {
    await page.goto(`${lab.site}sweep.html?v=1&id=${id}&steps=1&seeds=1`);
    await ready(page);
    assert.equal(await page.locator(".refused").count(), 0, id);
    assert.ok((await page.locator("#across option").count()) > 0, id);
    assert.ok((await page.locator("#across option").count()) <= params.length, id);
    assert.ok(await page.isEnabled("#start"), id);
  }
  await close();
});

test("there is no sweep of nothing", async () => {
  const { page, close } = await lab.page();
  await page.goto(`${lab.site}sweep.html?id=`);
  await page.waitForSelector("[data-booted]");
  assert.equal(await page.textContent("h1"), "Nothing to run here");
  assert.deepEqual(await violations(page), []);
  await close();
});

test("an experiment leads to its sweep with the settings that it has", async () => {
  const { page, close } = await lab.visitRun("v=1&id=hebb-letters&seed=4&at=2");
  await page.locator("#field-cue input[type=text]").fill("3");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.search.includes("cue=3"));
  await page.hover("#sweep-link");
  await page.waitForFunction(() => document.querySelector("#sweep-link").href.includes("cue=3"));
  await page.click("#sweep-link");
  await page.waitForURL(/sweep\.html/);
  await ready(page);
  assert.match(await page.textContent("#fixed"), /Letter to recall 3/);
  await page.waitForFunction(() => location.search.includes("cue=3") && !location.search.includes("seed="));
  await close();
});

test("where workers are refused the page takes the runs itself", async () => {
  const { page, close } = await lab.page();
  await page.addInitScript(() => {
    globalThis.Worker = class {
      constructor() {
        throw new Error("no workers here");
      }
    };
  });
  await page.goto(`${lab.site}sweep.html?${SMALL}`);
  await ready(page);
  await page.click("#start");
  await over(page);
  assert.match(await page.textContent("#state"), /^All 18 runs are over/);
  await close();
});

test("fits a phone in the dark", async () => {
  const phone = { colorScheme: "dark", viewport: { width: 390, height: 844 } };
  const { page, close } = await swept(SMALL, phone);
  assert.deepEqual(await violations(page), []);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
  await close();
});
