// What goes along a side of a sweep: the rule of `attractor sweep`, bit for bit, so that both have the same links. It stands
// here once more because in the core it would be a fifth of it, for a page that few open.
import { defaultOf, percent, WIDE } from "./params.js";
import { strings } from "./sweep-strings.js";

/** Values along a side, unless others are asked for, and the most that there may be. */
const VALUES = 6;
const MOST = 1000;
/** Digits that the numbers between the ends have. */
const DIGITS = 10;
/** As addresses and the command line write a range. */
export const RANGE = /^(.*?)\.\.(.*?):([^,]*)(,log)?$/;
/** A number as links have it, of no more than fifteen digits. */
const NUMBER = /^(?=.{1,16}$)[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d\d?)?$/i;

/**
 * @typedef {import("./types.js").Param} Param
 * @typedef {import("./types.js").Pair} Pair
 */

/** The words of a parameter that has a few, and their labels. @param {Param} param @returns {Pair[]} */
export function optionsOf({ kind }) {
  if (kind.type === "choice") return kind.options;
  return kind.type === "toggle" ? strings.switch : [];
}

/** @param {Param} param */
export const isNumber = ({ kind }) => "min" in kind;

/** Whether it can go along a side. @param {Param} param */
export const canVary = (param) => isNumber(param) || optionsOf(param).length > 0;

/** All that a parameter can be, in a few values. @param {Param} param */
export function usualOf(param) {
  const { kind } = param;
  if (!("min" in kind))
    return optionsOf(param)
      .map(([value]) => value)
      .join();
  const { type, min, max } = kind;
  const count = type === "int" ? Math.min(VALUES, max - min + 1) : VALUES;
  return `${write(min)}..${write(max)}:${count}${min > 0 && max / min > WIDE ? ",log" : ""}`;
}

/** A value as the page shows it. @param {Param} param @param {string} value */
export function labelOf(param, value) {
  if (param.kind.type === "share") return percent(Number(value));
  return optionsOf(param).find(([known]) => known === value)?.[1] ?? value;
}

/** The settings that are not at their default, in words. @param {Param[]} params @param {Pair[]} pairs */
export function settingsOf(params, pairs) {
  const values = new Map(pairs);
  const moved = params.filter((param) => (values.get(param.name) ?? defaultOf(param)) !== defaultOf(param));
  return moved.map((param) => `${param.label} ${labelOf(param, values.get(param.name) ?? "")}`);
}

/**
 * The digits of a number and the power of ten of the first, as text.
 * @param {string} exponential such as 1.5e-3
 * @param {[number, number]} plain the powers for which there is none in the text
 */
export function expand(exponential, [least, greatest]) {
  const [mantissa, exponent] = exponential.split("e");
  const power = Number(exponent);
  if (power < least || power > greatest) return `${mantissa}e${power}`;
  const digits = mantissa.replace(".", "");
  if (power < 0) return `0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return digits.length > power + 1 ? `${whole}.${digits.slice(power + 1)}` : whole;
}

/** A number as links write it. @param {number} x */
const write = (x) => (x < 0 ? "-" : "") + expand(Math.abs(x).toExponential(), [-7, 14]);

/** @param {number} x @param {number} power of ten, each exact up to 22 */
const scale = (x, power) => (power < 0 ? x / Number(`1e${-power}`) : x * Number(`1e${power}`));

/** Ten digits keep links short. The core rounds like this, which is not quite as `toPrecision` does. @param {number} x */
function rounded(x) {
  const size = Math.abs(x);
  let power = 0;
  while (scale(size, -power) >= 10) power += 1;
  while (scale(size, -power) < 1) power -= 1;
  const mantissa = Math.floor(scale(size, DIGITS - 1 - power) + 0.5);
  return Math.sign(x) * Number(`${mantissa}e${power + 1 - DIGITS}`);
}

/**
 * The values from end to end. Whole numbers are rounded, and what is then the same is one value.
 * @param {boolean} whole @param {number} low @param {number} high @param {number} count @param {boolean} log
 */
function spread(whole, low, high, count, log) {
  const between = (/** @type {number} */ i) => {
    const share = i / (count - 1);
    const [from, to] = log ? [Math.log(low), Math.log(high)] : [low, high];
    const x = log ? Math.exp(from + (to - from) * share) : from + (to - from) * share;
    if (whole) return Math.sign(x) * Math.round(Math.abs(x));
    // The steps from -0.1 to 0.2 are to meet 0.
    return Math.abs(x) < 1e-10 * Math.max(Math.abs(low), Math.abs(high)) ? 0 : rounded(x);
  };
  const inner = Array.from({ length: Math.max(0, count - 2) }, (_, i) => between(i + 1));
  return [...new Set([low, ...inner, ...(count > 1 ? [high] : [])])];
}

/**
 * How many values an axis asks for that rounding to whole numbers leaves out.
 * @param {string} text @param {string[]} values
 */
export function lostOf(text, values) {
  const range = text.match(RANGE);
  return range ? Number(range[3]) - values.length : 0;
}

/**
 * The values of an axis as links write them, or what is wrong with it.
 * @param {Param} param @param {string} text @returns {{values: string[], faults: string[]}}
 */
export function valuesOf(param, text) {
  const wrong = (/** @type {string} */ wanted, given = "") => strings.fault(param.label, wanted, given);
  const { kind } = param;
  if (!("min" in kind)) {
    const known = optionsOf(param).map(([value]) => value);
    const values = text.split(",").filter((value) => known.includes(value));
    return { values, faults: values.length > 0 && values.join() === text ? [] : [wrong(strings.fewWords)] };
  }
  const { type, min, max } = kind;
  const whole = type === "int";
  const fits = (/** @type {string} */ number) =>
    NUMBER.test(number) && Number(number) >= min && Number(number) <= max && (!whole || /^[+-]?\d+$/.test(number));
  const show = (/** @type {string} */ number) =>
    type === "share" && NUMBER.test(number) ? percent(Number(number)) : number;
  const wanted = (whole ? strings.wholeBetween : strings.between)(show(write(min)), show(write(max)));
  const misfits = (/** @type {string[]} */ numbers) =>
    numbers.filter((number) => !fits(number)).map((number) => wrong(wanted, show(number)));

  const range = text.match(RANGE);
  if (!range) {
    if (text.includes("..")) return { values: [], faults: [wrong(strings.noRange, text)] };
    const numbers = text.split(",");
    const faults = misfits(numbers);
    const values = faults.length > 0 ? [] : numbers.map((number) => write(Number(number)));
    return new Set(values).size < values.length ? { values: [], faults: [wrong(strings.twice)] } : { values, faults };
  }
  const [, from, to, many, log] = range;
  const faults = misfits([from, to]);
  const count = Number(many);
  if (!/^\d+$/.test(many) || count < 1 || count > MOST) {
    faults.push(strings.fault(strings.howMany, strings.wholeBetween("1", String(MOST)), many));
  }
  if (log && Math.min(Number(from), Number(to)) <= 0) faults.push(wrong(strings.aboveZero));
  if (faults.length > 0) return { values: [], faults };
  return { values: spread(whole, Number(from), Number(to), count, log !== undefined).map(write), faults };
}
