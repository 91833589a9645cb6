// The page in a real browser: it plays, is read aloud and by keys, answers the hand, and lives through bad input.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { catalogue, digestOf, golden, inkIn, open, stepOf, violations, waitForStep } from "./harness.mjs";

let lab;
/** @type {Awaited<ReturnType<typeof open>>["visit"]} */
let visit;
/** @type {Awaited<ReturnType<typeof open>>["visitRun"]} */
let visitRun;
before(async () => {
  lab = await open();
  ({ visit, visitRun } = lab);
});
after(() => lab?.close());

test("a browser without SIMD loads the other module and shows the same bits", async () => {
  const row = golden[0];
  const { page, close } = await lab.page();
  const modules = new Set();
  await page
    .context()
    .route("**/probe.js", (route) =>
      route.fulfill({ contentType: "text/javascript", body: "export const hasSimd = () => false;" }),
    );
  page.context().on("request", (request) => modules.add(request.url().match(/[^/]+\.wasm$/)?.[0]));
  await page.goto(`${lab.site}experiment.html?${row.query}&at=${row.steps}`);
  assert.equal(await digestOf(page), row.digest);
  modules.delete(undefined);
  assert.ok(modules.size > 1 && [...modules].every((name) => name.startsWith("attractor_scalar")), [...modules].join());
  await close();
});

