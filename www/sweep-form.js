// The settings of a sweep: what goes along its two sides, how many seeds, and the step at which runs are stopped.
import { icon, make } from "./dom.js";
import { defaultOf, percent, WIDE } from "./form.js";
import { strings } from "./strings.js";

/** Values along a side, unless others are asked for. */
const VALUES = 6;
/** Seeds, unless others are asked for, and the most that are taken. */
const SEEDS = 3;
const MOST_SEEDS = 1000;
/** As the address and the command line write a range. */
const RANGE = /^(.+?)\.\.(.+?):(\d+)(,log)?$/;

/**
 * @typedef {import("./types.js").Param} Param
 * @typedef {import("./types.js").Pair} Pair
 * @typedef {import("./types.js").Fault} Fault
 */

/** The words of a parameter that has a few, and their labels. @param {Param} param @returns {Pair[]} */
function optionsOf({ kind }) {
  if (kind.type === "toggle") return [["off", strings.off], ["on", strings.on]]; // prettier-ignore
  return kind.type === "choice" ? kind.options : [];
}

const isNumber = (/** @type {Param} */ { kind }) => "min" in kind;
/** Whether there can be an axis of it. @param {Param} param */
const canVary = (param) => isNumber(param) || optionsOf(param).length > 0;
const factorOf = (/** @type {Param} */ { kind }) => (kind.type === "share" ? 100 : 1);

/** All that a parameter can be, in a few values. @param {Param} param */
function wholeOf(param) {
  const { kind } = param;
  if (!("min" in kind)) return optionsOf(param).map(([value]) => value).join(); // prettier-ignore
  const { type, min, max } = kind;
  const count = type === "int" ? Math.min(VALUES, max - min + 1) : VALUES;
  return `${min}..${max}:${count}${min > 0 && max / min > WIDE ? ",log" : ""}`;
}

/** A value as the page shows it. @param {Param} param @param {string} value */
export function labelOf(param, value) {
  if (param.kind.type === "share") return percent(Number(value));
  return optionsOf(param).find(([known]) => known === value)?.[1] ?? value;
}

/** A whole number in a box: nothing if it is none or out of bounds. @param {string} text @param {number} most */
const whole = (text, most) => (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most ? Number(text) : null);

/** What goes along one side. */
class AxisField {
  #params;
  #root;
  #select;
  #values = make("div", { class: "values" });
  /** @type {() => string} */
  #text = () => "";
  /** What was chosen of each parameter, for whoever comes back to it. @type {Map<string, string>} */
  #known = new Map();

  /**
   * @param {HTMLElement} root @param {string} id @param {string} label @param {Param[]} params
   * @param {boolean} optional whether nothing may go along it @param {() => void} changed
   */
  constructor(root, id, label, params, optional, changed) {
    this.#params = params;
    this.changed = changed;
    this.id = id;
    const none = optional ? [make("option", { value: "", text: strings.noAxis })] : [];
    const options = params.map(({ name, label }) => make("option", { value: name, text: label }));
    this.#select = make("select", { id }, ...none, ...options);
    this.#select.addEventListener("change", () => {
      const param = this.param;
      this.show(this.name, param ? (this.#known.get(param.name) ?? wholeOf(param)) : "");
      changed();
    });
    this.#root = make(
      "div",
      { class: "field axis", id: `field-${id}` },
      make("span", { class: "label" }, make("label", { for: id, text: label })),
      this.#select,
      this.#values,
      make("p", { class: "fault", id: `fault-${id}` }, icon("alert"), make("span")),
    );
    root.append(this.#root);
  }

  get name() {
    return this.#select.value;
  }

  get param() {
    return this.#params.find(({ name }) => name === this.name) ?? null;
  }

  /** How links write it. */
  get text() {
    return this.#text();
  }

