// Keeps one session of the core and owns time: in a worker, or on the page where workers are refused.
// Everything it needs from outside is handed in, so that it runs in a test with a clock of its own.

/** Milliseconds that a batch of steps may take, so that nobody waits longer than a frame. */
const BUDGET = 10;
/** Milliseconds that going back to the step on screen may take after a setting began the run again. */
const REPLAY = 30;
/** Milliseconds between claims while a run is playing. */
const CLAIMS = 500;

/**
 * @typedef {import("./types.js").Ask} Ask
 * @typedef {import("./types.js").Tell} Tell
 * @typedef {import("./types.js").Pair} Pair
 */

/**
 * @param {object} outside
 * @param {any} outside.core the core's module, loaded
 * @param {{id: string, pace: number}[]} outside.catalogue
 * @param {(message: Tell, transfer?: Transferable[]) => void} outside.post
 * @param {(name: string) => Promise<Uint8Array>} outside.file the inflated bytes of a bundled file
 * @param {() => number} outside.now milliseconds
 * @param {(then: () => void, wait: number) => void} outside.later calls back after at least `wait` milliseconds
 */
export function createHost({ core, catalogue, post, file, now, later }) {
  /** @type {any} */
  let session = null;
  let run = -1;
  let pace = 0;
  let playing = false;
  let speed = 1;
  /** Steps that are due but not taken yet. */
  let credit = 0;
  let last = 0;
  let batch = 1;
  /** Mean milliseconds a step. */
  let cost = 0;
  let turns = 0;
  let claimed = 0;
  let ended = false;
  /** @type {Float32Array[]} frames that are here, not on the page */
  let free = [];
  let owed = false;
  /** @type {Map<string, string> | null} settings moved since the last turn */
  let moved = null;

  /** @param {unknown} error @returns {import("./types.js").Fault[]} the faults that the core threw, or the error again */
  function faultsOf(error) {
    if (Array.isArray(error)) return error;
    throw error;
  }

  /** A trap leaves the instance unusable: whoever keeps this host makes a new one. @param {unknown} error */
  function crash(error) {
    playing = false;
    session = null;
    post({ type: "crashed", message: error instanceof Error ? error.message : String(error) });
  }

  /** Does some work after a wait, unless the core is gone by then. @param {() => unknown} work @param {number} wait */
  function soon(work, wait) {
    later(async () => {
      try {
        if (session) await work();
      } catch (error) {
        crash(error);
      }
    }, wait);
  }

  /** @param {string[]} names @returns {Promise<[string, Uint8Array][]>} */
  const fetchAll = (names) =>
    Promise.all(names.map(async (name) => /** @type {[string, Uint8Array]} */ ([name, await file(name)])));

  /** @param {Extract<Ask, {type: "start"}>} ask */
  async function start(ask) {
    run = ask.run;
    playing = false;
    try {
      const files = await fetchAll(core.files(ask.pairs));
      if (ask.run !== run) return;
      const images = ask.images.map(({ param, width, height, ink }) => [param, width, height, ink]);
      const began = new core.Session(ask.pairs, images, files);
      session?.free();
      session = began;
    } catch (error) {
      post({ type: "refused", run, starting: true, faults: faultsOf(error) });
      return;
    }
    const id = ask.pairs.find(([key]) => key === "id")?.[1];
    pace = catalogue.find((entry) => entry.id === id)?.pace ?? 0;
    cost = 0;
    batch = 1;
    begun();
  }

  /** A run stands at a new beginning: layout and ground first, then its frame. */
  function begun() {
    free = [new Float32Array(session.floats()), new Float32Array(session.floats())];
    const ground = session.ground();
    const layout = session
      .layout()
      .map((/** @type {any} */ { view: { shape, ...view }, ...floats }) => ({ ...view, ...shape, ...floats }));
    const [pairs] = session.link();
    const seed = pairs.find((/** @type {Pair} */ [key]) => key === "seed")?.[1] ?? "1";
    post({ type: "started", run, layout, ground, values: session.values(), seed }, [ground.buffer]);
    show(true);
  }

  /** Sends a frame, or owes it until the page hands one back. @param {boolean} [whole] with claims and digest */
  function show(whole = !playing) {
    const slots = free.pop();
    if (!slots) {
      owed = true;
      return;
    }
    owed = false;
    session.draw(slots);
    const { step, ended: over, events, captions } = session.state();
    ended = over !== null;
    const [from, ...data] = session.rows();
    const width = session.width();
    const rows = { from, width, data: Float32Array.from(data) };
    const due = whole || now() - claimed >= CLAIMS;
    if (due) claimed = now();
    const claims = due ? session.claims() : null;
    const digest = whole ? session.digest() : null;
    post({ type: "frame", run, step, playing, ended: over, events, captions, rows, slots, claims, digest }, [
      slots.buffer,
      rows.data.buffer,
    ]);
  }

  /** @param {number} n */
  function advance(n) {
    const before = now();
    const taken = session.advance(n);
    const spent = now() - before;
    if (taken > 0) {
      cost = cost === 0 ? spent / taken : 0.8 * cost + 0.2 * (spent / taken);
      batch = Math.max(1, Math.min(4 * batch, Math.floor(BUDGET / Math.max(cost, 1e-3))));
    }
    return taken;
  }

  function play() {
    if (playing || !session) return;
    playing = true;
    credit = 1;
    last = now();
    turn(++turns);
  }

  /** One batch of steps and one frame. @param {number} mine a turn that is no longer the newest does nothing */
  function turn(mine) {
    if (!playing || mine !== turns) return;
    if (free.length === 0) {
      owed = true; // the page is still drawing: recycle goes on
      return;
    }
    const rate = pace === 0 ? Number.POSITIVE_INFINITY : (pace * speed) / 1000;
    let due = batch;
    if (Number.isFinite(rate)) {
      const time = now();
      credit = Math.min(credit + (time - last) * rate, batch);
      last = time;
      due = Math.floor(credit);
      credit -= due;
    }
    if (due > 0) {
      const taken = advance(due);
      ended = session.state().ended !== null;
      if (taken < due || ended) playing = false;
      show();
    }
    if (playing) soon(() => turn(mine), Number.isFinite(rate) ? Math.max(0, (1 - credit) / rate) : 0);
  }

  function pause() {
    if (!playing) return;
    playing = false;
    turns += 1;
    show();
  }

  async function settle() {
    const mine = run;
    const pairs = /** @type {Pair[]} */ ([...(moved ?? [])]);
    moved = null;
    const step = session.state().step;
    try {
      const missing = session.missing(pairs);
      if (missing.length > 0) {
        session.handIn(pairs, await fetchAll(missing));
        if (mine !== run) return;
      }
      const live = session.set(pairs);
      if (live === "now") {
        show();
        return;
      }
      if (cost * step < REPLAY) session.seek(step);
      begun();
      if (playing) {
        last = now();
        soon(() => turn(turns), 0);
      }
    } catch (error) {
      post({ type: "refused", run, starting: false, faults: faultsOf(error) });
    }
  }

  /** @type {{[T in Ask["type"]]: (ask: Extract<Ask, {type: T}>) => unknown}} */
  const on = {
    start,
    play(ask) {
      speed = ask.speed;
      if (playing) last = now();
      play();
    },
    pause,
    seek(ask) {
      playing = false;
      session.seek(ask.step);
      show(true);
    },
    touch({ gesture }) {
      const { kind, view } = gesture;
      const item = "item" in gesture ? gesture.item : 0;
      const [x, y] = "x" in gesture ? [gesture.x, gesture.y] : [0, 0];
      playing = false;
      try {
        session.touch(kind, view, item, x, y, "value" in gesture ? gesture.value : 0);
        show();
      } catch (error) {
        post({ type: "refused", run, starting: false, faults: faultsOf(error) });
      }
    },
    set({ pairs }) {
      // Sliders send faster than some runs begin: what came meanwhile is taken at once.
      if (!moved) soon(() => moved && settle(), 0);
      moved = new Map([...(moved ?? []), ...pairs]);
    },
    recycle({ slots }) {
      if (session && slots.length === session.floats() && free.length < 2) free.push(slots);
      if (!owed) return;
      if (playing) turn(turns);
      else show(true);
    },
    link({ ask }) {
      const [pairs, whole] = session.link();
      const step = session.state().step;
      post({ type: "answer", ask, value: { pairs, whole, digest: session.digest(), step } });
    },
    resize({ ask, ink, width, height, side }) {
      post({ type: "answer", ask, value: core.resize(ink, width, height, side) });
    },
  };

  /** @param {Ask} ask */
  return async function handle(ask) {
    if (ask.type !== "start" && ask.type !== "resize" && (ask.run !== run || !session)) return;
    try {
      // The table has a function for each type, each taking its own kind of message.
      await /** @type {(ask: Ask) => unknown} */ (on[ask.type])(ask);
    } catch (error) {
      crash(error);
    }
  };
}