describe("a run", () => {
  test("plays to its end, restarts, plays again, and is reloaded where it was", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&rate=1&speed=4");
    await page.keyboard.press(" ");
    await page.waitForFunction(() => {
      const { step, digest } = document.querySelector("#views").dataset;
      return document.querySelector(".timeline b").textContent.endsWith("settled") && Number(step) > 0 && digest;
    });
    const [end, digest] = [await stepOf(page), await digestOf(page)];
    assert.ok(end > 0);
    await page.keyboard.press("r");
    await waitForStep(page, 0);
    await page.click("[data-act=play]");
    await waitForStep(page, end);
    assert.equal(await digestOf(page), digest);
    await page.waitForFunction((step) => location.search.includes(`at=${step}`), end);
    await page.reload();
    await waitForStep(page, end);
    assert.equal(await digestOf(page), digest);
    await close();
  });

  test("a new seed is another run and can be taken back", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    const digest = await digestOf(page);
    await page.keyboard.press("n");
    await page.waitForFunction((old) => (document.querySelector("#views").dataset.digest ?? old) !== old, digest);
    await page.click(".toast button");
    await page.waitForFunction((old) => document.querySelector("#views").dataset.digest === old, digest);
    await close();
  });

  test("a seed is typed; one that is none stays to be mended, and the run lives on", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    const digest = await digestOf(page);
    const box = page.locator(".seed input");
    await box.fill("-3");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#transport.refused");
    assert.match(await page.textContent("#transport .fault"), /Seed must be a whole number.*You gave “-3”/);
    assert.deepEqual(await violations(page), []);
    assert.equal(await digestOf(page), digest);
    await box.fill("4294967295");
    await page.keyboard.press("Enter");
    await page.waitForFunction((old) => (document.querySelector("#views").dataset.digest ?? old) !== old, digest);
    await page.waitForFunction(() => location.search.includes("seed=4294967295"));
    assert.equal(await page.locator(".refused").count(), 0);
    await page.goBack();
    await page.waitForFunction((old) => document.querySelector("#views").dataset.digest === old, digest);
    assert.equal(await box.inputValue(), "1");
    await close();
  });

  test("Back leads to the settings before a preset, a new seed and the defaults, without a reload", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&at=3");
    await page.evaluate(() => {
      globalThis.same = true;
    });
    const digests = [await digestOf(page)];
    const other = (old) =>
      page.waitForFunction((before) => {
        const { digest } = document.querySelector("#views").dataset;
        return digest && digest !== before;
      }, old);
    for (const act of [
      () => page.click(".chip >> text=Blend"),
      () => page.keyboard.press("n"),
      () => page.click("#defaults"),
    ]) {
      await act();
      await other(digests.at(-1));
      digests.push(await digestOf(page));
    }
    // A slider leaves no entry.
    await page.focus("#beta");
    await page.keyboard.press("ArrowLeft");
    await other(digests.at(-1));
    for (const digest of digests.slice(0, 3).reverse()) {
      await page.goBack();
      await page.waitForFunction((wanted) => document.querySelector("#views").dataset.digest === wanted, digest);
    }
    assert.equal(await page.inputValue("#field-beta input[type=text]"), "24");
    assert.equal(await stepOf(page), 3);
    await page.goForward();
    await page.waitForFunction((wanted) => document.querySelector("#views").dataset.digest === wanted, digests[1]);
    assert.ok(await page.evaluate(() => globalThis.same), "the page is still the same");
    await close();
  });

  test("of presets that are pressed faster than the run answers the last one holds", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    const pressed = () => page.evaluate(() => document.querySelector(".chip[aria-pressed=true]")?.textContent);
    for (const names of [
      ["Photographs", "Noisy", "Four families", "Blend"],
      ["Four families", "Half hidden", "Four families"],
    ]) {
      for (const wait of [0, 10, 20, 60]) {
        await page.evaluate(
          async ([names, wait]) => {
            for (const name of names) {
              [...document.querySelectorAll(".chip")].find(({ textContent }) => textContent === name).click();
              await new Promise((next) => setTimeout(next, wait));
            }
          },
          [names, wait],
        );
        await page.waitForTimeout(500);
        assert.equal(await pressed(), names.at(-1), `${names}, ${wait} ms apart`);
      }
    }
    // A setting that is moved right after a preset holds, too.
    await page.evaluate(() => {
      /** @type {HTMLElement} */ (document.querySelector(".chip")).click();
      const beta = document.querySelector("#beta");
      beta.valueAsNumber = Number(beta.max);
      beta.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.waitForTimeout(500);
    assert.equal(await page.inputValue("#field-beta input[type=text]"), "200");
    await close();
  });

  test("a hidden seed is moved by no key", async () => {
    const { page, close } = await visitRun("v=1&id=hebb-letters&seed=1&hide=seed");
    const digest = await digestOf(page);
    await page.keyboard.press("n");
    await page.keyboard.press("ArrowRight");
    await waitForStep(page, 1);
    await page.keyboard.press("r");
    await waitForStep(page, 0);
    assert.equal(await digestOf(page), digest);
    await close();
  });

  test("beta moves live and the scrubber scrubs", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&at=5");
    const digest = await digestOf(page);
    await page.focus("#beta");
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction((old) => (document.querySelector("#views").dataset.digest ?? old) !== old, digest);
    assert.equal(await stepOf(page), 5, "the run was replayed to the step on screen");
    assert.ok(await page.locator("#field-beta.changed").count());
    await page.focus(".timeline input");
    await page.keyboard.press("ArrowRight");
    await waitForStep(page, 6);
    await close();
  });

  test("what is orange in a chart moves along its axis, by pointer and by keys", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&at=5");
    const beta = () => page.inputValue("#field-beta input[type=text]").then(Number);
    const grip = page.getByRole("slider", { name: /sharpness β in the chart/ });
    await grip.scrollIntoViewIfNeeded();
    const box = await grip.boundingBox();
    const at = box.x + 12 + (await grip.evaluate(({ value, max }) => value / max)) * (box.width - 24);
    await page.mouse.move(at, box.y + 20);
    await page.mouse.down();
    // Move by move, each waited for: of several that are under way the first to arrive is not where the hand ends.
    let dragged = await beta();
    for (const by of [20, 40, 60, 80, 100]) {
      await page.mouse.move(at - by, box.y + 20);
      await page.waitForFunction(
        (old) => Number(document.querySelector("#field-beta input[type=text]").value) < old,
        dragged,
      );
      dragged = await beta();
    }
    await page.mouse.up();
    assert.ok(dragged < 12, String(dragged));
    await grip.focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(
      (old) => Number(document.querySelector("#beta").getAttribute("aria-valuetext")) > old,
      dragged,
    );
    assert.equal(await stepOf(page), 5);
    await page.getByRole("slider", { name: /step in the chart/ }).focus();
    await page.keyboard.press("ArrowRight");
    await waitForStep(page, 6);
    await close();
  });

  test("a parameter that is locked is no more orange in a chart than in the form", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&lock=beta");
    assert.equal(await page.locator(".grip").count(), 1, "only the step moves");
    await close();
  });

  test("keys move a slider of whole numbers where they lie far apart", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&memories=2");
    await page.focus("#memories");
    for (const [key, count] of [
      ["ArrowRight", 3],
      ["ArrowLeft", 2],
      ["ArrowLeft", 1],
    ]) {
      await page.keyboard.press(key);
      await page.waitForFunction((n) => document.querySelectorAll(".glyphs.strip li").length === n, count);
    }
    await close();
  });

  test("the probe moves by pointer and by keys, and rolls when it is let go", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&at=9");
    const probe = page.locator(".probe");
    const box = await probe.boundingBox();
    await page.mouse.move(box.x + 22, box.y + 22);
    await page.mouse.down();
    await page.mouse.move(box.x + 120, box.y - 60, { steps: 5 });
    await waitForStep(page, 0);
    await page.mouse.up();
    await page.waitForFunction(() => Number(document.querySelector("#views").dataset.step) > 2);
    await page.keyboard.press(" ");
    await probe.focus();
    const left = await probe.evaluate((element) => element.style.left);
    await page.keyboard.press("Shift+ArrowRight");
    await waitForStep(page, 0);
    await page.waitForFunction((old) => document.querySelector(".probe").style.left !== old, left);
    await page.waitForFunction(() => location.search.includes("do=0d1."));
    await close();
  });

  test("a cue is painted by keys, stored, used, and removed", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    const digest = await digestOf(page);
    await page.locator(".easel canvas").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press(" ");
    await page.waitForFunction((old) => (document.querySelector("#views").dataset.digest ?? old) !== old, digest);
    await page.click("text=Store cue");
    await page.waitForFunction(() => document.querySelectorAll(".glyphs.strip li").length === 13);
    await page.waitForFunction(() => location.search.includes("in="));
    assert.match(await page.evaluate(() => location.search), /do=0p/, "what was painted on the cue stays");
    const stored = await digestOf(page);
    await page.reload();
    await page.waitForSelector("#views[data-digest]");
    assert.equal(await digestOf(page), stored, "a stored picture survives in the link");
    await page.click(".brought button");
    await page.waitForFunction(() => document.querySelectorAll(".glyphs.strip li").length === 12);
    await close();
  });

  test("pictures are picked for the plane, and a view shows its table and expands", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    await page.locator(".pick").nth(4).click();
    await page.waitForFunction(() => document.querySelector(".pick[aria-pressed=true]"));
    await page.waitForFunction(() => location.search.includes("plane=5"));
    assert.equal(await page.textContent(".picked"), await page.getAttribute(".pick >> nth=4", "title"));
    await page.click(".picked button");
    await page.waitForFunction(() => !document.querySelector(".pick[aria-pressed=true]"));
    assert.ok(await page.isChecked("#field-plane input[value='']"));
    await page.click("[aria-label='Show as table: Memories']");
    assert.equal(await page.locator("#views table tbody tr").count(), 12);
    await page.click("[aria-label='Show as table: Cue, state, nearest']");
    const alike = await page
      .locator("[aria-label='Cue, state, nearest'] tbody tr")
      .evaluateAll((rows) => rows.map((row) => [...row.cells].slice(2).map((cell) => Number(cell.textContent))));
    for (const [i, row] of alike.entries()) {
      assert.equal(row[i], 1, "a picture is like itself");
      for (const [k, x] of row.entries()) assert.equal(x, alike[k][i]);
    }
    await page.click("[aria-label='Expand: Energy landscape']");
    assert.equal(await page.locator("dialog canvas").count(), 1);
    // There the run goes on, and stays the same.
    await page.keyboard.press("ArrowRight");
    await waitForStep(page, 1);
    for (const key of ["n", "r", "ArrowRight"]) await page.keyboard.press(key);
    await waitForStep(page, 2);
    assert.equal(await page.inputValue(".seed input"), "1");
    assert.equal(await page.locator(".toast").count(), 0);
    await page.keyboard.press("Space");
    await page.waitForSelector("#views:not([data-digest])");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector("dialog"));
    await page.keyboard.press("n");
    await page.waitForSelector(".toast");
    await close();
  });

  test("a landscape becomes a relief that keys and pointer turn, and a map again", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&at=4");
    const canvas = page.locator(".surface canvas");
    const look = () => canvas.evaluate((element) => element.toDataURL());
    const map = await look();
    const loaded = () =>
      page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.endsWith("relief.js")));
    assert.ok(!(await loaded()), "its code is loaded when it is asked for");
    const tool = page.locator("[aria-label^='In 3-D']");
    await tool.click();
    await page.waitForSelector(".surface.relief");
    assert.ok(await loaded());
    assert.deepEqual(await violations(page), []);
    const front = await look();
    assert.notEqual(front, map);
    await canvas.focus();
    await page.keyboard.press("ArrowRight");
    const turned = await look();
    assert.notEqual(turned, front);
    const box = await canvas.boundingBox();
    await page.mouse.move(box.x + 50, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + 90, box.y + 70);
    await page.mouse.up();
    assert.notEqual(await look(), turned);
    await tool.click();
    assert.equal(await look(), map);
    await close();
  });

  test("of a thousand pictures only those near sight have boxes, and keys reach them all", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&memories=1000");
    const list = page.locator(".glyphs.many");
    const boxes = () => list.evaluate((ul) => [...ul.children].flatMap((li, i) => (li.hidden ? [] : [i])));
    const start = await boxes();
    assert.ok(start[0] === 0 && start.length < 150, `${start.length} boxes`);
    const height = await list.evaluate((ul) => ul.scrollHeight);
    await page.locator(".pick").first().focus();
    await page.keyboard.press("End");
    assert.equal(await page.evaluate(() => document.activeElement.parentElement.ariaPosInSet), "1000");
    assert.ok((await boxes()).includes(999) && !(await boxes()).includes(0));
    assert.equal(await list.evaluate((ul) => ul.scrollHeight), height, "the list keeps its length");
    assert.ok((await inkIn(page.locator(".pick canvas").last())) > 0, "what came into sight is drawn");
    await page.keyboard.press("Home");
    await page.waitForFunction(() => document.querySelector(".glyphs.many").scrollTop === 0);
    assert.deepEqual(await boxes(), start);
    await close();
  });
});

