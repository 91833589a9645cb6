// The host with a session and a clock of the test's own: pacing, buffers, coalescing, replay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHost } from "../../www/host.js";
import "../../www/take.js"; // so that no test waits for it

const FLOATS = 4;

/**
 * A core whose runs end at step `end` and cost `cost` milliseconds a step. Settings named in `live` are taken without a
 * new beginning; a setting whose value is the name of a file reads it.
 */
function bench({
  pace = 10,
  cost = 0.1,
  end: last = 100,
  live = [],
  file = async () => new Uint8Array(),
  part = async () => {},
} = {}) {
  const clock = { time: 0, timers: [] };
  const calls = [];
  class Session {
    constructor(pairs) {
      if (pairs.some(([key]) => key === "bad")) throw [{ name: "bad", given: "", wanted: "is bad", nearest: null }];
      this.step = 0;
      this.values_ = [["beta", "1"]];
    }
    free() {}
    floats() {
      return FLOATS;
    }
    width() {
      return 1;
    }
    ground() {
      return new Float32Array(2);
    }
    last() {
      return 1000;
    }
    reaches() {
      return [];
    }
    layout() {
      return [{ view: { title: "view", shape: { kind: "lines" } }, floats: FLOATS }];
    }
    link() {
      return [
        [
          ["id", "one"],
          ["seed", "7"],
        ],
        true,
      ];
    }
    values() {
      return this.values_;
    }
    draw(slots) {
      slots.fill(this.step);
    }
    state() {
      return {
        step: this.step,
        ended: this.step >= last ? { word: "done", metric: null } : null,
        events: [],
        captions: ["."],
      };
    }
    rows() {
      return [this.step, this.step];
    }
    claims() {
      calls.push("claims");
      return [];
    }
    digest() {
      return String(this.step);
    }
    metrics() {
      return Float32Array.of(this.step);
    }
    advance(n) {
      const taken = Math.min(n, last - this.step);
      this.step += taken;
      clock.time += taken * cost;
      return taken;
    }
    seek(step) {
      this.step = Math.min(last, step);
      calls.push(`seek ${step}`);
    }
    touch(kind, _view, _item, x) {
      calls.push(kind === "drag" ? `drag ${x}` : kind);
      this.step = 0;
    }
    missing(pairs) {
      return pairs.map(([, text]) => text).filter((text) => text.endsWith(".gz"));
    }
    handIn() {}
    set(pairs) {
      calls.push(`set ${pairs.map((pair) => pair.join("=")).join(" ")}`);
      if (pairs.some(([name]) => name === "bad")) throw [{ name: "bad", given: "", wanted: "is bad", nearest: null }];
      if (pairs.some(([name]) => name === "trap")) throw new Error("unreachable");
      if (pairs.every(([name]) => live.includes(name))) return "now";
      this.step = 0;
      return "again";
    }
  }
  const told = [];
  /** All that can go on without time passing goes on; what waits for a file does not hold up the test. */
  const rest = () => new Promise((resolve) => setImmediate(resolve));
  const handle = createHost({
    core: {
      Session,
      files: (pairs) => pairs.map(([, text]) => text).filter((text) => text.endsWith(".gz")),
      resize: (ink) => ink,
    },
    catalogue: [{ id: "one", pace }],
    post: (message) => told.push(message),
    file,
    part,
    now: () => clock.time,
    later: (then, wait) => clock.timers.push({ at: clock.time + wait, then }),
  });
  /** Lets time pass, timers firing in their order; frames go back to the host at once unless they are kept. */
  async function pass(milliseconds, { keep = false } = {}) {
    const end = clock.time + milliseconds;
    for (;;) {
      if (!keep) {
        for (const message of told) {
          if (message.type !== "frame" || message.back) continue;
          message.back = true;
          handle({ type: "recycle", run: message.run, slots: message.slots });
        }
      }
      await rest();
      clock.timers.sort((a, b) => a.at - b.at);
      const next = clock.timers[0];
      if (!next || next.at > end) break;
      clock.timers.shift();
      clock.time = Math.max(clock.time, next.at);
      next.then();
      await rest();
    }
    clock.time = Math.max(clock.time, end);
  }
  const frames = () => told.filter(({ type }) => type === "frame");
  const start = (pairs = [["id", "one"]]) => handle({ type: "start", run: 1, pairs, images: [] });
  return { clock, calls, told, handle, pass, frames, start };
}

