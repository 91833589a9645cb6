// The settings of a sweep: what goes along its two sides, how many seeds, and the step at which runs are stopped.
import { icon, make } from "./dom.js";
import { canVary, isNumber, optionsOf, RANGE, usualOf, valuesOf } from "./sweep-axis.js";
import { strings } from "./sweep-strings.js";

/** Seeds, unless others are asked for, and the most that there may be. */
const SEEDS = 3;
const MOST_SEEDS = 1000;

/**
 * @typedef {import("./types.js").Param} Param
 * @typedef {import("./types.js").Pair} Pair
 */

/** A label, what is under it, and room for what is wrong with it. @param {string} id @param {string} label @param {...Node} parts */
const fieldOf = (id, label, ...parts) =>
  make(
    "div",
    { class: "field", id: `field-${id}` },
    make("span", { class: "label" }, make("label", { for: id, text: label })),
    ...parts,
    make("p", { class: "fault", id: `fault-${id}` }, icon("alert"), make("span")),
  );

/** A box for a number. @param {string} field @param {Record<string, unknown>} attributes @param {() => void} changed */
const boxOf = (field, attributes, changed) =>
  make("input", {
    ...{ type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": `fault-${field}` },
    ...attributes,
    onchange: changed,
  });

/** Says what is wrong with a field, or that nothing is. @param {HTMLElement} field @param {string[]} faults */
function refuse(field, faults) {
  field.classList.toggle("refused", faults.length > 0);
  /** @type {HTMLElement} */ (field.querySelector(".fault span")).textContent = faults.join(" ");
  for (const box of field.querySelectorAll("input[type=text]")) {
    if (faults.length > 0) box.setAttribute("aria-invalid", "true");
    else box.removeAttribute("aria-invalid");
  }
}

/** @param {string} name @param {HTMLElement} box */
const named = (name, box) => make("label", {}, make("span", { text: name }), box);

// Shares are shown and typed in percent.
/** @param {Param} param */
const factorOf = ({ kind }) => (kind.type === "share" ? 100 : 1);
/** @param {Param} param @param {string} name */
const unit = (param, name) => (factorOf(param) === 100 ? strings.inPercent(name) : name);
/** @param {string} text @param {number} by */
const times = (text, by) =>
  by === 1 || text === "" || Number.isNaN(Number(text)) ? text : String(Number((Number(text) * by).toPrecision(12)));
/** @param {Param} param @param {string} text as links have it */
const shown = (param, text) => times(text, factorOf(param));
/** @param {Param} param @param {string} typed */
const read = (param, typed) => times(typed.trim(), 1 / factorOf(param));

/** What goes along one side. */
class Side {
  #params;
  #changed;
  #select;
  #values = make("div", { class: "values" });
  /** How links write it. @type {() => string} */
  #text = () => "";
  /** What was chosen of each parameter, for whoever comes back to it. @type {Map<string, string>} */
  #known = new Map();

  /**
   * @param {string} id @param {string} label @param {Param[]} params @param {boolean} optional whether there may be nothing
   * @param {() => void} changed
   */
  constructor(id, label, params, optional, changed) {
    this.#params = params;
    this.#changed = changed;
    this.#select = make(
      "select",
      { id },
      ...(optional ? [make("option", { value: "", text: strings.nothingThere })] : []),
      ...params.map(({ name, label }) => make("option", { value: name, text: label })),
    );
    this.#select.addEventListener("change", () => {
      const { param } = this;
      this.show(this.name, param ? (this.#known.get(param.name) ?? usualOf(param)) : "");
      changed();
    });
    this.field = fieldOf(id, label, this.#select, this.#values);
  }

  get name() {
    return this.#select.value;
  }

  get param() {
    return this.#params.find(({ name }) => name === this.name) ?? null;
  }

  /** What the other side has cannot be had here. @param {string} name */
  forbid(name) {
    for (const option of this.#select.options) option.disabled = option.value !== "" && option.value === name;
  }

  /** Shows an axis, none where the name is empty. @param {string} name @param {string} text */
  show(name, text) {
    this.#select.value = name;
    const { param } = this;
    const range = text.match(RANGE);
    if (!param) this.#showNothing();
    else if (!isNumber(param)) this.#showOptions(param, text.split(","));
    else if (range) this.#showRange(param, range);
    else this.#showList(param, text);
  }

  #showNothing() {
    this.#select.value = this.#select.options[0].value;
    this.#text = () => "";
    this.#values.replaceChildren();
  }

  #keep = () => {
    this.#known.set(this.name, this.#text());
    this.#changed();
  };

  /** @param {Param} param @param {string[]} range */
  #showRange(param, [, from, to, count, log]) {
    const field = this.#select.id;
    const box = (/** @type {string} */ value) => boxOf(field, { value }, this.#keep);
    const [low, high, many] = [box(shown(param, from)), box(shown(param, to)), box(count)];
    const even = make("input", { type: "checkbox", role: "switch", checked: log !== undefined, onchange: this.#keep });
    this.#text = () => {
      const [from, to] = [low, high].map(({ value }) => read(param, value.replace(",", ".")));
      return `${from}..${to}:${many.value.trim()}${even.checked ? ",log" : ""}`;
    };
    this.#values.replaceChildren(
      named(unit(param, strings.from), low),
      named(unit(param, strings.to), high),
      named(strings.howMany, many),
      make("label", { class: "switch" }, make("span", { text: strings.evenRatios }), even),
    );
  }

  /** What is no range may be numbers with commas between. @param {Param} param @param {string} text */
  #showList(param, text) {
    const each = (/** @type {string} */ list, /** @type {(param: Param, text: string) => string} */ turn) =>
      list
        .split(",")
        .map((part) => turn(param, part))
        .join();
    const box = boxOf(this.#select.id, { value: each(text, shown) }, this.#keep);
    this.#text = () => each(box.value, read);
    this.#values.replaceChildren(make("div", { class: "list" }, named(unit(param, strings.howMany), box)));
  }

  /** @param {Param} param @param {string[]} chosen */
  #showOptions(param, chosen) {
    const chips = optionsOf(param).map(([value, text]) =>
      make("button", {
        ...{ class: "chip", type: "button", value, text, "aria-pressed": String(chosen.includes(value)) },
        onclick: (/** @type {Event} */ { currentTarget }) => {
          const chip = /** @type {HTMLElement} */ (currentTarget);
          chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
          this.#keep();
        },
      }),
    );
    this.#text = () =>
      chips
        .filter((chip) => chip.getAttribute("aria-pressed") === "true")
        .map(({ value }) => value)
        .join();
    this.#values.replaceChildren(make("div", { class: "picked", role: "group", "aria-label": param.label }, ...chips));
  }

  /** The axis, with its values where all is well; what is wrong stands under it. */
  read() {
    const { param } = this;
    if (!param) return null;
    const text = this.#text();
    const { values, faults } = valuesOf(param, text);
    refuse(this.field, faults);
    return { param, text, values: faults.length > 0 ? null : values };
  }
}