test("names of curves that end together stand apart, inside their chart", async () => {
  for (const width of [1440, 1240, 390, 320]) {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&beta=6&hidden=0.7", {
      viewport: { width, height: 844 },
    });
    const { names, chart } = await page.evaluate(() => {
      const box = (element) => element.getBoundingClientRect().toJSON();
      const found = [...document.querySelectorAll(".chart .name")];
      return { names: found.map(box), chart: box(found[0].closest("svg")) };
    });
    assert.equal(names.length, 2);
    const [above, below] = names.sort((a, b) => a.top - b.top);
    assert.ok(below.top - above.top >= 13.5, `${width} px: ${below.top - above.top}`);
    for (const { left, right, top, bottom } of names)
      assert.ok(left >= chart.left && right <= chart.right && top >= chart.top && bottom <= chart.bottom);
    await close();
  }
});

test("words over the scrubber and at the marks of a chart stand apart", async () => {
  for (const width of [1440, 768]) {
    const { page, close } = await visitRun("v=1&id=numerical-edge&seed=1", { viewport: { width, height: 900 } });
    const rows = await page.evaluate(async () => {
      const host = document.createElement("div");
      host.className = "transport";
      document.querySelector(".stage").append(host);
      const { Transport } = await import("./transport.js");
      const transport = new Transport(host, { steps: 1500, log_steps: true, pace: 6 }, {}, new Set());
      transport.begin("1", 1500);
      const events = [
        [36, "by heart"],
        [1009, "collapsed"],
        [1400, "far from it"],
        [1500, "by heart only"],
      ];
      transport.show({ step: 1500, last: 1500, playing: false, goal: null, ended: null, events, captions: [] });
      // They are placed once the page was laid out.
      await new Promise((laid) => requestAnimationFrame(() => requestAnimationFrame(laid)));
      const boxes = (all) => [...all].map((element) => element.getBoundingClientRect().toJSON());
      const marks = host.querySelector(".marks");
      const charts = [...document.querySelectorAll(".chart:has(.event)")];
      const words = () => [boxes([marks])[0], boxes(marks.querySelectorAll("span:not([hidden])"))];
      const rest = words();
      const first = marks.querySelector("span").hidden;
      // A word that gave way stands while the hand is at its tick.
      const ticks = [...marks.querySelectorAll("i")];
      const hovered = ticks.map((tick) => {
        const clientX = tick.getBoundingClientRect().left;
        marks.parentElement.dispatchEvent(new PointerEvent("pointermove", { clientX, bubbles: true }));
        return tick.nextElementSibling.hidden || first ? [boxes([marks])[0], []] : words();
      });
      return [
        rest,
        ...hovered,
        ...charts.map((chart) => [boxes([chart])[0], boxes(chart.querySelectorAll(".event ~ .halo:not(.name)"))]),
      ];
    });
    assert.equal(rows.length, 6);
    for (const [room, words] of rows) {
      assert.ok(words.length >= 1, `${width} px: no word`);
      for (const [i, a] of words.entries()) {
        assert.ok(a.left >= room.left - 1 && a.right <= room.right + 1, `${width} px: a word is cut`);
        for (const b of words.slice(i + 1))
          assert.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 3 || b.bottom <= a.top + 3);
      }
    }
    await close();
  }
});

test("however many memories there are, the whole landscape stands over the transport", async () => {
  for (const memories of [4, 12, 13, 16, 24, 1000]) {
    const { page, close } = await visitRun(`v=1&id=modern-hopfield&seed=1&memories=${memories}`);
    const map = await page.locator(".surface").boundingBox();
    const bar = await page.locator("#transport").boundingBox();
    assert.ok(bar.y + bar.height <= 900 && map.y + map.height <= bar.y, `${memories}: ${map.y + map.height}, ${bar.y}`);
    await close();
  }
});