  /** What the other side has cannot be had here. @param {string} name */
  forbid(name) {
    for (const option of this.#select.options) option.disabled = option.value !== "" && option.value === name;
  }

  /** Shows an axis, and answers whether it can be shown. @param {string} name @param {string} text */
  show(name, text) {
    const param = this.#params.find((param) => param.name === name);
    this.#select.value = param ? name : "";
    if (!param) {
      this.#values.replaceChildren();
      this.#text = () => "";
      return name === "";
    }
    const range = text.match(RANGE);
    if (isNumber(param) && !range) {
      this.show(name, wholeOf(param));
      return false;
    }
    if (range) this.#showRange(param, range);
    else this.#showOptions(param, text.split(","));
    return true;
  }

  #keep() {
    this.#known.set(this.name, this.text);
    this.changed();
  }

  /** @param {Param} param @param {string[]} range */
  #showRange(param, [, from, to, count, log]) {
    const factor = factorOf(param);
    const shown = (/** @type {string} */ text) => (factor === 1 ? text : String(Number((Number(text) * factor).toPrecision(12))));
    const read = (/** @type {string} */ text) => {
      const typed = text.trim().replace(",", ".");
      const x = Number(typed);
      return factor !== 1 && typed !== "" && Number.isFinite(x) ? String(Number((x / factor).toPrecision(12))) : typed;
    };
    const unit = factor === 1 ? "" : " (%)";
    const box = (/** @type {string} */ label, /** @type {string} */ value) => {
      const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", value });
      input.setAttribute("aria-describedby", `fault-${this.id}`);
      input.addEventListener("change", () => this.#keep());
      return { input, label: make("label", {}, make("span", { text: label }), input) };
    };
    const [low, high, many] = [
      box(strings.from + unit, shown(from)),
      box(strings.to + unit, shown(to)),
      box(strings.howMany, count),
    ];
    const even = make("input", { type: "checkbox", role: "switch", checked: log !== undefined });
    even.addEventListener("change", () => this.#keep());
    this.#text = () =>
      `${read(low.input.value)}..${read(high.input.value)}:${many.input.value.trim()}${even.checked ? ",log" : ""}`;
    this.#values.replaceChildren(
      make("div", { class: "range" }, low.label, high.label, many.label),
      make("label", { class: "switch" }, make("span", { text: strings.evenRatios }), even),
    );
  }

  /** @param {Param} param @param {string[]} chosen */
  #showOptions(param, chosen) {
    const chips = optionsOf(param).map(([value, label]) => {
      const chip = make("button", { class: "chip", type: "button", value, text: label });
      chip.setAttribute("aria-pressed", String(chosen.includes(value)));
      chip.addEventListener("click", () => {
        chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
        this.#keep();
      });
      return chip;
    });
    const pressed = () => chips.filter((chip) => chip.getAttribute("aria-pressed") === "true");
    this.#text = () => pressed().map(({ value }) => value).join(); // prettier-ignore
    const group = { class: "picked", role: "group", "aria-label": param.label };
    this.#values.replaceChildren(make("div", group, ...chips));
  }

  /** @param {string} message nothing where all is well */
  refuse(message) {
    refuse(this.#root, message);
  }
}

/** Says what is wrong with a field, or that nothing is. @param {HTMLElement} field @param {string} message */
function refuse(field, message) {
  field.classList.toggle("refused", message !== "");
  /** @type {HTMLElement} */ (field.querySelector(".fault span")).textContent = message;
  for (const box of field.querySelectorAll("input[type=text]")) {
    if (message === "") box.removeAttribute("aria-invalid");
    else box.setAttribute("aria-invalid", "true");
  }
}

export class SweepForm {
  #steps;
  #axes;
  #seedsBox;
  #stepsBox;

