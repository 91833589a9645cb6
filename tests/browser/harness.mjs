// A browser on the built site: what every browser test starts from.
import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../serve.mjs";

// A root in a container needs the first; the others keep the browser from calling its maker.
const FLAGS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Serves dist/ from a sub-path, as many hosts do, and opens a browser.
 */
export async function open() {
  // First: a server that is open would keep the test waiting where there is no browser.
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
  const root = await mkdtemp(join(tmpdir(), "attractor-"));
  await cp(at("../../dist"), join(root, "site"), { recursive: true });
  await cp(at("../golden.mjs"), join(root, "golden.mjs"));
  const server = await serve(root);
  return {
    browser,
    /** Address of the site, ending in a slash. */
    site: `${server.url}site/`,
    /** Address of what reads and runs golden rows. */
    golden: `${server.url}golden.mjs`,
    /**
     * A page that fails the test on any error in its console.
     * @param {import("playwright-core").BrowserContextOptions} options
     */
    async page(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      // Browsers ask for it beside pages that are no HTML and name no icon.
      await context.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
      const page = await context.newPage();
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
          await context.close();
          assert.deepEqual(errors, [], "the console of the page is clean");
        },
      };
    },
    async close() {
      await browser.close();
      await server.close();
      await rm(root, { recursive: true });
    },
  };
}