test("on a phone the transport is one row, which rises for the keyboard, and a toast stands above it", async () => {
  const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1", { viewport: { width: 390, height: 844 } });
  const seen = () =>
    page.evaluate(() => innerHeight - document.querySelector("#transport").getBoundingClientRect().top);
  assert.ok((await seen()) <= 72, `${await seen()} px`);
  await page.keyboard.press("n");
  const over = async () => {
    const toast = await page.locator(".toast").boundingBox();
    const bar = await page.locator("#transport").boundingBox();
    assert.ok(toast.y >= 0 && toast.y + toast.height <= 844, "in sight");
    assert.ok(toast.y + toast.height <= bar.y || toast.y >= bar.y + bar.height, "over no key");
  };
  await over();
  // Towards the end of the stage the transport rises, and then it leaves.
  for (const down of [300, 200, 200, 200, 200]) {
    await page.hover(".toast");
    await page.mouse.wheel(0, down);
    await page.waitForTimeout(100);
    await over();
  }
  await page.evaluate(() => scrollTo(0, 0));
  await page.focus("#transport .reach");
  await page.keyboard.press("Tab");
  const speed = await page.locator("#transport select").boundingBox();
  assert.ok(speed.y + speed.height <= 844);
  // The scrubber has room for the thumb, and for how a run ended.
  await page.setViewportSize({ width: 360, height: 740 });
  const scrub = await page.locator("#transport [type=range]").boundingBox();
  assert.ok(scrub.width >= 140, `${scrub.width} px`);
  const word = page.locator("#transport .ends b");
  await word.evaluate((b) => b.replaceChildren("step 1610, all runs over"));
  assert.ok((await word.boundingBox()).height < 20, "in one line");
  await close();
});

describe("where workers are refused", () => {
  /** Whether a host like this lets a page have this worker. @type {[string, (url: string) => boolean][]} */
  const hosts = [
    ["a worker from a file", (url) => url.startsWith("blob:")],
    ["every worker", () => false],
  ];
  /** @param {(url: string) => boolean} allows */
  async function visitHost(allows, query) {
    const visitor = await lab.page();
    await visitor.page.addInitScript((source) => {
      const allowed = new Function(`return ${source}`)();
      globalThis.Worker = class extends Worker {
        constructor(url, options) {
          if (!allowed(String(url))) throw new DOMException("refused", "SecurityError");
          super(url, options);
        }
      };
    }, String(allows));
    await visitor.page.goto(`${lab.site}experiment.html?${query}`);
    await visitor.page.waitForSelector("#views[data-step]");
    return visitor;
  }

  for (const [what, allows] of hosts) {
    test(`a host that refuses ${what} sees the same bits`, async () => {
      const row = golden[0];
      const { page, close } = await visitHost(allows, `${row.query}&at=${row.steps}`);
      assert.equal(await digestOf(page), row.digest);
      assert.equal(page.workers().length, allows("blob:") ? 1 : 0);
      await close();
    });
  }

  /** Puts a method in the place of one of the core that runs on the page itself. */
  const change = (page, source) =>
    page.evaluate(async (text) => {
      const { Session } = await import(new URL("pkg/attractor.js", location.href).href);
      new Function("Session", text)(Session);
    }, source);

  test("a core that trapped on the page is replaced by another", async () => {
    const { page, close } = await visitHost(() => false, "v=1&id=hebb-letters&seed=1");
    const digest = await digestOf(page);
    await change(page, "Session.prototype.advance = () => { throw new WebAssembly.RuntimeError('unreachable') }");
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector("#alert:not([hidden])");
    assert.match(await page.textContent("#alert"), /It said: unreachable/);
    // The digest to wait for is the new run's.
    await page.evaluate(() => delete document.querySelector("#views").dataset.digest);
    await page.click("#alert button");
    assert.equal(await digestOf(page), digest);
    await page.keyboard.press("ArrowRight");
    await waitForStep(page, 1);
    await close();
  });

  test("a run that diverged says where and of what, and goes back", async () => {
    const { page, close } = await visitHost(() => false, "v=1&id=hebb-letters&seed=1&at=2");
    await change(
      page,
      `const { state } = Session.prototype;
      Session.prototype.state = function () {
        const now = state.call(this);
        return now.step < 3 ? now : { ...now, ended: { word: "diverged", metric: "energy" } };
      };`,
    );
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector("#alert:not([hidden])");
    assert.match(await page.textContent("#alert"), /stopped at step 3.*energy was no longer a finite number/);
    assert.equal(await page.textContent("#alert button"), "Go back to the start");
    await page.click("#alert button");
    await waitForStep(page, 0);
    assert.ok(await page.isHidden("#alert"));
    await close();
  });
});

test("a claim that a preset measures presses it, and goes to its button", async () => {
  const { page, close } = await lab.visitRun("v=1&id=grokking&seed=1&at=0");
  await page.click(".claim .why button");
  assert.equal(await page.textContent(".chip:focus"), "No decay");
  await page.waitForSelector('.chip:focus[aria-pressed="true"]');
  await close();
});

test("what is not finite is a gap in a chart, and no number of it", async () => {
  const squares = "decay=2&fraction=0.3&width=128&loss=square&rate=0.02";
  const { page, close } = await lab.visitRun(
    `v=1&id=grokking&seed=1&${squares}&at=165&do=160srate%3A10~160sdecay%3A10`,
  );
  await page.waitForSelector("#alert:not([hidden])");
  assert.match(
    await page.textContent("#alert"),
    /stopped at step 164.*training loss was no longer a finite number: it was infinity/,
  );
  assert.equal(await page.textContent("#alert button"), "Go back 100 steps");
  const charts = await page.locator(".chart").evaluateAll((all) => all.map(({ outerHTML }) => outerHTML));
  assert.ok(charts.length > 2);
  for (const chart of charts) assert.doesNotMatch(chart, /NaN|Infinity/);
  // The curves from before the last step are more than a line on the floor.
  const heights = await page
    .locator("[aria-label^='Loss'] .line")
    .evaluateAll((all) => all.map((line) => line.getBBox().height));
  assert.ok(Math.min(...heights) > 3, String(heights));
  await close();
});

test("a net whose weights have no end is drawn all the same, and what broke is named", async () => {
  const { page, close } = await lab.visitRun("v=1&id=grokking&seed=1&rate=10&at=300");
  await page.waitForSelector("#alert:not([hidden])");
  assert.match(await page.textContent("#alert"), /stopped at step \d+.*no longer a finite number/);
  await close();
});

test("a plane is named on both axes, its table has its cells, and a claim's band its tolerance", async () => {
  const { page, close } = await visitRun("v=1&id=phase-diagram&seed=1&at=12");
  const words = await page.locator("[aria-label^='The map of phases'] > text").allTextContents();
  for (const name of ["load α, patterns for each unit", "temperature T"]) assert.ok(words.includes(name), name);
  await page.click("[aria-label='Show as table: The map of phases']");
  const cells = await page.locator("#views table + table td").allTextContents();
  assert.equal(cells.length, 12 * 12);
  assert.equal(cells.filter((text) => text !== "").length, 12);
  assert.deepEqual(await violations(page), []);
  const wide = (selector) =>
    page
      .locator(selector)
      .first()
      .evaluate((part) => part.getBoundingClientRect().width);
  assert.ok((await wide(".rule .slack")) > (await wide(".rule .slack + .band")));
  await close();
});

