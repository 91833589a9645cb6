// The settings, made from the schema: one control for each kind of parameter.
import { fillRange, icon, make } from "./dom.js";
import { imagesControl } from "./images.js";
import { messageOf } from "./message.js";
import { bareNumber, defaultOf, percent, plain, WIDE } from "./params.js";
import { readPicture } from "./pictures.js";
import { strings } from "./strings.js";

/** Positions of a slider of real numbers. */
const FINE = 200;
/** Choices up to this many stand side by side. */
const SEGMENTS = 3;

/**
 * @typedef {import("./types.js").Param} Param
 * @typedef {import("./types.js").Picture} Picture
 * @typedef {object} Hands
 * @property {(name: string, text: string) => void} set one setting moved
 * @property {(values: Map<string, string>) => void} all several settings at once
 * @property {(pictures: Picture[]) => void} bring
 * @property {(picture: import("./pictures.js").Ink) => Promise<import("./pictures.js").Ink>} fit a picture to the size that runs read
 *
 * @typedef {object} Control
 * @property {HTMLElement} field
 * @property {(text: string) => void} show
 * @property {(most: number) => void} [reach] the greatest number that does something
 */

/**
 * Between a number and the position of its slider, 0 to `FINE` or the whole numbers themselves.
 * @param {{type: string, min: number, max: number}} kind
 */
export function scaleOf({ type, min, max }) {
  const log = min > 0 && max / min > WIDE;
  const whole = type === "int";
  const [low, high] = whole && !log ? [min, max] : [0, FINE];
  const share = (/** @type {number} */ x) => (log ? Math.log(x / min) / Math.log(max / min) : (x - min) / (max - min));
  const to = (/** @type {number} */ x) => low + (high - low) * share(x);
  const within = (/** @type {number} */ x) => Math.min(max, Math.max(min, x));
  const from = (/** @type {number} */ at) => {
    const part = (at - low) / (high - low);
    const x = log ? min * (max / min) ** part : min + (max - min) * part;
    if (whole) return within(Math.round(x));
    // As many digits as tell the positions of the slider apart, and no more: links are to be short.
    return within(Number(log ? x.toPrecision(3) : x.toFixed(Math.max(0, 3 - Math.floor(Math.log10(max - min))))));
  };
  /** Where a hand that was at x arrives: low whole numbers lie further apart than the positions of a logarithm, and would hold it. */
  const move = (/** @type {number} */ x, /** @type {number} */ at) => {
    const next = from(at);
    return whole && next === x ? within(x + Math.sign(at - to(x))) : next;
  };
  return { min: low, max: high, step: 1, to, from, move };
}

/** What was picked, as links write it. @param {string} text */
const choicesOf = (text) => text.split(".").filter((choice) => choice !== "");

export class Form {
  #params;
  #lock;
  #hands;
  #presets;
  /** @type {Map<string, Control>} */
  #controls = new Map();
  /** @type {Map<string, string>} */
  #values = new Map();
  /** @type {Map<string, string[]>} what can be picked, by parameter */
  #items = new Map();
  /** @type {Picture[]} */
  #pictures = [];
  /** @type {HTMLButtonElement[]} */
  #chips = [];
  #touched = false;

