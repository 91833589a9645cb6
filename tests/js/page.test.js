// The pure parts of the page, without a page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { plainly, spelt } from "../../www/greek.js";
import { History } from "../../www/history.js";
import { packPictures, pageFaults, readQuery, touchesOf, unpackPictures, writeQuery } from "../../www/permalink.js";
import { inkOf, isEmpty } from "../../www/pictures.js";
import { powers } from "../../www/powers.js";
import { hasSimd } from "../../www/probe.js";
import { Turns } from "../../www/turns.js";

test("what the pages say stands in the strings file", async () => {
  for (const name of ["index", "experiment", "embed", "sweep"]) {
    const html = await readFile(new URL(`../../www/${name}.html`, import.meta.url), "utf8");
    const file = html.match(/data-strings="([^"]*)"/)?.[1] ?? "./strings.js";
    const { strings } = await import(new URL(file, new URL("../../www/", import.meta.url)).href);
    // Each tag with what follows it; the lines for a page whose scripts are not there cannot come from a script.
    const body = html
      .slice(html.indexOf("<body"))
      .replace(/<noscript>.*?<\/noscript>|<p class="wrap late".*?<\/p>/gs, "");
    const said = [...body.matchAll(/<([^>]*)>([^<]*)/g)].flatMap(([, tag, text]) => {
      const places = tag.match(/data-words="([^"]*)"/)?.[1].split(" ") ?? [];
      const attributes = [...tag.matchAll(/(aria-label|title|placeholder)="([^"]*)"/g)];
      return [
        ...attributes.map(([, place, key]) => ({ key, worded: places.includes(place) })),
        { key: text.trim(), worded: places.includes("text") },
      ].filter(({ key }) => !["", "&nbsp;", "Attractor"].includes(key));
    });
    assert.ok(said.length > 0);
    for (const { key, worded } of said) {
      assert.ok(worded, `${name}.html says "${key}" by itself`);
      assert.equal(typeof strings[key], "string", `${name}.html wants the words of ${key}`);
    }
  }
});

test("what a hand did is done to another run at its start, without its settings", () => {
  assert.deepEqual(touchesOf([["do", "0d2.1.2~12sbeta:3~40p1.0.5.6.255~41w1.0"]]), [
    ["do", "0d2.1.2~0p1.0.5.6.255~0w1.0"],
  ]);
  assert.deepEqual(touchesOf([["do", "3sbeta:4"]]), []);
  assert.deepEqual(touchesOf([["beta", "4"]]), []);
});

test("each word of the address that a page does not know is a fault of its own", () => {
  const { page } = readQuery("?hide=claims,view-2,view-9,beta&lock=x,beta&speed=max&theme=blue");
  const faults = pageFaults(page, { params: ["beta"], views: 3, speeds: ["1", "max"] });
  assert.deepEqual(
    faults.map(({ name, given }) => [name, given]),
    [
      ["hide", "view-9"],
      ["lock", "x"],
      ["theme", "blue"],
    ],
  );
});

test("a query is split into what the run is and how the page shows it", () => {
  const { pairs, page, pictures } = readQuery("?v=1&id=a&beta=2&hide=seed,speed&theme=dark&in=xyz&play=1");
  assert.deepEqual(pairs, [
    ["v", "1"],
    ["id", "a"],
    ["beta", "2"],
  ]);
  assert.deepEqual(
    [...page],
    [
      ["hide", "seed,speed"],
      ["theme", "dark"],
      ["play", "1"],
    ],
  );
  assert.equal(pictures, "xyz");
});

test("a query is written as it was read", () => {
  const query = "?v=1&id=a&plane=2.1.cue&do=0d1.2048.1024~3p2.0.9.9.255";
  assert.equal(writeQuery(readQuery(query).pairs), query);
  assert.deepEqual(readQuery(writeQuery([["a", "x & y=ß"]])).pairs, [["a", "x & y=ß"]]);
});

test("pictures survive the way through a link", async () => {
  const pictures = [
    { param: "own", width: 3, height: 2, ink: Uint8Array.of(0, 1, 2, 253, 254, 255) },
    { param: "cue", width: 300, height: 1, ink: new Uint8Array(300).fill(9) },
  ];
  const text = await packPictures(pictures);
  assert.match(text, /^[\w-]+$/);
  assert.deepEqual(await unpackPictures(text), pictures);
  assert.equal(await packPictures([]), "");
});

test("a broken picture in a link is refused in words", async () => {
  await assert.rejects(unpackPictures("%%%"), /must be deflated pictures/);
  await assert.rejects(unpackPictures("AAAA"), /must be deflated pictures/);
  const whole = await packPictures([{ param: "own", width: 2, height: 2, ink: Uint8Array.of(1, 2, 3, 4) }]);
  await assert.rejects(unpackPictures(whole.slice(0, -4)), /must be deflated pictures|ends in the middle/);
});