test("series that share a name have the colours of the first curves, the last first", async () => {
  const { page, close } = await lab.visit("");
  const tints = await page.evaluate(async () => {
    const { tintsOf } = await import("./views/lines.js");
    const series = (drawn, labels) => labels.map((label) => ({ drawn, label }));
    return tintsOf([
      ...series("line", ["a", "b", "c"]),
      ...series("spread", ["measured", "", ""]),
      ...series("reference", ["", ""]),
    ]);
  });
  assert.deepEqual(tints, [0, 1, 2, 2, 1, 0, 6, 7]);
  await close();
});

test("what scrolls fades at the sides where there is more", async () => {
  const { page, close } = await visitRun("v=1&id=energy-dial&seed=1", { viewport: { width: 390, height: 844 } });
  const sides = (box) =>
    box.evaluate((element) => ["--left", "--right"].map((side) => element.style.getPropertyValue(side)));
  const box = page.locator(".glyphs.strip").first();
  assert.deepEqual(await sides(box), ["0px", "28px"]);
  await box.evaluate((element) => element.scrollTo(element.scrollWidth, 0));
  await page.waitForFunction(
    (element) => element.style.getPropertyValue("--left") === "28px",
    await box.elementHandle(),
  );
  assert.deepEqual(await sides(box), ["28px", "0px"]);
  await close();
});

test("a band is an area around the line of its means", async () => {
  for (const path of ["experiment.html?v=1&id=scale-mixture&seed=1", "?q=surprise"]) {
    const { page, close } = await lab.visit(path);
    await page.waitForSelector(".chart .band .fill", { state: "attached" });
    const bands = await page.locator(".chart g.band:has(.fill)").evaluateAll((all) =>
      all.map((band) => {
        const [area, line] = [band.querySelector(".fill"), band.querySelector(".line")];
        const { length } = line.getAttribute("d").split("L");
        const middle = line.getPointAtLength(0.5 * line.getTotalLength());
        return { outline: area.getAttribute("d").split("L").length / length, inside: area.isPointInFill(middle) };
      }),
    );
    assert.deepEqual(
      bands,
      [
        { outline: 2, inside: true },
        { outline: 2, inside: true },
      ],
      path,
    );
    await close();
  }
});

test("a map has one unit in both directions", async () => {
  const { page, close } = await lab.visitRun("v=1&id=grokking-transformer&seed=1");
  const [across, up] = await page
    .locator(".chart[aria-label^='A map of the numbers']")
    .first()
    .evaluate((chart) => {
      const [axis, ...rest] = [...chart.querySelectorAll("line.axis, line.grid")].filter(
        (line) => line.getAttribute("y1") === line.getAttribute("y2"),
      );
      const heights = rest.map((line) => Number(line.getAttribute("y1")));
      const width = Number(axis.getAttribute("x2")) - Number(axis.getAttribute("x1"));
      // From -1.1 to 1.1 across; the grid lies at -1, 0 and 1.
      return [width / 2.2, (Math.max(...heights) - Math.min(...heights)) / 2];
    });
  assert.ok(Math.abs(across - up) < 0.5, `${across} and ${up} pixels`);
  await close();
});

test("what a chart says under the pointer stays inside the chart", async () => {
  const { page, close } = await lab.visitRun("v=1&id=sparse-parity&seed=1&at=100");
  const charts = page.locator(".readable");
  let told = 0;
  for (let i = 0; i < (await charts.count()); i++) {
    const chart = charts.nth(i);
    await chart.scrollIntoViewIfNeeded();
    // Over its plot, where curves are; the transport may lie over what is under the middle of the window.
    const box = await chart.boundingBox();
    await chart.dispatchEvent("pointermove", { clientX: box.x + 0.2 * box.width, clientY: box.y + 50 });
    const out = await chart.locator(".readout").boundingBox();
    if (!out) continue;
    told += 1;
    assert.ok(out.x >= box.x - 1 && out.x + out.width <= box.x + box.width + 1, `chart ${i}: ${out.x}, ${box.x}`);
  }
  assert.ok(told > 1);
  await close();
});

test("names of marks that stand alone cover no mark and no other name", async () => {
  const { page, close } = await lab.visitRun("v=1&id=grokking-tickets&seed=1&at=452");
  await waitForStep(page, 452);
  const boxes = await page
    .locator(".chart[aria-label^='Steps to 95']")
    .first()
    .evaluate((chart) =>
      ["text.name", ".marker"].map((kind) =>
        [...chart.querySelectorAll(kind)].map((element) => {
          const { x, y, width, height } = element.getBBox();
          return { left: x, right: x + width, top: y, bottom: y + height, text: element.textContent };
        }),
      ),
    );
  const [names, marks] = boxes;
  assert.deepEqual([names.length, marks.length], [9, 8]);
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom;
  names.forEach((name, i) => {
    const covered = [...names.slice(i + 1), ...marks].filter((other) => meet(name, other));
    assert.deepEqual(covered, [], name.text);
  });
  await close();
});

/** A picture all of black, a bit a pixel. @param {number} width @param {number} height */
function blackPng(width, height) {
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    const body = Buffer.concat([Buffer.from(type), data]);
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head[8] = 1;
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))));
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