test("a start is answered by a layout, a frame, claims and a digest", async () => {
  const { start, told, frames } = bench();
  await start();
  assert.deepEqual(
    told.map(({ type }) => type),
    ["started", "frame"],
  );
  assert.equal(told[0].seed, "7");
  assert.equal(told[0].layout[0].kind, "lines");
  assert.equal(frames()[0].digest, "0");
  assert.deepEqual(frames()[0].claims, []);
});

test("a pace of ten steps a second takes ten steps in a second, and four times as many at speed 4", async () => {
  for (const [speed, steps] of [
    [1, 10],
    [4, 40],
  ]) {
    const { start, handle, pass, frames } = bench();
    await start();
    await handle({ type: "play", run: 1, speed });
    await pass(1000);
    const { step } = frames().at(-1);
    assert.ok(Math.abs(step - steps) <= 1, `${step} of ${steps}`);
  }
});

test("at full speed a batch stays within the budget, frames come thirty times a second and the run ends once", async () => {
  const { start, handle, pass, frames } = bench({ cost: 1 });
  await start();
  await handle({ type: "play", run: 1, speed: Number.POSITIVE_INFINITY });
  await pass(500);
  const steps = frames().map(({ step }) => step);
  const apart = steps.slice(1).map((step, i) => step - steps[i]);
  assert.ok(Math.max(...apart) <= 25 + 10, `${apart} steps of 1 ms`);
  assert.ok(Math.min(...apart.slice(1, -1)) >= 25, `${apart} steps of 1 ms`);
  assert.equal(frames().at(-1).step, 100);
  assert.equal(frames().filter(({ ended }) => ended).length, 1);
  assert.equal(frames().at(-1).playing, false);
});

test("no more than two frames are away, and the run waits for them", async () => {
  const { start, handle, pass, frames } = bench();
  await start();
  await handle({ type: "play", run: 1, speed: 1 });
  await pass(3000, { keep: true });
  assert.equal(frames().length, 2);
  const { step } = frames().at(-1);
  await pass(1000);
  assert.ok(frames().at(-1).step > step);
});

test("at full speed a page that draws slowly does not hold up the run", async () => {
  const { start, handle, pass, frames } = bench({ cost: 1 });
  await start();
  await handle({ type: "play", run: 1, speed: Number.POSITIVE_INFINITY });
  await pass(500, { keep: true });
  assert.equal(frames().length, 2);
  await pass(1);
  assert.deepEqual([frames().at(-1).step, frames().at(-1).playing], [100, false]);
});

test("settings that come together are taken together, and the run goes back to the step on screen", async () => {
  const { start, handle, pass, frames, calls } = bench();
  await start();
  await handle({ type: "seek", run: 1, step: 8 });
  await pass(1);
  for (const beta of ["2", "3", "4"]) await handle({ type: "set", run: 1, pairs: [["beta", beta]] });
  await handle({ type: "set", run: 1, pairs: [["noise", "1"]] });
  await pass(50);
  assert.deepEqual(
    calls.filter((call) => call.startsWith("set")),
    ["set beta=4 noise=1"],
  );
  assert.equal(frames().at(-1).step, 8);
});

test("a run that is dear to replay shows its beginning, and comes back to where it stood", async () => {
  const { start, handle, pass, frames } = bench({ cost: 50 });
  await start();
  await handle({ type: "play", run: 1, speed: 1 });
  await pass(1000);
  await handle({ type: "pause", run: 1 });
  await pass(10);
  const { step } = frames().at(-1);
  assert.ok(step > 2);
  await handle({ type: "set", run: 1, pairs: [["beta", "2"]] });
  await pass(10);
  assert.equal(frames().at(-1).step, 0);
  await pass(2000);
  assert.equal(frames().at(-1).step, step);
  assert.ok(!frames().at(-1).playing);
});