  /** @param {HTMLElement} root @param {import("./types.js").Entry} entry @param {() => void} changed */
  constructor(root, entry, changed) {
    root.addEventListener("submit", (event) => event.preventDefault());
    this.#steps = entry.steps;
    const params = entry.params.filter(canVary);
    const sides = () => {
      this.#axes.forEach((axis, i) => axis.forbid(this.#axes[1 - i].name));
      changed();
    };
    this.#axes = [
      new AxisField(root, "across", strings.across_, params, false, sides),
      new AxisField(root, "up", strings.up_, params, true, sides),
    ];
    const box = (/** @type {string} */ id, /** @type {string} */ label, /** @type {string} */ hint) => {
      const input = make("input", { type: "text", inputmode: "numeric", autocomplete: "off", id });
      input.setAttribute("aria-describedby", `fault-${id}`);
      input.addEventListener("change", changed);
      root.append(
        make(
          "div",
          { class: "field", id: `field-${id}` },
          make("span", { class: "label" }, make("label", { for: id, text: label })),
          make("span", { class: "box" }, input),
          make("p", { class: "hint", text: hint }),
          make("p", { class: "fault", id: `fault-${id}` }, icon("alert"), make("span")),
        ),
      );
      return input;
    };
    this.#seedsBox = box("seeds", strings.seeds, strings.seedsHint);
    this.#stepsBox = box("steps", strings.stepCap, strings.stepCapHint(entry.steps));
    // Where nothing is asked for: a number across and a share up, which are what most is to be seen of.
    const first = params.find(isNumber) ?? params[0];
    const numbers = params.filter((param) => param !== first && isNumber(param));
    const second = numbers.find(({ kind }) => kind.type === "share") ?? numbers[0];
    this.#usual = [first, second].filter(Boolean).map((param) => /** @type {Pair} */ ([param.name, wholeOf(param)]));
  }

  /** @type {Pair[]} */
  #usual;

  /**
   * Shows what an address asks for, or the usual where it asks for nothing.
   * @param {{axes: Pair[], seeds: string | null, steps: string | null}} asked
   * @returns {Fault[]} what of it cannot be shown
   */
  show({ axes, seeds, steps }) {
    const [across, up] = axes.length > 0 ? axes : this.#usual;
    this.#seedsBox.value = seeds ?? String(SEEDS);
    this.#stepsBox.value = steps ?? String(this.#steps);
    const faults = [across, up ?? ["", ""]].filter((axis, i) => axis && !this.#axes[i].show(...axis));
    this.#axes.forEach((axis, i) => axis.forbid(this.#axes[1 - i].name));
    return faults.map(([name, given]) => ({ name, given, wanted: strings.noSuchAxis, nearest: null }));
  }

  /** What is asked for, as links write it. */
  read() {
    const axes = this.#axes.filter(({ name }) => name !== "").map(({ name, text }) => /** @type {Pair} */ ([name, text]));
    return { axes, seeds: this.#seedsBox.value.trim(), steps: this.#stepsBox.value.trim() };
  }

  /** The numbers of seeds and of steps; null, and a word about it, for what is none. */
  readNumbers() {
    const numbers = [
      /** @type {const} */ ([this.#seedsBox, strings.seeds, MOST_SEEDS]),
      /** @type {const} */ ([this.#stepsBox, strings.stepCap, this.#steps]),
    ].map(([box, label, most]) => {
      const given = box.value.trim();
      const number = whole(given, most);
      const message = number === null ? strings.fault(label, strings.wholeUpTo(most), given) : "";
      refuse(/** @type {HTMLElement} */ (box.closest(".field")), message);
      return number;
    });
    return { seeds: numbers[0], steps: numbers[1] };
  }

  /** Says what is wrong with the axes: a list for each, empty where all is well. @param {Fault[][]} faults */
  refuse(faults) {
    const used = this.#axes.filter(({ name }) => name !== "");
    used.forEach((axis, i) => {
      const { param } = axis;
      const words = faults[i].map(({ wanted, given }) => {
        const kind = param?.kind;
        const x = Number(given);
        if (!param || kind?.type !== "share" || !Number.isFinite(x)) {
          // A range comes whole, and is there to be seen.
          return strings.fault(param?.label ?? "", wanted, RANGE.test(given) ? "" : given);
        }
        return strings.fault(param.label, strings.between(percent(kind.min), percent(kind.max)), percent(x));
      });
      axis.refuse(words.join(" "));
    });
  }
}

/** The settings of a run that are not at their default, in words. @param {import("./types.js").Entry} entry @param {Pair[]} pairs */
export function settingsOf(entry, pairs) {
  const values = new Map(pairs);
  return entry.params
    .map((param) => ({ param, text: values.get(param.name) ?? defaultOf(param) }))
    .filter(({ param, text }) => text !== defaultOf(param))
    .map(({ param, text }) => `${param.label} ${labelOf(param, text)}`);
}