describe("bad input", () => {
  test("a browser without scripts is told what is missing", async () => {
    for (const path of ["", "experiment.html", "embed.html"]) {
      const { page, errors, close } = await lab.page({ javaScriptEnabled: false });
      await page.goto(lab.site + path);
      assert.ok(await page.isVisible("noscript p"));
      assert.ok(await page.isHidden("main"));
      errors.length = 0; // scripts that are loaded ahead, and refused
      await close();
    }
    const { page, errors, close } = await lab.page({ javaScriptEnabled: false });
    await page.goto(`${lab.site}notices.html`);
    assert.ok(await page.isVisible("main"), "the licences can be read");
    errors.length = 0;
    await close();
  });

  test("a link with several faults shows each at its place and starts without them", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=x&beta=250&memories=10000&bata=3");
    assert.match(await page.textContent("#field-beta .fault"), /must be between 0.1 and 200. You gave “250”/);
    assert.match(await page.textContent("#field-memories .fault"), /whole number between 1 and 1000. You gave “10000”/);
    const alert = await page.textContent("#alert");
    assert.match(await page.textContent("#transport .fault"), /Seed must be a whole number.*You gave “x”/);
    assert.match(alert, /bata is not a parameter here.*Did you mean beta/);
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("ArrowRight");
    await waitForStep(page, 1);
    await close();
  });

  test("a refused value leaves the run as it was", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1&at=4");
    const digest = await digestOf(page);
    for (const typed of ["250", "", "abc", "1e999"]) {
      await page.fill("#field-beta input[type=text]", typed);
      await page.keyboard.press("Tab");
      await page.waitForSelector("#field-beta.refused");
      assert.equal(await digestOf(page), digest);
      await page.fill("#field-beta input[type=text]", "24");
      await page.keyboard.press("Tab");
      await page.waitForSelector("#field-beta:not(.refused)");
    }
    await close();
  });

  test("an unknown experiment gets a way back, and the one that was meant", async () => {
    for (const [id, ways] of [
      ["no-such-thing", ["./"]],
      ["hebb-leters", ["?id=hebb-letters", "./"]],
    ]) {
      const { page, errors, close } = await visit(`experiment.html?v=1&id=${id}`);
      assert.match(await page.textContent("#alert"), /no experiment by that name/);
      const found = await page.locator("#alert a").evaluateAll((links) => links.map((a) => a.getAttribute("href")));
      assert.deepEqual(found, ways);
      errors.length = 0; // the file of an experiment that is not
      await close();
    }
  });

  test("words of the address that the page does not know are told, and the run starts", async () => {
    const { page, close } = await visitRun(
      "v=1&id=modern-hopfield&seed=1&hide=seetings,claims&lock=betta&theme=pink&speed=7&play=yes",
    );
    const told = await page.textContent("#alert");
    for (const given of ["seetings", "betta", "pink", "7", "yes"]) assert.ok(told.includes(`“${given}”`), given);
    assert.ok(!told.includes("“claims”"));
    assert.ok(await page.isHidden("#claims"));
    // The address keeps what could be read.
    await page.waitForFunction(() => /&hide=claims$/.test(location.search));
    await close();
  });

  test("of a link of another version only the experiment is read", async () => {
    const { page, close } = await visitRun("v=99&id=modern-hopfield&seed=7&beta=5&memories=10000&theme=dark");
    const told = await page.textContent("#alert");
    assert.match(told, /its settings were not read:.*v must be 1.*You gave “99”/);
    assert.equal(await page.locator(".refused").count(), 0);
    await page.waitForFunction(() => location.search === "?v=1&id=modern-hopfield&seed=1&theme=dark");
    await close();
  });

  test("what a hand touched is no preset, until the preset is asked for again", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    const digest = await digestOf(page);
    const chip = page.locator(".chip").first();
    assert.equal(await chip.getAttribute("aria-pressed"), "true");
    await page.locator(".easel canvas").focus();
    await page.keyboard.press(" ");
    await page.waitForFunction(() => !document.querySelector(".chip[aria-pressed=true]"));
    await chip.click();
    await page.waitForSelector(".chip[aria-pressed=true]");
    assert.equal(await digestOf(page), digest);
    await close();
  });

  test("what a chart says of dragging is said only where it can be dragged", async () => {
    for (const [query, says] of [
      ["", true],
      ["&lock=load", false],
    ]) {
      const { page, close } = await visitRun(`v=1&id=phase-diagram&seed=1${query}`);
      assert.equal((await page.textContent("#views")).includes("Drag the orange dot."), says);
      await close();
    }
  });

  test("a site that is not whole says so instead of staying blank", async () => {
    for (const [path, missing] of [
      ["", "catalogue.json"],
      ["experiment.html?v=1&id=modern-hopfield", "*_bg.wasm"],
      ["experiment.html?v=1&id=modern-hopfield", "*.modern-hopfield.wasm"],
    ]) {
      const { page, errors, close } = await lab.page();
      await page.context().route(`**/pkg/${missing}`, (route) => route.fulfill({ status: 404 }));
      await page.goto(lab.site + path);
      await page.waitForFunction(() =>
        document.querySelector("[role=alert]")?.textContent.includes("could not be loaded"),
      );
      assert.ok(await page.locator("[role=alert]").first().isVisible());
      await page.goto("about:blank"); // or it would ask for them again
      errors.length = 0; // the files that are missing on purpose
      await close();
    }
  });

  test("icons that do not come harm nothing else, and a script that does not come is told at once", async () => {
    const run = "experiment.html?v=1&id=modern-hopfield&seed=1";
    for (const [path, missing, answer, seen] of [
      ["", "icons.svg", "404", ".card"],
      [run, "icons.svg", "abort", "#views[data-step]"],
      [run, "views/map.js", "abort", ".late"],
      ["", "strings.js", "404", ".late"],
    ]) {
      const { page, errors, close } = await lab.page();
      await page
        .context()
        .route(`**/${missing}`, (route) => (answer === "404" ? route.fulfill({ status: 404 }) : route.abort()));
      await page.goto(lab.site + path);
      await page.locator(seen).first().waitFor();
      if (seen === ".late") assert.match(await page.textContent(seen), /could not be loaded. Reload/);
      errors.length = 0; // the file that is missing on purpose
      await close();
    }
  });

  for (const [path, place, drawn] of [
    ["", "#hero .alert", "#hero .probe"],
    ["experiment.html?v=1&id=modern-hopfield&seed=1&beta=6", "#alert:not([hidden])", "#views[data-step]"],
  ])
    test(`a core that did not come is asked for once more, ${path ? "for a run" : "for the gallery"}`, async () => {
      const { page, errors, close } = await lab.page();
      const files = "**/pkg/*_bg.wasm";
      await page.context().route(files, (route) => route.abort());
      await page.goto(lab.site + path);
      await page.waitForSelector(place);
      assert.match(await page.textContent(place), /The core could not be loaded/);
      assert.equal(await page.locator(".progress:visible").count(), 0, "nothing is on its way");
      await page.context().unroute(files);
      await page.click(`${place} button`);
      await page.waitForSelector(drawn, { state: "attached" });
      assert.equal(await page.locator(place).count(), 0);
      if (path) assert.equal(await page.inputValue("#field-beta input[type=text]"), "6", "it is the run of the link");
      errors.length = 0; // the file that was missing on purpose
      await close();
    });

  test("a view out of sight shows the last frame when frames rest", async () => {
    const { page, close } = await visitRun("v=1&id=ticket-lab&seed=1", { viewport: { width: 1280, height: 600 } });
    const lineAt = () => page.locator(".chart-host line.now").last().getAttribute("x1");
    const slide = (/** @type {number[]} */ places) =>
      page.evaluate(async (places) => {
        const slider = document.querySelector("#sparsity");
        for (const place of places) {
          slider.valueAsNumber = Number(slider.max) * place;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          await new Promise((wake) => setTimeout(wake, 30));
        }
      }, places);
    await slide([0.3]);
    await page.waitForTimeout(500);
    const there = await lineAt();
    // Many frames in a row, and the last of them is of the same cut.
    await slide([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]);
    await page.waitForFunction(
      (there) => [...document.querySelectorAll(".chart-host line.now")].at(-1).getAttribute("x1") === there,
      there,
    );
    await slide([0.4, 0.5, 0.6, 0.7]);
    await page.waitForFunction(
      (there) => [...document.querySelectorAll(".chart-host line.now")].at(-1).getAttribute("x1") !== there,
      there,
    );
    await close();
  });

  test("a slider ends where its setting does, and one without effect says so", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    assert.equal(await page.getAttribute("#recall", "max"), "12");
    await page.check("[name=choice-pictures][value=families]", { force: true });
    await page.waitForSelector("#memories:disabled");
    assert.equal(await page.textContent("#field-memories .idle"), "The families are always 16.");
    assert.equal(await page.getAttribute("#recall", "max"), "16");
    await page.check("[name=choice-pictures][value=digits]", { force: true });
    await page.waitForSelector("#memories:enabled");
    assert.equal(await page.textContent("#field-memories .idle"), "");
    await close();
  });

  test("a brought picture travels as the run reads it, and stays fine for runs that read more", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    const buffer = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(300, 200);
      const g = canvas.getContext("2d");
      for (let i = 0; i < 300; i++) {
        g.fillStyle = `hsl(${i * 7} 80% ${20 + ((i * 37) % 60)}%)`;
        g.fillRect(i, (i * 13) % 90, 9, 110);
      }
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    });
    const plain = await digestOf(page);
    await page.setInputFiles("#own", { name: "stripes.png", mimeType: "image/png", buffer: Buffer.from(buffer) });
    const lengths = [];
    for (const key of ["in=", "pictures=photos"]) {
      if (key !== "in=") await page.click("#field-pictures label:has([value=photos])");
      await page.waitForFunction((text) => location.search.includes("in=") && location.search.includes(text), key);
      const digest = await digestOf(page);
      assert.notEqual(digest, plain);
      lengths.push(new URL(page.url()).searchParams.get("in").length);
      const other = await lab.page();
      await other.page.goto(page.url());
      assert.equal(await digestOf(other.page), digest, key);
      await other.close();
    }
    // 28 x 28 and 64 x 64 bytes of ink, in base64: never longer than unpacked.
    assert.ok(lengths[0] < 1200 && lengths[1] > 2 * lengths[0] && lengths[1] < 6000, String(lengths));
    await close();
  });

  test("files that are no memories are named, and the page lives on", async () => {
    const { page, close } = await visitRun("v=1&id=modern-hopfield&seed=1");
    const bring = async (name, mimeType, buffer) => {
      await page.setInputFiles("#own", { name, mimeType, buffer });
      await page.waitForSelector("#field-own.refused");
      return page.textContent("#field-own .fault");
    };
    assert.match(await bring("notes.png", "image/png", Buffer.from("not a picture")), /notes.png is not a picture/);
    assert.match(await bring("blank.png", "image/png", blackPng(30, 30)), /blank.png has one shade only/);
    assert.match(await bring("huge.png", "image/png", Buffer.alloc(21 << 20)), /huge.png is 21 MB/);
    assert.match(await bring("wide.png", "image/png", blackPng(9000, 5000)), /wide.png is 9000 × 5000 pixels/);
    await page.keyboard.press("ArrowRight");
    await waitForStep(page, 1);
    assert.equal(await page.locator(".glyphs.strip li").count(), 12);
    await close();
  });

  test("a core that crashed can be started again", async () => {
    const { page, errors, close } = await visitRun("v=1&id=modern-hopfield&seed=1&at=3");
    const digest = await digestOf(page);
    // An error that nobody caught, as a worker whose memory ran out throws.
    await page.workers()[0].evaluate(() => {
      setTimeout(() => {
        throw new Error("out of memory");
      });
    });
    await page.waitForFunction(() => document.querySelector("#alert").textContent.includes("out of memory"));
    await page.click("#alert button");
    await waitForStep(page, 0);
    for (let step = 1; step <= 3; step++) {
      await page.keyboard.press("ArrowRight");
      await waitForStep(page, step);
    }
    assert.equal(await digestOf(page), digest);
    errors.length = 0; // the browser reports the error that was thrown on purpose
    await close();
  });
});

