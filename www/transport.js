// Play, pause, step, step back, scrub, speed, seed: the keys under the stage.
import { fillRange, icon, make } from "./dom.js";
import { strings } from "./strings.js";

/** Milliseconds between two announcements of the step. */
const ANNOUNCE = 1000;
/** Milliseconds of a run from which the time that is left is told. */
const TOLD = 400;
/** Positions of a logarithmic scrubber. */
const FINE = 1000;
/** Pixels between two words over the scrubber. */
const APART = 16;

/**
 * @typedef {object} Hands
 * @property {(speed: number) => void} play
 * @property {() => void} pause
 * @property {(step: number) => void} seek
 * @property {() => void} restart
 * @property {() => void} newSeed
 * @property {(text: string) => void} seed one was typed
 * @property {(speed: number) => void} speed
 */

export class Transport {
  #root;
  #hands;
  #last;
  #log;
  #waited;
  #step = 0;
  #playing = false;
  #ended = false;
  #ready = false;
  #announced = 0;
  /** When the run was set playing, and the step at which it was: for the time that is left. @type {[number, number] | null} */
  #since = null;
  /** @type {Record<string, HTMLButtonElement>} */
  #keys = {};
  /** Words are placed after the page was laid out: to measure them before would lay it out once more. */
  #watch = new ResizeObserver(() => this.#spread());