  /**
   * @param {HTMLFormElement} root
   * @param {import("./types.js").Entry} entry
   * @param {Hands} hands
   * @param {{hide: Set<string>, lock: Set<string>}} teacher
   */
  constructor(root, entry, hands, { hide, lock }) {
    this.#params = entry.params;
    this.#lock = lock;
    this.#presets = entry.presets;
    this.#hands = hands;
    for (const param of entry.params) this.#values.set(param.name, defaultOf(param));
    root.addEventListener("submit", (event) => event.preventDefault());
    if (entry.presets.length > 1 && !hide.has("presets")) {
      this.#chips = entry.presets.map((preset) =>
        make("button", {
          class: "chip",
          type: "button",
          "aria-pressed": "false",
          title: preset.story,
          text: preset.name,
          onclick: () => this.take(preset.set),
        }),
      );
      root.append(make("div", { class: "presets", role: "group", "aria-label": strings.presets }, ...this.#chips));
    }
    for (const param of entry.params) {
      if (hide.has(param.name)) continue;
      const control = this.#make(param);
      if (lock.has(param.name)) {
        control.field
          .querySelectorAll("input, select, button:not(.tip)")
          .forEach((part) => part.setAttribute("disabled", ""));
      }
      this.#controls.set(param.name, control);
      root.append(control.field);
    }
  }

  /** All parameters at their defaults but for some. @param {[string, string][]} set */
  take(set) {
    const values = new Map(
      this.#params.filter(({ kind }) => kind.type !== "images").map((param) => [param.name, defaultOf(param)]),
    );
    for (const [name, text] of set) values.set(name, text);
    for (const name of this.#lock) values.delete(name);
    this.#hands.all(values);
  }

  /** Takes a preset by its name, and goes to its button, where there is one. @param {string} name */
  press(name) {
    const i = this.#presets.findIndex((preset) => preset.name === name);
    if (i < 0) return;
    this.#chips[i]?.focus();
    this.take(this.#presets[i].set);
  }

  /** How far settings reach in this run; others reach as far as they go. @param {[string, import("./types.js").Reach][]} reaches */
  reach(reaches) {
    const known = new Map(reaches);
    for (const [name, { field, reach }] of this.#controls) {
      const far = known.get(name) ?? { "up-to": Number.POSITIVE_INFINITY };
      const most = "up-to" in far ? far["up-to"] : Number.POSITIVE_INFINITY;
      const idle = "idle" in far ? far.idle : "";
      if ("up-to" in far) reach?.(most);
      const said = idle || (Number(this.#values.get(name)) > most ? strings.takenAs(String(most)) : "");
      const why = field.querySelector(".idle");
      if (why) why.textContent = said;
      else if (said) field.append(make("p", { class: "hint idle", text: said }));
      if (this.#lock.has(name)) continue;
      for (const part of field.querySelectorAll("input, select")) part.toggleAttribute("disabled", idle !== "");
    }
  }

  /** The run has these values now. @param {[string, string][]} values */
  show(values) {
    for (const [name, text] of values) {
      this.#values.set(name, text);
      const control = this.#controls.get(name);
      const param = this.#params.find((known) => known.name === name);
      // What was wrong with a file stays to be read: it is no value, so no value mends it.
      if (!control || !param || param.kind.type === "images") continue;
      this.#clear(control.field);
      control.show(text);
      control.field.classList.toggle("changed", text !== defaultOf(param));
    }
    this.#press();
  }

  /** Whether a hand touched the run: then it is no preset, whatever its settings are. @param {boolean} touched */
  touch(touched) {
    if (touched === this.#touched) return;
    this.#touched = touched;
    this.#press();
  }

  #press() {
    this.#presets.forEach(({ set }, i) => {
      const wanted = new Map(set);
      const same =
        !this.#touched &&
        this.#pictures.length === 0 &&
        this.#params.every(
          (param) =>
            param.kind.type === "images" ||
            this.#values.get(param.name) === (wanted.get(param.name) ?? defaultOf(param)),
        );
      this.#chips[i]?.setAttribute("aria-pressed", String(same));
    });
  }

  /** What the pictures are called that a parameter picks among. @param {string} name @param {string[]} items */
  name(name, items) {
    this.#items.set(name, items);
  }

  /** The pictures that the run was started with. @param {Picture[]} pictures */
  showPictures(pictures) {
    this.#pictures = pictures;
    for (const { name, kind } of this.#params) if (kind.type === "images") this.#controls.get(name)?.show("");
    this.#press();
  }

  /** A value was refused: it stays in its box, with the reason under it. Answers whether there is a control for it. @param {import("./types.js").Fault} fault */
  refuse(fault) {
    const control = this.#controls.get(fault.name);
    const param = this.#params.find(({ name }) => name === fault.name);
    if (!control || !param) return false;
    control.field.classList.add("refused");
    const { kind } = param;
    const given =
      kind.type === "share" && fault.given !== "" && Number.isFinite(Number(fault.given))
        ? percent(Number(fault.given))
        : fault.given;
    const wanted =
      kind.type === "share" ? `must be between ${percent(kind.min)} and ${percent(kind.max)}` : fault.wanted;
    const message = /** @type {HTMLElement} */ (control.field.querySelector(".fault span"));
    message.textContent = strings.fault(param.label, wanted, given);
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (
      control.field.querySelectorAll("input[type=text]")
    )) {
      box.setAttribute("aria-invalid", "true");
      box.value = given.replace(" %", "");
    }
    return true;
  }

  /** @param {HTMLElement} field */
  #clear(field) {
    field.classList.remove("refused");
    field.querySelectorAll("[aria-invalid]").forEach((box) => box.removeAttribute("aria-invalid"));
  }

  /** @param {Param} param @returns {Control} */
  #make(param) {
    const { kind } = param;
    if (kind.type === "choice")
      return kind.options.length > SEGMENTS ? this.#select(param, kind.options) : this.#segments(param, kind.options);
    if (kind.type === "toggle") return this.#toggle(param);
    if (kind.type === "text") return this.#text(param, kind.most);
    if (kind.type === "picks") return this.#picks(param, kind);
    if (kind.type === "images") return this.#images(param, kind.most);
    return this.#number(param, kind);
  }

  /** Label, help, message: what every field has. @param {Param} param @param {HTMLElement} label @param {...(Node | null)} parts */
  #field(param, label, ...parts) {
    const help = `help-${param.name}`;
    const pop = make("span", { class: "hint-pop", popover: "auto", id: help, text: param.help });
    const tip = make(
      "button",
      {
        class: "tip",
        type: "button",
        popovertarget: help,
        "aria-label": `${strings.whatIsThis} ${param.label}`,
        title: strings.whatIsThis,
      },
      icon("help"),
    );
    placeUnder(pop, tip);
    const fault = make("p", { class: "fault", id: `fault-${param.name}` }, icon("alert"), make("span"));
    return make(
      "div",
      { class: "field", id: `field-${param.name}` },
      make("span", { class: "label" }, label, tip, pop),
      ...parts.filter((part) => part !== null),
      fault,
    );
  }