describe("the gallery", () => {
  /** Thumbnails are drawn when they come into view. */
  async function seeAll(page) {
    for (const card of await page.locator(".card").all()) {
      await card.scrollIntoViewIfNeeded();
      await card.locator(".thumbnail > *").first().waitFor({ state: "attached" });
    }
  }

  test("hangs every experiment and finds by word and wing", async () => {
    const { page, close } = await visit("");
    assert.equal(await page.locator(".card").count(), catalogue.length);
    await seeAll(page);
    await page.fill("#q", catalogue.at(-1).title);
    assert.equal(await page.textContent("#count"), "1 experiment");
    for (const letter of ["β", "Beta", "λ", "lambda"]) {
      await page.fill("#q", letter);
      assert.ok(await page.locator(".card:visible").count(), letter);
    }
    await page.fill("#q", "zzz");
    assert.ok(await page.isVisible("#none"));
    await page.click("#clear");
    assert.equal(await page.locator(".card:visible").count(), catalogue.length);
    await page.click("[name=wing][value=memory]", { force: true });
    assert.ok((await page.locator(".card:visible").count()) > 0);
    await close();
  });

  test("what a card shows is seen at a glance, and no word of it is cut", async () => {
    const { page, close } = await visit("");
    await seeAll(page);
    const cards = await page.evaluate(() =>
      [...document.querySelectorAll(".thumbnail")].map((card) => {
        const box = card.getBoundingClientRect();
        const drawn = [...card.querySelectorAll("canvas, svg")].map((part) => part.getBoundingClientRect());
        const cut = [...card.querySelectorAll("text")].filter((text) => {
          const { left, right } = text.getBoundingClientRect();
          return left < box.left - 1 || right > box.right + 1;
        });
        return {
          link: card.parentElement.querySelector("a").href,
          high: (Math.max(...drawn.map((d) => d.bottom)) - Math.min(...drawn.map((d) => d.top))) / box.height,
          cut: cut.map((text) => text.textContent),
        };
      }),
    );
    for (const { link, high, cut } of cards) {
      assert.ok(high > 1 / 3, `${link}: ${high.toFixed(2)} of the card's height`);
      assert.deepEqual(cut, [], link);
    }
    await close();
  });

  for (const [theme, width] of [
    ["light", 1440],
    ["dark", 390],
  ]) {
    test(`has no accessibility violation, ${theme}, ${width} px`, async () => {
      const { page, close } = await visit("", { colorScheme: theme, viewport: { width, height: 844 } });
      await seeAll(page);
      assert.deepEqual(await violations(page), []);
      await close();
    });
  }

  test("nothing shifts while a page loads", async () => {
    for (const path of ["", "experiment.html?v=1&id=modern-hopfield&seed=1"]) {
      const { page, close } = await lab.page();
      await page.addInitScript(() => {
        globalThis.shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) globalThis.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
      });
      await page.goto(lab.site + path);
      await page.waitForSelector("[data-booted]");
      await page.waitForFunction(() => document.querySelector("canvas")?.width > 0);
      await page.waitForTimeout(500);
      const shift = await page.evaluate(() => globalThis.shift);
      assert.ok(shift < 0.05, `${path}: the layout shifted by ${shift}`);
      await close();
    }
  });
});