test("a run that was over is played to its new end, however dear", async () => {
  const { start, handle, pass, frames } = bench({ cost: 50, end: 12 });
  await start();
  await handle({ type: "play", run: 1, speed: 1 });
  await pass(3000);
  assert.ok(frames().at(-1).ended);
  await handle({ type: "set", run: 1, pairs: [["beta", "2"]] });
  await pass(10);
  assert.ok(frames().at(-1).step < 12);
  await pass(3000);
  assert.ok(frames().at(-1).ended);
  assert.equal(frames().at(-1).step, 12);
});

test("faults are told, the run lives on, and a trap is told once", async () => {
  const { start, handle, pass, told } = bench();
  await start([
    ["id", "one"],
    ["bad", "1"],
  ]);
  assert.equal(told.at(-1).type, "refused");
  assert.equal(told.at(-1).starting, true);
  await start();
  await handle({ type: "set", run: 1, pairs: [["bad", "1"]] });
  await pass(5);
  assert.equal(told.at(-1).type, "refused");
  await handle({ type: "seek", run: 1, step: 3 });
  await pass(5);
  assert.equal(told.at(-1).step, 3);
  await handle({ type: "set", run: 1, pairs: [["trap", "1"]] });
  await pass(5);
  assert.equal(told.at(-1).type, "crashed");
  await handle({ type: "seek", run: 1, step: 1 });
  assert.equal(told.at(-1).type, "crashed", "what comes after it is not for a dead core");
});

test("messages of an older run are dropped, and claims come at most twice a second while playing", async () => {
  const { start, handle, pass, frames, calls } = bench({ pace: 60 });
  await start();
  await handle({ type: "seek", run: 0, step: 50 });
  assert.equal(frames().at(-1).step, 0);
  calls.length = 0;
  await handle({ type: "play", run: 1, speed: 1 });
  await pass(1000);
  assert.ok(calls.filter((call) => call === "claims").length <= 3, String(calls));
});

/** A file that comes when the test lets it. */
function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = () => resolve(new Uint8Array());
  });
  return { file: () => opened, open };
}

test("the code of an experiment is there before the core is asked about it, and is not fetched for a wrong name", async () => {
  const { file: part, open } = gate();
  const ids = [];
  const { handle, told } = bench({
    part: (id) => {
      ids.push(id);
      return part();
    },
  });
  handle({ type: "start", run: 1, pairs: [["id", "one"]], images: [] });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([ids, told], [["one"], []]);
  open();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told[0].type, "started");
  handle({ type: "start", run: 2, pairs: [["id", "none"]], images: [] });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(ids, ["one"]);
});

test("what is asked of a run that still waits for a file is kept for it, not done to the run before", async () => {
  const { file, open } = gate();
  const { start, handle, pass, told, calls } = bench({ file });
  await start();
  const beginning = handle({ type: "start", run: 2, pairs: [["data", "more.gz"]], images: [] });
  const set = handle({ type: "set", run: 2, pairs: [["beta", "3"]] });
  const link = handle({ type: "link", run: 2, ask: 5 });
  await pass(10);
  assert.equal(told.filter(({ run }) => run === 2).length, 0);
  assert.deepEqual(calls, ["claims"]);
  open();
  await Promise.all([beginning, set, link]);
  await pass(10);
  assert.deepEqual(
    told.filter(({ run }) => run === 2).map(({ type }) => type),
    ["started", "frame", "started", "frame"],
  );
  assert.equal(told.find(({ type }) => type === "answer").ask, 5);
});

test("a start that is overtaken by another says nothing", async () => {
  const { file, open } = gate();
  const { handle, told } = bench({ file });
  const slow = handle({ type: "start", run: 1, pairs: [["data", "more.gz"]], images: [] });
  await handle({ type: "start", run: 2, pairs: [["id", "one"]], images: [] });
  open();
  await slow;
  assert.deepEqual(
    told.map(({ type, run }) => `${type} ${run}`),
    ["started 2", "frame 2"],
  );
});

