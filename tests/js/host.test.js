// The host with a session and a clock of the test's own: pacing, buffers, coalescing, replay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHost } from "../../www/host.js";

const FLOATS = 4;

/** A core whose runs end at step 100 and cost `cost` milliseconds a step. */
function bench({ pace = 10, cost = 0.1 } = {}) {
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
        ended: this.step >= 100 ? { word: "done", metric: null } : null,
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
    advance(n) {
      const taken = Math.min(n, 100 - this.step);
      this.step += taken;
      clock.time += taken * cost;
      return taken;
    }
    seek(step) {
      this.step = Math.min(100, step);
      calls.push(`seek ${step}`);
    }
    touch(kind) {
      calls.push(kind);
      this.step = 0;
    }
    missing() {
      return [];
    }
    set(pairs) {
      calls.push(`set ${pairs.map((pair) => pair.join("=")).join(" ")}`);
      if (pairs.some(([name]) => name === "bad")) throw [{ name: "bad", given: "", wanted: "is bad", nearest: null }];
      if (pairs.some(([name]) => name === "trap")) throw new Error("unreachable");
      this.step = 0;
      return "again";
    }
  }
  const told = [];
  const handle = createHost({
    core: { Session, files: () => [], resize: (ink) => ink },
    catalogue: [{ id: "one", pace }],
    post: (message) => told.push(message),
    file: async () => new Uint8Array(),
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
          await handle({ type: "recycle", run: message.run, slots: message.slots });
        }
      }
      clock.timers.sort((a, b) => a.at - b.at);
      const next = clock.timers[0];
      if (!next || next.at > end) break;
      clock.timers.shift();
      clock.time = Math.max(clock.time, next.at);
      await next.then();
      await null;
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

test("at full speed a batch stays within the budget and the run ends once", async () => {
  const { start, handle, pass, frames } = bench({ cost: 1 });
  await start();
  await handle({ type: "play", run: 1, speed: Number.POSITIVE_INFINITY });
  await pass(500);
  const steps = frames().map(({ step }) => step);
  const largest = Math.max(...steps.slice(1).map((step, i) => step - steps[i]));
  assert.ok(largest <= 10, `${largest} steps of 1 ms`);
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

test("a run that is dear to replay stays at its beginning", async () => {
  const { start, handle, pass, frames } = bench({ cost: 50 });
  await start();
  await handle({ type: "play", run: 1, speed: 1 });
  await pass(1000);
  await handle({ type: "pause", run: 1 });
  await pass(10);
  assert.ok(frames().at(-1).step > 2);
  await handle({ type: "set", run: 1, pairs: [["beta", "2"]] });
  await pass(10);
  assert.equal(frames().at(-1).step, 0);
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
