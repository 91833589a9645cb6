// Drawing that takes turns: a frame of the browser gets no more than fits into it, and the frames after it go on, with what has
// waited longest first.

/** Milliseconds of drawing in a frame, of the 16 that it has: the rest is for the browser's own painting. */
const WORK = 9;

/** @template {object} Thing */
export class Turns {
  /** What waits, in the order of its waiting. @type {Map<Thing, () => void>} */
  #waiting = new Map();
  /** Milliseconds that each took the last time. @type {WeakMap<Thing, number>} */
  #cost = new WeakMap();
  #may;
  /** The frame that was last drawn in, by its time, and the milliseconds of drawing in it. */
  #frame = { time: /** @type {CSSNumberish | null} */ (null), spent: 0 };
  #next = 0;

  /** @param {(thing: Thing) => boolean} may whether it is its turn at all; what may not waits for `draw` */
  constructor(may) {
    this.#may = may;
  }

  /** How this is drawn now; before it was drawn, a newer way takes the older's turn. @param {Thing} thing @param {() => void} draw */
  ask(thing, draw) {
    this.#waiting.set(thing, draw);
  }

  /** Draws this at once, if it waits. @param {Thing} thing */
  draw(thing) {
    const draw = this.#waiting.get(thing);
    if (!draw) return;
    this.#waiting.delete(thing);
    const start = performance.now();
    draw();
    const cost = performance.now() - start;
    this.#cost.set(thing, cost);
    this.#frame.spent += cost;
  }

  /** Draws what fits into this frame, and the rest in those that follow. @param {() => void} [then] is called when all is drawn */
  go(then) {
    cancelAnimationFrame(this.#next);
    const time = document.timeline.currentTime;
    if (time !== this.#frame.time) this.#frame = { time, spent: 0 };
    for (const thing of [...this.#waiting.keys()].filter(this.#may)) {
      const { spent } = this.#frame;
      // The first of a frame is drawn whatever it takes: all come in their turn.
      if (spent > 0 && spent + (this.#cost.get(thing) ?? 0) > WORK) {
        this.#next = requestAnimationFrame(() => this.go(then));
        return;
      }
      this.draw(thing);
    }
    then?.();
  }

  /** This is drawn no more. @param {Thing} thing */
  forget(thing) {
    this.#waiting.delete(thing);
  }
}