  /**
   * @param {HTMLElement} root
   * @param {{steps: number, log_steps: boolean, pace: number}} entry
   * @param {Hands} hands
   * @param {Set<string>} hide
   */
  constructor(root, entry, hands, hide) {
    this.#root = root;
    this.#hands = hands;
    this.#last = entry.steps;
    this.#log = entry.log_steps;
    // A run without a pace is waited for, so it says for how long.
    this.#waited = entry.pace === 0;
    const key = (
      /** @type {string} */ name,
      /** @type {string} */ label,
      /** @type {() => void} */ act,
      { kind = "icon-button", sign = name } = {},
    ) => {
      const button = make(
        "button",
        {
          class: kind,
          type: "button",
          "data-act": name,
          "aria-label": label,
          title: label,
          disabled: true,
          onclick: act,
        },
        icon(sign),
      );
      this.#keys[name] = button;
      return button;
    };
    const keys = make(
      "div",
      { class: "keys" },
      key("restart", strings.restart, () => hands.restart()),
      key("back", strings.back, () => this.back()),
      key("play", strings.play, () => this.toggle(), { kind: "play" }),
      key("step", strings.step, () => this.forward()),
    );
    this.scrub = make("input", {
      type: "range",
      min: 0,
      max: this.#log ? FINE : this.#last,
      value: 0,
      disabled: true,
      "aria-label": strings.step,
    });
    this.scrub.addEventListener("input", () => hands.seek(this.#stepAt(this.scrub.valueAsNumber)));
    this.marks = make("div", { class: "marks", "aria-hidden": "true" });
    this.now = make("b", { text: strings.loading });
    this.end = make("span");
    const timeline = make(
      "div",
      { class: "timeline" },
      this.marks,
      this.scrub,
      make("div", { class: "ends" }, make("span", { text: this.#log ? "1" : "0" }), this.now, this.end),
    );
    timeline.addEventListener("pointermove", ({ clientX }) =>
      this.#spread(clientX - this.marks.getBoundingClientRect().left),
    );
    for (const type of ["pointerleave", "focusin", "focusout", "input"])
      timeline.addEventListener(type, () => this.#spread());
    this.speed = make(
      "select",
      { title: strings.speed, "aria-label": strings.speed, disabled: true },
      ...strings.speeds.map(([name, value]) => make("option", { value, selected: value === 1, text: name })),
    );
    this.speed.addEventListener("change", () => hands.speed(this.speedNow));
    this.seed = make("input", {
      type: "text",
      inputmode: "numeric",
      autocomplete: "off",
      "aria-describedby": "fault-seed",
      disabled: true,
    });
    this.seed.addEventListener("change", () => hands.seed(this.seed.value.trim()));
    const seed = make("label", { class: "seed" }, make("span", { class: "word", text: strings.seed }), this.seed);
    const rest = make("div", { class: "rest" });
    if (!hide.has("speed")) rest.append(this.speed);
    if (!hide.has("seed"))
      rest.append(
        seed,
        key("seed", strings.newSeed, () => hands.newSeed(), { sign: "dice" }),
      );
    this.fault = make("p", { class: "fault", id: "fault-seed", role: "alert" }, icon("alert"), make("span"));
    this.status = make("p", { class: "sr", role: "status" });
    root.replaceChildren(keys, timeline, rest, this.fault, this.status);
    fillRange(this.scrub);
    this.#watch.observe(this.marks);
  }

  get speedNow() {
    return Number(this.speed.value);
  }

  /** @param {number} at a position of the scrubber */
  #stepAt(at) {
    return this.#log ? Math.round(this.#last ** (at / FINE)) : at;
  }

  /** @param {number} step */
  #position(step) {
    return this.#log ? (FINE * Math.log(Math.max(1, step))) / Math.log(this.#last) : step;
  }

  toggle() {
    if (!this.#ready) return;
    if (this.#playing) this.#hands.pause();
    else {
      if (this.#ended) this.#hands.restart();
      this.#hands.play(this.speedNow);
    }
  }

  forward() {
    if (this.#ready && !this.#ended) this.#hands.seek(this.#step + 1);
  }

  back() {
    if (this.#ready && this.#step > 0) this.#hands.seek(this.#step - 1);
  }

  /** Between runs: the keys wait. */
  wait() {
    this.#ready = false;
    for (const key of Object.values(this.#keys)) key.disabled = true;
    this.scrub.disabled = this.speed.disabled = this.seed.disabled = true;
  }

  /** A run began with this seed, and will end at a step as far as is known. @param {string} seed @param {number} last */
  begin(seed, last) {
    this.seed.value = seed;
    this.#since = null;
    this.#reach(last);
    this.#refused(false);
  }

  /** How far the scrubber goes. @param {number} last */
  #reach(last) {
    this.#last = last;
    this.scrub.max = String(this.#log ? FINE : last);
    this.end.textContent = this.#log ? strings.logSteps(last) : String(last);
    delete this.marks.dataset.events;
  }

  /** A seed was refused: it stays in its box, with the reason under it. Answers whether there is a box. @param {import("./types.js").Fault} fault */
  refuse({ name, wanted, given }) {
    if (name !== "seed" || !this.seed.isConnected) return false;
    this.seed.value = given;
    /** @type {HTMLElement} */ (this.fault.lastElementChild).textContent = strings.fault(strings.seed, wanted, given);
    this.#refused(true);
    return true;
  }

  /** @param {boolean} refused */
  #refused(refused) {
    this.#root.classList.toggle("refused", refused);
    this.seed.setAttribute("aria-invalid", String(refused));
  }

  /**
   * Puts each word over its tick. Where two would run together the earlier stands, or the one that the hand is at: the pointer on the
   * timeline, else the thumb while it has the focus.
   * @param {number | null} [hand] pixels from the left
   */
  #spread(hand = document.activeElement === this.scrub ? this.#thumb : null) {
    const width = this.marks.clientWidth;
    if (width === 0) return;
    const words = [...this.marks.querySelectorAll("i")].map((tick) => {
      const word = /** @type {HTMLElement} */ (tick.nextElementSibling);
      word.hidden = false;
      const [at, room] = [tick.offsetLeft, word.offsetWidth];
      const left = Math.max(0, Math.min(at - room / 2, width - room));
      return { word, at, left, right: left + room };
    });
    words.sort((a, b) => a.at - b.at);
    if (hand !== null && words.length > 0) {
      const far = words.map(({ at }) => Math.abs(at - hand));
      words.unshift(...words.splice(far.indexOf(Math.min(...far)), 1));
    }
    words.forEach(({ word, left, right }, i) => {
      word.style.left = `${left}px`;
      word.hidden = words
        .slice(0, i)
        .some((other) => !other.word.hidden && left < other.right + APART && other.left < right + APART);
    });
  }

  /** Where the thumb is, in pixels from the left. */
  get #thumb() {
    return (this.marks.clientWidth * this.scrub.valueAsNumber) / Number(this.scrub.max);
  }

  /** How long a run that is waited for will take, once that can be told. @param {number} step @param {boolean} playing */
  #left(step, playing) {
    if (!playing || !this.#waited) {
      this.#since = null;
      return "";
    }
    const now = performance.now();
    this.#since ??= [now, step];
    const [start, from] = this.#since;
    if (now - start < TOLD || step === from) return "";
    return strings.timeLeft(((this.#last - step) * (now - start)) / (step - from) / 1000);
  }

  /** @param {import("./types.js").Frame} frame */
  show({ step, playing, goal, ended, events, captions, last }) {
    // A hand may have made a run longer or shorter.
    if (last !== this.#last) this.#reach(last);
    this.#ready = true;
    this.#step = step;
    this.#ended = ended !== null;
    if (playing !== this.#playing || this.#keys.play.disabled) {
      this.#playing = playing;
      const label = playing ? strings.pause : strings.play;
      this.#keys.play.replaceChildren(icon(playing ? "pause" : "play"));
      this.#keys.play.setAttribute("aria-label", label);
      this.#keys.play.title = label;
    }
    this.#keys.play.disabled = false;
    const held = document.activeElement;
    this.#keys.restart.disabled = this.#keys.back.disabled = step === 0;
    this.#keys.step.disabled = this.#ended;
    // A key that can no longer be pressed hands the focus on instead of dropping it.
    if (held instanceof HTMLButtonElement && held.disabled && Object.values(this.#keys).includes(held))
      this.#keys.play.focus();
    if (this.#keys.seed) this.#keys.seed.disabled = false;
    this.scrub.disabled = this.speed.disabled = this.seed.disabled = false;
    // On the way it stands where the hand put it.
    this.scrub.value = String(this.#position(goal ?? step));
    fillRange(this.scrub);
    const arrived = ended ? strings.ended(ended.word, step) : strings.stepNow(step);
    const text = goal === null ? arrived : strings.underWay(step, goal);
    this.now.textContent = [text, this.#left(step, playing)].filter(Boolean).join(", ");
    this.scrub.setAttribute("aria-valuetext", text);
    const wanted = JSON.stringify(events);
    if (this.marks.dataset.events !== wanted) {
      this.marks.dataset.events = wanted;
      const full = this.#position(this.#last);
      this.marks.replaceChildren(
        ...events.flatMap(([at, word]) => [
          make("i", { style: `left:${(100 * this.#position(at)) / full}%` }),
          make("span", { text: word }),
        ]),
      );
      this.#watch.unobserve(this.marks);
      this.#watch.observe(this.marks);
    }
    if (!playing || performance.now() - this.#announced > ANNOUNCE) {
      this.#announced = performance.now();
      this.status.textContent = `${text}. ${captions[0] ?? ""}`;
    }
  }
}