describe("the embed", () => {
  /** A page of another site's making with the embed in a frame; what the frame tells is kept. */
  async function course(query, attributes = {}) {
    const visitor = await lab.page();
    await visitor.page.goto(`${lab.site}favicon.svg`);
    await visitor.page.evaluate(
      ([source, more]) => {
        globalThis.heard = [];
        addEventListener("message", ({ data }) => globalThis.heard.push(data));
        const frame = document.createElementNS("http://www.w3.org/1999/xhtml", "iframe");
        for (const [name, value] of Object.entries(more)) frame.setAttribute(name, value);
        frame.style.cssText = "width:700px;height:600px";
        frame.src = source;
        const outer = document.createElementNS("http://www.w3.org/2000/svg", "foreignObject");
        outer.setAttribute("width", "700");
        outer.setAttribute("height", "600");
        outer.append(frame);
        document.documentElement.append(outer);
      },
      [`${lab.site}embed.html?${query}`, attributes],
    );
    return visitor;
  }

  test("tells its height and its state, and hides what it is told to", async () => {
    const { page, close } = await course("v=1&id=modern-hopfield&seed=1&at=2&hide=seed,speed,view-1");
    await page.waitForFunction(() =>
      ["height", "ready", "state"].every((type) => globalThis.heard.some((data) => data.type === `attractor:${type}`)),
    );
    const heights = await page.evaluate(() =>
      globalThis.heard.filter(({ type }) => type === "attractor:height").map(({ height }) => height),
    );
    assert.ok(heights.at(-1) > 300, String(heights));
    const [, frame] = page.frames();
    assert.equal(await frame.locator("[data-act=seed]").count(), 0);
    assert.equal(await frame.locator("#view-0").count(), 0);
    assert.equal(await frame.locator(".field").count(), 1);
    await close();
  });

  test("shows one setting, and those that it is asked for", async () => {
    for (const [more, fields, chips] of [
      ["", ["sparsity"], false],
      ["&also=then,presets", ["sparsity", "then"], true],
    ]) {
      const { page, close } = await visit(`embed.html?v=1&id=ticket-lab&seed=1${more}`);
      await page.waitForSelector("#views[data-step]");
      const shown = await page.locator(".field").evaluateAll((all) => all.map(({ id }) => id.replace("field-", "")));
      assert.deepEqual(shown, fields);
      assert.equal((await page.locator(".chip").count()) > 0, chips);
      await close();
    }
  });

  test("plays when it comes into sight, and not before", async () => {
    const { page, close } = await lab.page();
    await page.goto(`${lab.site}notices.html`);
    await page.evaluate((source) => {
      globalThis.steps = [];
      addEventListener("message", ({ data }) => data.type === "attractor:state" && globalThis.steps.push(data.step));
      const frame = document.createElement("iframe");
      frame.style.cssText = "display:block;margin-top:4000px;width:700px;height:600px";
      frame.src = source;
      document.body.append(frame);
    }, `${lab.site}embed.html?v=1&id=hebb-letters&seed=1&play=1`);
    const frame = await (await page.waitForSelector("iframe")).contentFrame();
    await frame.waitForSelector("[data-booted]");
    await page.waitForTimeout(500);
    const before = await page.evaluate(() => globalThis.steps);
    assert.ok(
      before.every((step) => step === 0),
      String(before),
    );
    await page.locator("iframe").scrollIntoViewIfNeeded();
    await page.waitForFunction(() => globalThis.steps.some((step) => step > 3));
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(300);
    const there = await page.evaluate(() => globalThis.steps.at(-1));
    await page.waitForTimeout(500);
    assert.equal(await page.evaluate(() => globalThis.steps.at(-1)), there);
    await close();
  });

  test("runs in a sandbox that allows scripts only", async () => {
    const { page, errors, close } = await course("v=1&id=modern-hopfield&seed=1&play=1", { sandbox: "allow-scripts" });
    await page.waitForFunction(() => globalThis.heard.some(({ type, step }) => type === "attractor:state" && step > 3));
    // The browser reports the workers that such a frame may not have.
    errors.splice(0, errors.length, ...errors.filter((text) => !/[Ww]orker/.test(text)));
    await close();
  });

  test("has no accessibility violation", async () => {
    const { page, close } = await visit("embed.html?v=1&id=modern-hopfield&seed=1", {
      viewport: { width: 700, height: 640 },
    });
    await page.waitForSelector("#views[data-step]");
    assert.deepEqual(await violations(page), []);
    await close();
  });
});
