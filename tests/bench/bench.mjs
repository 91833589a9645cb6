// Measures the kernels in headless Chromium beside their rivals and beside the machine's limit.
//
//   node bench.mjs [--record] [--samples N] [--only TEXT] MODULE.wasm
//
// Each sample is some 12 ms of work. Its cost is the processor time of the renderer's main thread,
// as the kernel of the system counts it, less that of an empty call: on a shared machine the clock
// on the wall says more about the others. The contenders of a case take turns, the limit among
// them, and each is compared with the limit of its own case.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus, platform, release } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { FLAGS } from "../chromium.mjs";

const { values: options, positionals } = readArguments();
const [modulePath] = positionals;
if (!modulePath) throw new Error("got no module, wanted the path of attractor_bench.wasm");
const here = import.meta.dirname;
const SAMPLE_MS = 12;

const server = await serve();
const browser = await chromium.launch({ executablePath: options.browser, args: FLAGS });
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const cases = await page.evaluate(() => window.load());
  const clock = await mainThreadClock(browser, page);
  const report = [await heading(browser, page)];
  console.log(report[0]);
  for (const [index, work] of cases.entries()) {
    if (!work.name.includes(options.only)) continue;
    const table = describe(work, await measure(page, clock, index, work));
    console.log(table);
    report.push(table);
  }
  if (options.record) {
    mkdirSync(join(here, "record"), { recursive: true });
    const day = new Date().toISOString().slice(0, 10);
    writeFileSync(join(here, "record", `${day}.md`), `${report.join("\n")}\n`);
  }
} finally {
  await browser.close();
  server.close();
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        record: { type: "boolean", default: false },
        samples: { type: "string", default: "15" },
        only: { type: "string", default: "" },
        browser: { type: "string", default: "/usr/bin/chromium" },
      },
    });
  } catch (error) {
    console.error(`bench: ${error.message}\n       it takes --record, --samples N and --only TEXT`);
    process.exit(2);
  }
}

/** Serves the page, the module and its rivals, bundled on the way. */
async function serve() {
  const bundle = await build({
    entryPoints: [join(here, "rivals/index.js")],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  const script = "text/javascript";
  const tfjs = join(here, "node_modules/@tensorflow/tfjs-backend-wasm/dist");
  const files = {
    "/": ["text/html", () => '<!doctype html><script type="module" src="page.js"></script>'],
    "/page.js": [script, () => readFileSync(join(here, "page.js"))],
    "/module.js": [script, () => readFileSync(join(here, "module.js"))],
    "/rivals.js": [script, () => bundle.outputFiles[0].text],
    "/bench.wasm": ["application/wasm", () => readFileSync(modulePath)],
    "/tfjs/tfjs-backend-wasm-simd.wasm": [
      "application/wasm",
      () => readFileSync(join(tfjs, "tfjs-backend-wasm-simd.wasm")),
    ],
  };
  const server = createServer((request, response) => {
    const file = files[request.url];
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": file[0] }).end(file[1]());
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return server;
}

/** Reads the milliseconds that the main thread of the page's renderer has had so far. */
async function mainThreadClock(browser, page) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const read = (id) => Number(readFileSync(`/proc/${id}/task/${id}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  // The browser keeps a spare renderer: ours is the one that works.
  const before = renderers.map(read);
  await page.evaluate(() => {
    const end = performance.now() + 100;
    while (performance.now() < end);
  });
  const used = renderers.map((id, i) => read(id) - before[i]);
  const id = renderers[used.indexOf(Math.max(...used))];
  return () => read(id);
}

/** For each contender the milliseconds of its samples, for one run. */
async function measure(page, clock, index, work) {
  const run = (contender, times) => page.evaluate(([i, c, t]) => window.run(i, c, t), [index, contender, times]);
  const cost = async (call) => {
    const before = clock();
    await call();
    return clock() - before;
  };
  const empty = [];
  for (let i = 0; i < 21; i++) empty.push(await cost(() => run(0, 0)));
  const overhead = median(empty);

  const times = [];
  for (const contender of work.contenders.keys()) {
    // Long enough for the engine to finish with its optimising compiler.
    let once = Infinity;
    for (let spent = 0; spent < 100; ) {
      const took = await run(contender, 1);
      once = Math.min(once, took);
      spent += Math.max(took, 0.5);
    }
    const some = Math.max(1, Math.ceil(2 / Math.max(once, 0.01)));
    once = Math.min(once + 0.1, (await run(contender, some)) / some);
    times.push(Math.max(1, Math.round(SAMPLE_MS / once)));
  }

  const samples = work.contenders.map(() => []);
  for (let round = 0; round < Number(options.samples); round++) {
    for (const [contender, count] of times.entries()) {
      const spent = await cost(() => run(contender, count));
      samples[contender].push((spent - overhead) / count);
    }
  }
  return samples;
}

/** One table of the report. Ratios are to the fastest of the limits, or of the dense kernels that sparse ones are held against. */
function describe(work, samples) {
  const speed = (ms) => (1000 * work.operations) / ms / work.scale;
  const best = samples.map((ms) => speed(Math.min(...ms)));
  const those = (word) => best.filter((_, i) => work.contenders[i].startsWith(word));
  const against = ["limit", "dense"].find((word) => those(word).length > 0);
  const goal = { limit: `${work.goal} of the limit`, dense: `${work.goal} times the best dense kernel` };
  const rows = work.contenders.map((name, i) => {
    const ratio = against ? (best[i] / Math.max(...those(against))).toFixed(2) : "";
    return `| ${name} | ${best[i].toFixed(2)} | ${speed(median(samples[i])).toFixed(2)} | ${ratio} |`;
  });
  return [
    `\n### ${work.name}\n\nGoal: ${goal[against] ?? `${work.goal} ${work.unit}`}.\n`,
    `| contender | best ${work.unit} | median | best / ${against ?? "limit"} |\n|---|---:|---:|---:|`,
    ...rows,
  ].join("\n");
}

async function heading(browser, page) {
  const digest = await page.evaluate(() => window.digest());
  return `# ${new Date().toISOString().slice(0, 10)}

- Processor: ${cpus()[0].model}, ${cpus().length} seen; ${platform()} ${release()}
- Browser: Chromium ${browser.version()}, headless
- Cost of a sample: processor time of the renderer's main thread, ${options.samples} samples
- Digest of all results: ${digest}`;
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