test("ink is luma turned over, and nothing where a pixel is transparent", () => {
  const rgba = Uint8ClampedArray.of(255, 255, 255, 255, 0, 0, 0, 255, 255, 0, 0, 255, 0, 0, 0, 0);
  assert.deepEqual([...inkOf(rgba)], [0, 255, 179, 0]);
  assert.ok(isEmpty(Uint8Array.of(7, 7, 7)));
  assert.ok(!isEmpty(Uint8Array.of(7, 8, 7)));
});

test("Greek letters and their names find each other", () => {
  for (const [text, word] of [
    ["Sharpness β", "beta"],
    ["the weight decay lambda", "λ"],
    ["the weight decay λ", "lamb"],
    ["Load Α", "alpha"],
    ["ϵ and µ", "ε"],
    ["ϵ and µ", "mu"],
  ])
    assert.ok(spelt(text).includes(plainly(word)), `${word} in ${text}`);
  assert.ok(!spelt("beta and metal").includes("η"), "no letter of a part of a word");
});

test("what is very small or large is a power of ten, whoever wrote it, and words stay words", () => {
  for (const [written, read] of [
    ["7.4e-4", "7.4·10⁻⁴"],
    ["below 1e-12", "below 10⁻¹²"],
    ["-1e+5 to 2e10", "−10⁵ to 2·10¹⁰"],
    ["3e-16 over 8 bags.", "3·10⁻¹⁶ over 8 bags."],
    ["10⁻⁹, 0.001, 3e45f1, the 2e, v1e2", "10⁻⁹, 0.001, 3e45f1, the 2e, v1e2"],
  ])
    assert.equal(powers(written), read);
});

test("rows that come again lie over those that were there, and a branch forgets what was behind it", () => {
  const rows = new History();
  rows.add({ from: 0, width: 2, data: Float32Array.of(1, 10, 2, 20, 3, 30) });
  rows.add({ from: 1, width: 2, data: Float32Array.of(5, 50) });
  assert.deepEqual(rows.column(1), [
    [0, 10],
    [1, 50],
    [2, 30],
  ]);
  rows.cut(1);
  assert.deepEqual(rows.column(0), [
    [0, 1],
    [1, 5],
  ]);
  assert.deepEqual(rows.column(-1), []);
  assert.deepEqual(rows.column(2), []);
});

test("drawing fills a frame and goes on in the next, and what waited longest comes first", (t) => {
  let [now, told, drawn] = [0, 0, ""];
  /** @type {(() => void) | null} */
  let next = null;
  t.mock.method(performance, "now", () => now);
  const timeline = { currentTime: 0 };
  const browser = {
    document: { timeline },
    requestAnimationFrame: (/** @type {() => void} */ draw) => {
      next = draw;
    },
    cancelAnimationFrame: () => {
      next = null;
    },
  };
  Object.assign(globalThis, browser);
  t.after(() => Object.keys(browser).forEach((name) => Reflect.deleteProperty(globalThis, name)));

  const [a, b, c, far] = ["a", "b", "c", "far"].map((name) => ({ name }));
  const turns = new Turns((thing) => thing !== far);
  const ask = (/** @type {number} */ picture, /** @type {{name: string}[]} */ ...things) => {
    for (const thing of things)
      turns.ask(thing, () => {
        now += 4;
        drawn += `${thing.name}${picture} `;
      });
  };
  const go = () => turns.go(() => told++);
  const frame = () => {
    timeline.currentTime += 16;
    next?.();
  };
  const seen = () => {
    const all = drawn.trim();
    drawn = "";
    return all;
  };

  ask(1, a, b, c, far);
  go();
  assert.equal(seen(), "a1 b1 c1", "what nobody knows the time of is drawn");
  assert.equal(told, 1);
  frame();
  ask(2, a, b, c);
  go();
  assert.equal(seen(), "a2 b2", "a third would be over the time of a frame");
  assert.equal(told, 1);
  ask(3, a, b, c);
  go();
  assert.equal(seen(), "", "in this frame there is no more to spend");
  frame();
  assert.equal(seen(), "c3 a3", "something newer took the place of what waited");
  frame();
  assert.equal(seen(), "b3");
  assert.equal(told, 2);
  turns.draw(far);
  assert.equal(seen(), "far1", "what may not be drawn waits until it is asked for");
  ask(4, a);
  turns.forget(a);
  frame();
  go();
  assert.equal(seen(), "");
});

test("the SIMD probe is a valid module where SIMD is known", () => {
  assert.equal(hasSimd(), true); // Node has known it since version 16
});
