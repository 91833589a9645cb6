// Keeps one session of the core and owns time: in a worker, or on the page where workers are refused.
// Everything it needs from outside is handed in, so that it runs in a test with a clock of its own.
import { messageOf } from "./message.js";

/** Milliseconds that a batch of steps may take, so that nobody waits longer than a frame. */
const BUDGET = 10;
/** Milliseconds that going back to the step on screen may take after a setting began the run again. */
const REPLAY = 30;
/** Milliseconds between claims while a run is playing. */
const CLAIMS = 500;
/** Milliseconds between two frames of a run that is on its way to a step. */
const TOLD = 200;
/** Milliseconds between frames at full speed: drawing more would take from the run what little it needs. */
const RUSH = 25;

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
 * @param {(id: string) => Promise<unknown>} outside.part loads the code of an experiment into the core
 * @param {() => number} outside.now milliseconds
 * @param {(then: () => void, wait: number) => void} outside.later calls back after at least `wait` milliseconds
 */
export function createHost({ core, catalogue, post, file, part, now, later }) {
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
  let drawn = 0;
  let ended = false;
  /** @type {Float32Array[]} frames that are here, not on the page */
  let free = [];
  let owed = false;
  /** @type {Map<string, string> | null} settings moved since the last turn */
  let moved = null;
  let settling = false;
  /** @type {Extract<import("./types.js").Gesture, {kind: "drag"}> | null} a drag that was not felt yet */
  let dragged = null;
  /** Whether the future that the page knows is over: a hand or a setting changed the run at the step on screen. */
  let branched = false;
  /** @type {number | null} the step that the run is on its way to */
  let goal = null;
  /** When it was last seen on its way. */
  let told = 0;
  /** The start that is under way: what comes meanwhile is meant for the run that it makes. */
  let ready = Promise.resolve();

  /** @param {unknown} error @returns {import("./types.js").Fault[]} the faults that the core threw, or the error again */
  function faultsOf(error) {
    if (Array.isArray(error)) return error;
    throw error;
  }

  /** A trap leaves the instance unusable: whoever keeps this host makes a new one. @param {unknown} error */
  function crash(error) {
    playing = false;
    session = null;
    post({ type: "crashed", message: messageOf(error) });
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

  /** Stops whatever moves the run by itself. */
  function halt() {
    playing = false;
    goal = null;
    turns += 1;
    if (moved) soon(settle, 0);
  }

  const buffers = () => [new Float32Array(session.floats()), new Float32Array(session.floats())];

  /** @param {Pair[]} pairs */
  function entryOf(pairs) {
    const id = pairs.find(([key]) => key === "id")?.[1];
    return catalogue.find((entry) => entry.id === id);
  }

  /**
   * Fetches what a run needs that begins at step 0, wherever its pairs lead.
   * @param {Pair[]} pairs @param {import("./types.js").Picture[]} pictures @param {boolean} timed whether it may read the clock
   * @returns {Promise<() => any>} begins it
   */
  async function prepare(pairs, pictures, timed) {
    const entry = entryOf(pairs);
    if (entry) await part(entry.id);
    const files = await fetchAll(core.files(pairs));
    const images = pictures.map(({ param, width, height, ink }) => [param, width, height, ink]);
    const still = pairs.filter(([key]) => key !== "at");
    return () => new core.Session(still, images, files, timed);
  }

  /** @param {Extract<Ask, {type: "start"}>} ask */
  async function start(ask) {
    halt();
    moved = dragged = null;
    try {
      const begin = await prepare(ask.pairs, ask.images, true);
      if (ask.run !== run) return;
      const began = begin();
      session?.free();
      session = began;
    } catch (error) {
      if (ask.run !== run) return;
      post({ type: "refused", run, starting: true, faults: faultsOf(error) });
      if (!session) return;
      // The run before lives on. The page dropped what was still on its way, so the buffers are made anew.
      free = buffers();
      show(true);
      return;
    }
    pace = entryOf(ask.pairs)?.pace ?? 0;
    cost = 0;
    batch = 1;
    begun();
    const at = Number(ask.pairs.find(([key]) => key === "at")?.[1] ?? 0);
    if (at > 0) head(at);
    else show(true);
  }

  /** A run stands at a new beginning: the page hears of its layout and its ground. */
  function begun() {
    free = buffers();
    branched = false;
    const ground = session.ground();
    const layout = session
      .layout()
      .map((/** @type {any} */ { view: { shape, ...view }, ...floats }) => ({ ...view, ...shape, ...floats }));
    const [pairs] = session.link();
    const seed = pairs.find((/** @type {Pair} */ [key]) => key === "seed")?.[1] ?? "1";
    const [values, reaches, last] = [session.values(), session.reaches(), session.last()];
    post({ type: "started", run, layout, ground, values, reaches, seed, last }, [ground.buffer]);
  }

  /** Sends a frame, or owes it until the page hands one back. @param {boolean} [whole] with claims and digest */
  function show(whole = !playing) {
    const slots = free.pop();
    if (!slots) {
      owed = true;
      return;
    }
    owed = false;
    drawn = now();
    session.draw(slots);
    const { step, ended: over, events, captions, touched } = session.state();
    ended = over !== null;
    const [from, ...data] = session.rows();
    const width = session.width();
    const rows = { from, width, data: Float32Array.from(data) };
    const due = whole || now() - claimed >= CLAIMS;
    if (due) claimed = now();
    const claims = due ? session.claims() : null;
    // What was set on the way holds from its step on.
    const values = due ? session.values() : null;
    const digest = whole ? session.digest() : null;
    const state = { step, ended: over, events, captions, touched, last: session.last() };
    const seen = { ...state, playing, goal, rows, branched, slots, values, claims, digest };
    post({ type: "frame", run, ...seen }, [slots.buffer, rows.data.buffer]);
    branched = false;
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
    if (playing) return;
    halt();
    playing = true;
    credit = 1;
    last = now();
    turn(turns);
  }

  /**
   * One batch of steps and one frame. At full speed a page that is still drawing holds up its frame but not the run.
   * @param {number} mine a turn that is no longer the newest does nothing
   */
  function turn(mine) {
    if (!playing || mine !== turns) return;
    const rate = pace === 0 ? Number.POSITIVE_INFINITY : (pace * speed) / 1000;
    if (free.length === 0 && Number.isFinite(rate)) {
      owed = true; // recycle goes on
      return;
    }
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
      if (!playing || Number.isFinite(rate) || now() - drawn >= RUSH) show();
    }
    if (playing) soon(() => turn(mine), Number.isFinite(rate) ? Math.max(0, (1 - credit) / rate) : 0);
  }

  function pause() {
    if (!playing && goal === null) return;
    halt();
    show();
  }

  /** Sets out for a step. @param {number} step */
  function head(step) {
    goal = step;
    told = now();
    travel(turns);
  }

  /** Goes on to the goal in batches, so that a newer one can come between. @param {number} mine */
  function travel(mine) {
    if (goal === null || mine !== turns) return;
    const left = goal - session.state().step;
    const taken = left > 0 ? advance(Math.min(batch, left)) : 0;
    if (taken < left && session.state().ended === null) {
      if (now() - told > TOLD && free.length > 0) {
        told = now();
        show(false);
      }
      soon(() => travel(mine), 0);
      return;
    }
    goal = null;
    show(true);
    if (moved) soon(settle, 0);
  }

  /** @param {import("./types.js").Gesture} gesture */
  function feel(gesture) {
    const { kind, view } = gesture;
    const item = "item" in gesture ? gesture.item : 0;
    const [x, y] = "x" in gesture ? [gesture.x, gesture.y] : [0, 0];
    halt();
    try {
      session.touch(kind, view, item, x, y, "value" in gesture ? gesture.value : 0);
      branched = true;
      show();
    } catch (error) {
      post({ type: "refused", run, starting: false, faults: faultsOf(error) });
    }
  }

  /** @param {Pair[]} pairs */
  async function move(pairs) {
    const mine = run;
    const { step: here, ended: over } = session.state();
    const step = goal ?? here;
    try {
      const missing = session.missing(pairs);
      if (missing.length > 0) {
        const files = await fetchAll(missing).catch((error) => {
          // The run on screen needs nothing of it, and goes on.
          throw pairs.map(([name]) => ({ name, given: "", wanted: messageOf(error), nearest: null }));
        });
        if (mine !== run) return;
        session.handIn(pairs, files);
      }
      if (session.set(pairs) === "now") {
        branched = true;
        post({ type: "taken", run, pairs });
        if (goal === null) show();
        // A run that was over went back to make room for the answer: here it comes.
        if (session.state().step < here) play();
        return;
      }
      goal = null;
      if (cost * step < REPLAY) session.seek(step);
      begun();
      show(true);
      turns += 1;
      if (!playing) {
        // What was over is played to its new end; what stood still comes back to where it was.
        const anew = session.state();
        if (over !== null && anew.ended === null) play();
        else if (anew.step < step) head(step);
        return;
      }
      const next = turns;
      last = now();
      soon(() => turn(next), 0);
    } catch (error) {
      if (mine === run) post({ type: "refused", run, starting: false, faults: faultsOf(error) });
    }
  }

  /**
   * What the hand did since the last turn, the newest only. Settings are moved one after another: some wait for a file. Where a run is
   * on its way to a step they are moved there.
   */
  async function settle() {
    if (dragged) {
      const gesture = dragged;
      dragged = null;
      feel(gesture);
    }
    if (settling) return;
    settling = true;
    try {
      while (moved && goal === null) {
        const pairs = /** @type {Pair[]} */ ([...moved]);
        moved = null;
        await move(pairs);
      }
    } finally {
      settling = false;
    }
  }

  /** @type {{[T in Ask["type"]]: (ask: Extract<Ask, {type: T}>) => unknown}} */
  const on = {
    start(ask) {
      run = ask.run;
      ready = start(ask).catch(crash);
      return ready;
    },
    play(ask) {
      speed = ask.speed;
      if (playing) last = now();
      play();
    },
    pause,
    seek({ step }) {
      halt();
      if (step < session.state().step) session.seek(step);
      head(step);
    },
    touch({ gesture }) {
      if (gesture.kind !== "drag") {
        feel(gesture);
        return;
      }
      // A pointer moves faster than some runs begin: of a drag only its end matters.
      if (dragged && dragged.view !== gesture.view) feel(dragged);
      else if (!dragged) soon(settle, 0);
      dragged = gesture;
    },
    set({ pairs }) {
      // Sliders send faster than some runs begin: what came meanwhile is taken at once.
      if (!moved) soon(settle, 0);
      moved = new Map([...(moved ?? []), ...pairs]);
    },
    recycle({ slots }) {
      if (slots.length === session.floats() && free.length < 2) free.push(slots);
      if (!owed || goal !== null) return;
      if (playing) turn(++turns);
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
    async take({ ask, pairs, images, steps }) {
      // One of a sweep, whose runs share the machine and give the table that the command gives.
      const begun = prepare(pairs, images, false)
        .then((begin) => begin())
        .catch(faultsOf);
      // Most pages never need it.
      const [{ take }, taken] = await Promise.all([import("./take.js"), begun]);
      post({ type: "answer", ask, value: await take(taken, steps, now, later) });
    },
  };

  /** Whether it asks nothing of the run on screen. @param {Ask} ask */
  const apart = ({ type }) => type === "resize" || type === "take";

  /** Whether it can wait until the hand rests. @param {Ask} ask */
  const waits = (ask) =>
    ask.type === "set" || ask.type === "recycle" || (ask.type === "touch" && ask.gesture.kind === "drag");

  /** @param {Ask} ask */
  return async function handle(ask) {
    try {
      if (ask.type !== "start" && !apart(ask)) {
        await ready;
        if (ask.run === run && session && !waits(ask)) await settle();
        if (ask.run !== run || !session) {
          if (ask.type === "link") post({ type: "answer", ask: ask.ask, value: null });
          return;
        }
      }
      // The table has a function for each type, each taking its own kind of message.
      await /** @type {(ask: Ask) => unknown} */ (on[ask.type])(ask);
    } catch (error) {
      crash(error);
    }
  };
}
