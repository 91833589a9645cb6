// The page's side of the core: a worker where the browser allows one, else the core on the page in slices of time.
import { openCore } from "./core.js";
import { messageOf } from "./message.js";

/**
 * @typedef {import("./types.js").Ask} Ask
 * @typedef {import("./types.js").Tell} Tell
 * @typedef {import("./types.js").Pair} Pair
 * @typedef {import("./types.js").Picture} Picture
 * @typedef {{
 *   started?: (message: import("./types.js").Started) => void,
 *   frame?: (message: import("./types.js").Frame) => void,
 *   taken?: (pairs: Pair[]) => void,
 *   refused?: (faults: import("./types.js").Fault[], starting: boolean) => void,
 *   crashed?: (message: string) => void,
 * }} Hands
 */

const url = new URL("./worker.js", import.meta.url);

/** Ways to a worker, best first. Some hosts refuse the first, some both. @type {(() => Worker)[]} */
const WAYS = [
  () => new Worker(url, { type: "module" }),
  () => {
    const code = new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" });
    return new Worker(URL.createObjectURL(code), { type: "module" });
  },
];

/**
 * Opens the first way that answers.
 * @param {(tell: Tell) => void} hear @param {number} attempt counts cores: a page that crashed one needs another
 * @returns {Promise<{post: (ask: Ask, transfer?: Transferable[]) => void, close: () => void}>}
 */
async function open(hear, attempt) {
  for (const make of WAYS) {
    try {
      const worker = make();
      await new Promise((answered, failed) => {
        worker.onerror = (event) => failed(new Error(event.message || "the worker could not be loaded"));
        worker.onmessage = ({ data }) => {
          hear(data);
          if (data.type === "crashed") failed(new Error(data.message));
          else answered(data);
        };
      });
      worker.onmessage = ({ data }) => hear(data);
      worker.onerror = (event) => hear({ type: "crashed", message: event.message || "the worker failed" });
      return { post: (ask, transfer = []) => worker.postMessage(ask, transfer), close: () => worker.terminate() };
    } catch {
      // The next way may be allowed.
    }
  }
  const handle = await openCore(hear, attempt);
  return { post: (ask) => void handle(ask), close: () => {} };
}

export class Lab {
  #run = 0;
  #asks = 0;
  #opened = 0;
  #closed = false;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #answers = new Map();
  /** Nothing where it crashed: what is asked next opens another. @type {ReturnType<typeof open> | null} */
  #core;
  #hands;

  /** @param {Hands} hands */
  constructor(hands) {
    this.#hands = hands;
    this.#core = this.#open();
  }

  #open() {
    let answered = false;
    const core = open(
      (tell) => {
        if (tell.type === "ready") answered = true;
        // Before a way has answered, its failure is not the page's business.
        if (answered) this.#hear(tell);
      },
      this.#opened++,
    );
    core.catch(() => {}); // who posts to it hears of it
    return core;
  }

  /** @param {Tell} tell */
  #hear(tell) {
    if (this.#closed) return;
    if ("run" in tell && tell.run !== this.#run) return;
    if (tell.type === "started") this.#hands.started?.(tell);
    else if (tell.type === "frame") this.#hands.frame?.(tell);
    else if (tell.type === "taken") this.#hands.taken?.(tell.pairs);
    else if (tell.type === "refused") this.#hands.refused?.(tell.faults, tell.starting);
    else if (tell.type === "answer") {
      this.#answers.get(tell.ask)?.resolve(tell.value);
      this.#answers.delete(tell.ask);
    } else if (tell.type === "crashed") this.#crash(tell.message);
  }

  /** @param {string} message */
  #crash(message) {
    for (const { reject } of this.#answers.values()) reject(new Error(message));
    this.#answers.clear();
    this.#core?.then((core) => core.close()).catch(() => {});
    this.#core = null;
    this.#hands.crashed?.(message);
  }

  /** @param {any} ask @param {Transferable[]} [transfer] */
  async #post(ask, transfer) {
    const run = this.#run;
    this.#core ??= this.#open();
    const core = this.#core;
    try {
      (await core).post({ run, ...ask }, transfer);
    } catch (error) {
      if (core === this.#core) this.#crash(messageOf(error));
    }
  }

  /** @param {any} ask @param {Transferable[]} [transfer] @returns {Promise<any>} */
  #question(ask, transfer) {
    const number = ++this.#asks;
    return new Promise((resolve, reject) => {
      this.#answers.set(number, { resolve, reject });
      this.#post({ ...ask, ask: number }, transfer);
    });
  }

  /** A new run; all that belongs to the one before is dropped. @param {Pair[]} pairs @param {Picture[]} [images] */
  start(pairs, images = []) {
    this.#run += 1;
    this.#post({ type: "start", pairs, images });
  }

  /** @param {number} speed a multiple of the experiment's own pace */
  play(speed) {
    this.#post({ type: "play", speed });
  }

  pause() {
    this.#post({ type: "pause" });
  }

  /** @param {number} step */
  seek(step) {
    this.#post({ type: "seek", step });
  }

  /** @param {import("./types.js").Gesture} gesture */
  touch(gesture) {
    this.#post({ type: "touch", gesture });
  }

  /** @param {Pair[]} pairs */
  set(pairs) {
    this.#post({ type: "set", pairs });
  }

  /** Hands a frame back once it is drawn. @param {import("./types.js").Frame} frame */
  recycle({ run, slots }) {
    this.#post({ type: "recycle", run, slots }, [slots.buffer]);
  }

  /** @returns {Promise<import("./types.js").Link | null>} null while there is no run */
  link() {
    return this.#question({ type: "link" });
  }

  /** @param {Uint8Array} ink @param {number} width @param {number} height @param {number} side @returns {Promise<Uint8Array>} */
  resize(ink, width, height, side) {
    return this.#question({ type: "resize", ink, width, height, side }, [ink.buffer]);
  }

  /**
   * A run that nobody watches, to its end or to a step.
   * @param {Pair[]} pairs @param {Picture[]} images @param {number} steps
   * @returns {Promise<import("./types.js").Taken | {faults: import("./types.js").Fault[]}>}
   */
  take(pairs, images, steps) {
    return this.#question({ type: "take", pairs, images, steps });
  }

  close() {
    this.#closed = true;
    this.#core?.then((core) => core.close()).catch(() => {});
  }
}