export class SweepForm {
  #entry;
  /** @type {[Side, Side]} */
  #sides;
  #seeds;
  #steps;

  /** @param {HTMLFormElement} root @param {import("./types.js").Entry} entry @param {() => void} changed */
  constructor(root, entry, changed) {
    this.#entry = entry;
    const params = entry.params.filter(canVary);
    const moved = () => {
      this.#forbid();
      changed();
    };
    this.#sides = [
      new Side("across", strings.sideAcross, params, false, moved),
      new Side("up", strings.sideUp, params, true, moved),
    ];
    this.#seeds = boxOf("seeds", { id: "seeds" }, changed);
    this.#steps = boxOf("steps", { id: "steps" }, changed);
    root.addEventListener("submit", (event) => event.preventDefault());
    root.append(
      ...this.#sides.map(({ field }) => field),
      fieldOf("seeds", strings.seeds, this.#seeds),
      fieldOf("steps", strings.stopAt, this.#steps),
    );
  }

  #forbid() {
    const [across, up] = this.#sides;
    across.forbid(up.name);
    up.forbid(across.name);
  }

  /** What is shown where nothing is asked for: a number across and, if there is one, a share up. @returns {Pair[]} */
  #usual() {
    const params = this.#entry.params.filter(canVary);
    const across = params.find(isNumber) ?? params[0];
    const others = params.filter((param) => param !== across && isNumber(param));
    const up = others.find(({ kind }) => kind.type === "share") ?? others[0];
    return [across, up].filter((param) => param !== undefined).map((param) => [param.name, usualOf(param)]);
  }

  /** @param {{axes: Pair[], seeds: string | undefined, steps: string | undefined}} asked */
  show({ axes, seeds, steps }) {
    const shown = axes.length > 0 ? axes : this.#usual();
    this.#sides.forEach((side, i) => side.show(...(shown[i] ?? ["", ""])));
    this.#forbid();
    this.#seeds.value = seeds ?? String(SEEDS);
    this.#steps.value = steps ?? String(this.#entry.steps);
  }

  /** What is asked for; numbers and values are null where they are wrong, which then stands beside them. */
  read() {
    const number = (/** @type {HTMLInputElement} */ box, /** @type {string} */ label, /** @type {number} */ most) => {
      const given = box.value.trim();
      const fine = /^\d+$/.test(given) && Number(given) >= 1 && Number(given) <= most;
      const fault = () => strings.fault(label, strings.wholeBetween("1", String(most)), given);
      refuse(/** @type {HTMLElement} */ (box.closest(".field")), fine ? [] : [fault()]);
      return fine ? Number(given) : null;
    };
    return {
      axes: this.#sides.map((side) => side.read()).filter((axis) => axis !== null),
      seeds: number(this.#seeds, strings.seeds, MOST_SEEDS),
      steps: number(this.#steps, strings.stopAt, this.#entry.steps),
    };
  }
}