test("a setting that waits for a file does not overtake the one after it", async () => {
  const { file, open } = gate();
  const { start, handle, pass, calls } = bench({ file });
  await start();
  await handle({ type: "set", run: 1, pairs: [["data", "more.gz"]] });
  await pass(1);
  await handle({ type: "set", run: 1, pairs: [["data", "digits"]] });
  await pass(1);
  open();
  await pass(10);
  assert.deepEqual(
    calls.filter((call) => call.startsWith("set")),
    ["set data=more.gz", "set data=digits"],
  );
});

test("a setting whose file is out of reach is refused, and the run goes on", async () => {
  const file = () => Promise.reject(new Error("far.gz could not be fetched"));
  const { handle, told, start, pass } = bench({ file });
  await start();
  handle({ type: "set", run: 1, pairs: [["pictures", "far.gz"]] });
  await pass(10);
  const wanted = "far.gz could not be fetched";
  assert.deepEqual(told.find(({ type }) => type === "refused").faults, [
    { name: "pictures", given: "", wanted, nearest: null },
  ]);
  handle({ type: "seek", run: 1, step: 2 });
  await pass(10);
  assert.equal(told.filter(({ type }) => type === "frame").at(-1).step, 2);
  assert.ok(told.every(({ type }) => type !== "crashed"));
});

test("of a drag only its end is felt, and whatever comes next finds it done", async () => {
  const { start, handle, pass, calls, frames } = bench();
  await start();
  const drag = (x) => handle({ type: "touch", run: 1, gesture: { kind: "drag", view: 1, x, y: 0 } });
  for (const x of [1, 2, 3]) await drag(x);
  await pass(1);
  for (const x of [4, 5]) await drag(x);
  await handle({ type: "seek", run: 1, step: 2 });
  await pass(1);
  assert.deepEqual(
    calls.filter((call) => call.startsWith("drag")),
    ["drag 3", "drag 5"],
  );
  assert.equal(frames().at(-1).step, 2);
});

test("a long way is gone in batches, and a newer goal is gone to instead", async () => {
  const { start, handle, pass, frames, clock } = bench({ cost: 1, end: 10_000 });
  await start();
  await handle({ type: "seek", run: 1, step: 9000 });
  await pass(100);
  assert.ok(clock.time < 150, "nobody waited for all of it");
  assert.equal(frames().length, 1);
  await handle({ type: "seek", run: 1, step: 300 });
  await pass(1000);
  const { step, digest } = frames().at(-1);
  assert.deepEqual([step, digest], [300, "300"]);
  assert.ok(
    frames()
      .slice(1, -1)
      .every(({ goal }) => goal === 300),
  );
});

test("a link to a step far on begins at 0, and is seen on its way to the step", async () => {
  const { start, pass, frames } = bench({ cost: 1, end: 10_000 });
  await start([
    ["id", "one"],
    ["at", "900"],
  ]);
  await pass(2000);
  const way = frames().slice(0, -1);
  assert.ok(way.length >= 3 && way.every(({ goal, digest }) => goal === 900 && digest === null));
  assert.ok(way.every(({ step }, i) => step > (way[i - 1]?.step ?? 0)));
  const { step, goal, digest, values } = frames().at(-1);
  assert.deepEqual([step, goal, digest, values], [900, null, "900", [["beta", "1"]]]);
});

test("a setting that is moved on the way to a step is moved there", async () => {
  const { start, handle, pass, calls, frames } = bench({ cost: 1, end: 10_000, live: ["cut"] });
  await start();
  await handle({ type: "seek", run: 1, step: 500 });
  await handle({ type: "set", run: 1, pairs: [["cut", "0.5"]] });
  await pass(100);
  assert.deepEqual(
    calls.filter((call) => call.startsWith("set")),
    [],
  );
  await pass(1000);
  assert.deepEqual(
    calls.filter((call) => call.startsWith("set")),
    ["set cut=0.5"],
  );
  assert.deepEqual([frames().at(-1).step, frames().at(-1).branched], [500, true]);
});

