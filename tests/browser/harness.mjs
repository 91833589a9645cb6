// A browser on the built site: what every browser test starts from.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { FLAGS } from "../chromium.mjs";
import { readGolden } from "../golden.mjs";
import { serve } from "../serve.mjs";

/** Milliseconds that a page is waited for: the native tests run beside it, on machines that are slow already. */
const PATIENCE = 180_000;

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const json = async (name) => JSON.parse(await readFile(at(`../../dist/pkg/${name}`), "utf8"));
const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Every experiment with all that it says of itself. */
export const catalogue = await Promise.all((await json("catalogue.json")).map(({ id }) => json(`entries/${id}.json`)));
export const golden = readGolden(await readFile(at("../golden.tsv"), "utf8"));

export const stepOf = (page) => page.evaluate(() => Number(document.querySelector("#views").dataset.step));
export const digestOf = async (page) => {
  await page.waitForSelector("#views[data-digest]");
  return page.evaluate(() => document.querySelector("#views").dataset.digest);
};
export const waitForStep = (page, step) =>
  page.waitForFunction((wanted) => document.querySelector("#views").dataset.step === String(wanted), step);

/** How many of a canvas' pixels differ from its first. */
export const inkIn = (canvas) =>
  canvas.evaluate((element) => {
    const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    let count = 0;
    for (let i = 4; i < data.length; i += 4) if (data[i] !== data[0] || data[i + 3] !== data[3]) count += 1;
    return count;
  });

/** Violations that axe finds, in words. */
export async function violations(page) {
  if (!(await page.evaluate(() => Boolean(globalThis.axe)))) await page.evaluate(axeSource);
  // A colour that is on its way to another has no contrast of its own yet.
  await page.evaluate(() => {
    const under = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    return Promise.allSettled(under.map(({ finished }) => finished));
  });
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/**
 * Serves dist/ from a sub-path, as many hosts do, and opens a browser.
 */
export async function open() {
  // First: a server that is open would keep the test waiting where there is no browser.
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
  const root = await mkdtemp(join(tmpdir(), "attractor-"));
  await cp(at("../../dist"), join(root, "site"), { recursive: true });
  await cp(at("../golden.mjs"), join(root, "golden.mjs"));
  // Browsers ask for it beside pages that are no HTML and name no icon.
  await writeFile(join(root, "favicon.ico"), "");
  const server = await serve(root, 0, "max-age=3600");
  const site = `${server.url}site/`;

  /**
   * A page that fails the test on any error in its console.
   * @param {import("playwright-core").BrowserContextOptions} options
   * @param {import("playwright-core").BrowserContext} [shared] a context that outlives the page, with what it keeps; the options are not its
   */
  async function page(options = {}, shared) {
    const context = shared ?? (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options }));
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("requestfailed", (request) => {
      // A page that is left drops what it was still loading.
      const why = request.failure()?.errorText ?? "";
      if (why !== "net::ERR_ABORTED") errors.push(`${request.url()}: ${why}`);
    });
    page.on(
      "response",
      (response) => response.status() >= 400 && errors.push(`${response.url()}: ${response.status()}`),
    );
    return {
      page,
      errors,
      async close() {
        await (shared ? page : context).close();
        assert.deepEqual(errors, [], "the console of the page is clean");
      },
    };
  }

  /** A fresh page at an address of the site. */
  async function visit(path, options, shared) {
    const visitor = await page(options, shared);
    await visitor.page.goto(site + path);
    await visitor.page.waitForSelector("[data-booted]");
    return visitor;
  }

  return {
    browser,
    /** Address of the site, ending in a slash. */
    site,
    /** Address of what reads and runs golden rows. */
    golden: `${server.url}golden.mjs`,
    page,
    visit,
    /** An experiment whose first frame is drawn. */
    async visitRun(query, options, shared) {
      const visitor = await visit(`experiment.html?${query}`, options, shared);
      await visitor.page.waitForSelector("#views[data-step]");
      return visitor;
    },
    async close() {
      await browser.close();
      await server.close();
      await rm(root, { recursive: true });
    },
  };
}