  /** @param {Param} param @param {(text: string) => void} show */
  #undo(param, show) {
    return make(
      "button",
      {
        class: "undo",
        type: "button",
        "aria-label": strings.toDefault(param.label),
        title: strings.toDefault(param.label),
        onclick: () => {
          show(defaultOf(param));
          this.#hands.set(param.name, defaultOf(param));
          // The arrow goes when there is nothing to undo, and would take the focus with it.
          document.getElementById(param.name)?.focus();
        },
      },
      icon("undo"),
    );
  }

  /** @param {Param} param @param {{type: "int" | "float" | "share", min: number, max: number}} kind @returns {Control} */
  #number(param, kind) {
    let scale = scaleOf(kind);
    const factor = kind.type === "share" ? 100 : 1;
    const label = make("label", { for: param.name, text: param.label });
    const box = make("input", {
      type: "text",
      inputmode: "decimal",
      "aria-label": strings.asNumber(param.label),
      "aria-describedby": `fault-${param.name}`,
      autocomplete: "off",
    });
    const range = make("input", { type: "range", id: param.name, min: scale.min, max: scale.max, step: scale.step });
    const show = (/** @type {string} */ text) => {
      const x = Number(text);
      box.value = plain(x * factor);
      range.value = String(scale.to(x));
      range.setAttribute("aria-valuetext", box.value);
      fillRange(range);
    };
    range.addEventListener("input", () => {
      const text = String(scale.move(Number(this.#values.get(param.name)), range.valueAsNumber));
      box.value = plain(Number(text) * factor);
      fillRange(range);
      this.#hands.set(param.name, text);
    });
    box.addEventListener("change", () => {
      const typed = bareNumber(box.value);
      const x = Number(typed);
      this.#hands.set(
        param.name,
        factor !== 1 && typed !== "" && Number.isFinite(x) ? String(Number((x / factor).toPrecision(12))) : typed,
      );
    });
    const unit = kind.type === "share" ? make("span", { class: "unit", text: "%" }) : null;
    const hint = param.ends
      ? make("p", { class: "hint" }, make("span", { text: param.ends[0] }), make("span", { text: param.ends[1] }))
      : null;
    const field = this.#field(
      param,
      label,
      make("span", { class: "box" }, this.#undo(param, show), box, unit),
      range,
      hint,
    );
    show(defaultOf(param));
    const reach = (/** @type {number} */ most) => {
      scale = scaleOf({ ...kind, max: Math.min(kind.max, most) });
      range.min = String(scale.min);
      range.max = String(scale.max);
      show(this.#values.get(param.name) ?? defaultOf(param));
    };
    return { field, show, reach };
  }

  /** @param {Param} param @param {[string, string][]} options @returns {Control} */
  #segments(param, options) {
    const radios = options.map(([value, name]) => {
      const radio = make("input", {
        type: "radio",
        name: `choice-${param.name}`,
        value,
        onchange: () => this.#hands.set(param.name, value),
      });
      return { radio, label: make("label", {}, radio, name) };
    });
    const show = (/** @type {string} */ text) => {
      for (const { radio } of radios) radio.checked = radio.value === text;
    };
    const group = make(
      "div",
      { class: options.length > 2 ? "segments tall" : "segments", role: "radiogroup", "aria-label": param.label },
      ...radios.map(({ label }) => label),
    );
    const field = this.#field(
      param,
      make("span", { text: param.label }),
      make("span", { class: "box" }, this.#undo(param, show)),
      group,
    );
    show(defaultOf(param));
    return { field, show };
  }

  /** @param {Param} param @param {[string, string][]} options @returns {Control} */
  #select(param, options) {
    const select = make(
      "select",
      { id: param.name },
      ...options.map(([value, text]) => make("option", { value, text })),
    );
    select.addEventListener("change", () => this.#hands.set(param.name, select.value));
    const show = (/** @type {string} */ text) => {
      select.value = text;
    };
    const field = this.#field(
      param,
      make("label", { for: param.name, text: param.label }),
      make("span", { class: "box" }, this.#undo(param, show)),
      select,
    );
    show(defaultOf(param));
    return { field, show };
  }

  /** @param {Param} param @returns {Control} */
  #toggle(param) {
    const box = make("input", { type: "checkbox", role: "switch", id: param.name });
    box.addEventListener("change", () => this.#hands.set(param.name, box.checked ? "on" : "off"));
    const show = (/** @type {string} */ text) => {
      box.checked = text === "on";
    };
    const field = this.#field(param, make("label", { for: param.name, text: param.label }), box);
    field.classList.add("switch");
    show(defaultOf(param));
    return { field, show };
  }

  /** @param {Param} param @param {number} most characters @returns {Control} */
  #text(param, most) {
    const box = make("input", {
      type: "text",
      id: param.name,
      maxlength: most,
      "aria-describedby": `fault-${param.name}`,
      autocomplete: "off",
      spellcheck: "false",
    });
    box.addEventListener("change", () => this.#hands.set(param.name, box.value.trim()));
    const show = (/** @type {string} */ text) => {
      box.value = text;
    };
    const field = this.#field(
      param,
      make("label", { for: param.name, text: param.label }),
      make("span", { class: "box" }, this.#undo(param, show)),
      box,
    );
    field.classList.add("written");
    show(defaultOf(param));
    return { field, show };
  }

  /** @param {Param} param @param {{most: number, words: string[]}} kind @returns {Control} */
  #picks(param, { most, words }) {
    const mine = make("p", { class: "note" });
    const ways = [
      ["", strings.automatic],
      ["mine", strings.myChoice],
    ].map(([value, name]) => {
      const radio = make("input", { type: "radio", name: `picks-${param.name}`, value });
      radio.addEventListener("change", () => {
        if (value === "") this.#hands.set(param.name, "");
        else mine.hidden = false;
      });
      return { radio, label: make("label", {}, radio, name) };
    });
    const extra = words.map((word) =>
      make("button", {
        class: "link-button",
        type: "button",
        text: strings.pickWord(word),
        "aria-pressed": "false",
        onclick: () => this.pick(param.name, word),
      }),
    );
    const picked = make("span", { class: "picked" });
    mine.append(strings.pickHint(most), ...(extra.length > 0 ? [`${strings.pickOr} `, ...extra] : []), ".", picked);
    const show = (/** @type {string} */ text) => {
      const choices = this.#choices(param.name, text);
      ways[0].radio.checked = choices.length === 0;
      ways[1].radio.checked = choices.length > 0;
      mine.hidden = choices.length === 0;
      extra.forEach((button, i) => button.setAttribute("aria-pressed", String(choices.includes(words[i]))));
      const focused = picked.contains(document.activeElement);
      picked.replaceChildren(
        ...choices.map((choice) => {
          const item = this.#items.get(param.name)?.[Number(choice) - 1] ?? choice;
          const label = strings.remove(item);
          const act = () => this.pick(param.name, choice);
          return make(
            "button",
            { class: "chip", type: "button", "aria-label": label, onclick: act },
            item,
            icon("close"),
          );
        }),
      );
      // The button that was pressed is gone with what it took away.
      if (focused) (picked.querySelector("button") ?? ways[0].radio).focus();
    };
    const group = make(
      "div",
      { class: "segments", role: "radiogroup", "aria-label": param.label },
      ...ways.map(({ label }) => label),
    );
    const field = this.#field(param, make("span", { text: param.label }), group, mine);
    show("");
    return { field, show };
  }

  /** What is picked of what there is: a link may name more. @param {string} name @param {string} text */
  #choices(name, text) {
    const items = this.#items.get(name);
    return choicesOf(text).filter((choice) => !items || !/^\d+$/.test(choice) || Number(choice) <= items.length);
  }

  /** Adds a pick or takes it away; the oldest gives way. @param {string} name @param {string} choice */
  pick(name, choice) {
    const param = this.#params.find((known) => known.name === name);
    if (param?.kind.type !== "picks" || this.#lock.has(name)) return;
    const picked = this.#choices(name, this.#values.get(name) ?? "");
    const without = picked.filter((text) => text !== choice);
    const next = without.length < picked.length ? without : [...picked, choice].slice(-param.kind.most);
    this.#hands.set(name, next.join("."));
  }

  /** A number was moved outside the form, as far as its slider would have. @param {string} name @param {number} x */
  move(name, x) {
    const kind = this.#params.find((known) => known.name === name)?.kind;
    if (!kind || !("max" in kind) || this.#lock.has(name)) return;
    const scale = scaleOf(kind);
    this.#hands.set(name, String(scale.move(Number(this.#values.get(name)), scale.to(x))));
  }

  /** @param {Param} param @param {number} most @returns {Control} */
  #images(param, most) {
    const { parts, draw, show } = imagesControl(param.name, most, {
      pictures: () => this.#pictures.filter((picture) => picture.param === param.name),
      files: (files) => this.bringFiles(param.name, files),
      drawn: async (picture) => this.bring([{ param: param.name, ...(await this.#hands.fit(picture)) }]),
      remove: (picture) => this.#hands.bring(this.#pictures.filter((known) => known !== picture)),
    });
    const field = this.#field(
      param,
      make("span", { text: param.label }),
      make("span", { class: "box" }, draw),
      ...parts,
    );
    return { field, show };
  }

  /**
   * Brings pictures beside those that are there; where only one fits, the new one takes its place.
   * @param {Picture[]} pictures
   * @returns {boolean} whether any was taken
   */
  bring(pictures) {
    let all = [...this.#pictures];
    for (const picture of pictures) {
      const kind = this.#params.find(({ name }) => name === picture.param)?.kind;
      if (kind?.type !== "images" || this.#lock.has(picture.param)) continue;
      if (kind.most === 1) all = all.filter(({ param }) => param !== picture.param);
      if (all.filter(({ param }) => param === picture.param).length >= kind.most) {
        this.#say(picture.param, strings.tooMany(kind.most));
        break;
      }
      all.push(picture);
    }
    const taken = all.some((picture) => !this.#pictures.includes(picture));
    if (taken) this.#hands.bring(all);
    return taken;
  }

  /** @param {string} name of an image parameter @param {File[]} files */
  async bringFiles(name, files) {
    const field = this.#controls.get(name)?.field;
    if (field) this.#clear(field);
    const pictures = [];
    const faults = [];
    for (const file of files) {
      try {
        pictures.push({ param: name, ...(await this.#hands.fit(await readPicture(file))) });
      } catch (error) {
        faults.push(messageOf(error));
      }
    }
    if (pictures.length > 0) this.bring(pictures);
    if (faults.length > 0) this.#say(name, faults.join(" "));
  }

  /** The first image parameter, for what is pasted or dropped anywhere. */
  get imageParam() {
    return this.#params.find(({ kind }) => kind.type === "images")?.name ?? null;
  }

  /** What is to be known of the pictures, or nothing. @param {string} message */
  tell(message) {
    const name = this.imageParam ?? "";
    const field = this.#controls.get(name)?.field;
    if (field && message === "") this.#clear(field);
    else this.#say(name, message);
  }

  /** @param {string} name @param {string} message */
  #say(name, message) {
    const field = this.#controls.get(name)?.field;
    if (!field) return;
    field.classList.add("refused");
    const text = /** @type {HTMLElement} */ (field.querySelector(".fault span"));
    text.textContent = message;
    field.querySelector(".fault")?.setAttribute("role", "alert");
  }
}

/** A popover stands under the button that opens it, inside the window. @param {HTMLElement} pop @param {HTMLElement} button */
export function place(pop, button) {
  const box = button.getBoundingClientRect();
  const left = pop.classList.contains("share") ? box.right - pop.offsetWidth : box.left;
  pop.style.left = `${Math.max(16, Math.min(left, innerWidth - pop.offsetWidth - 16))}px`;
  pop.style.top = `${Math.max(16, Math.min(box.bottom + 8, innerHeight - pop.offsetHeight - 16))}px`;
}

/** It does so whenever it opens. @param {HTMLElement} pop @param {HTMLElement} button */
export function placeUnder(pop, button) {
  pop.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") place(pop, button);
  });
}