test("on the way a pause stands where the run is, and play goes on from there", async () => {
  const { start, handle, pass, frames } = bench({ cost: 1, end: 10_000 });
  await start();
  await handle({ type: "seek", run: 1, step: 9000 });
  await pass(100);
  await handle({ type: "pause", run: 1 });
  const { step } = frames().at(-1);
  assert.ok(step > 10 && step < 200, String(step));
  await handle({ type: "seek", run: 1, step: 9000 });
  await pass(50);
  await handle({ type: "play", run: 1, speed: 1 });
  await pass(1000);
  assert.ok(frames().at(-1).playing && frames().at(-1).step < 400, String(frames().at(-1).step));
});

test("a setting that is taken at once is told, and what was known of later steps is over", async () => {
  const { start, handle, pass, told, frames } = bench({ live: ["cut"] });
  await start();
  await handle({ type: "seek", run: 1, step: 7 });
  await pass(1);
  await handle({ type: "set", run: 1, pairs: [["cut", "0.5"]] });
  await pass(5);
  assert.deepEqual(told.find(({ type }) => type === "taken").pairs, [["cut", "0.5"]]);
  assert.deepEqual(
    frames().map(({ step, branched }) => [step, branched]),
    [
      [0, false],
      [7, false],
      [7, true],
    ],
  );
});

test("a refused start leaves the run before able to go on, even where its frames were lost", async () => {
  const { start, handle, pass, frames } = bench();
  await start();
  await handle({ type: "play", run: 1, speed: 1 });
  await pass(300, { keep: true });
  for (const frame of frames()) frame.back = true; // the page drops them with their run
  await handle({ type: "start", run: 2, pairs: [["bad", "1"]], images: [] });
  await pass(10);
  const { run, step, playing } = frames().at(-1);
  assert.deepEqual([run, playing], [2, false]);
  for (let i = 1; i <= 3; i++) {
    await handle({ type: "seek", run: 2, step: step + i });
    await pass(10);
  }
  assert.equal(frames().at(-1).step, step + 3);
});

test("moving settings while the run plays does not make it play faster", async () => {
  const { start, handle, pass, frames } = bench({ pace: 0, cost: 5, end: 100_000 });
  await start();
  await handle({ type: "play", run: 1, speed: 1 });
  for (let i = 0; i < 5; i++) {
    await handle({ type: "set", run: 1, pairs: [["beta", String(i)]] });
    await pass(20);
  }
  const before = frames().length;
  await pass(1000);
  const turns = frames().length - before;
  assert.ok(turns > 30 && turns <= 40, `${turns} frames in a second, of three batches of 10 ms`);
});

test("a question without a run is answered", async () => {
  const { handle, told } = bench();
  await handle({ type: "link", run: 1, ask: 3 });
  assert.deepEqual(told, [{ type: "answer", ask: 3, value: null }]);
});

test("a run that nobody watches goes to its end or to a step, in slices, and leaves the run on screen alone", async () => {
  const { start, handle, pass, told, frames } = bench({ cost: 1, end: 100 });
  await start();
  for (const [ask, steps] of [
    [1, 40],
    [2, 700],
    [3, 0],
  ]) {
    handle({ type: "take", run: 1, ask, pairs: [["id", "one"]], images: [], steps });
  }
  handle({ type: "take", run: 1, ask: 4, pairs: [["bad", ""]], images: [], steps: 1 });
  await pass(20);
  const answers = () => told.filter(({ type }) => type === "answer").sort((a, b) => a.ask - b.ask);
  assert.equal(answers().length, 2, "others wait for their next slice");
  await pass(1000);
  const [first, second, third, fourth] = answers().map(({ value }) => value);
  assert.deepEqual([first.step, first.ended, first.digest, [...first.metrics]], [40, null, "40", [40]]);
  assert.deepEqual([second.step, second.ended], [100, "done"]);
  assert.deepEqual([third.step, third.link[1]], [0, ["seed", "7"]]);
  assert.equal(fourth.faults[0].name, "bad");
  assert.equal(frames().at(-1).step, 0);
});
