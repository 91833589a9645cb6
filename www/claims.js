// Claim cards: what the paper says, what this run measured, on one small rule.
import { icon, make } from "./dom.js";
import { powers } from "./powers.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Claim} Claim */

/** Where a number falls on the rule, in percent. @param {Claim["scale"]} scale @param {number} x */
export function place({ min, max, log }, x) {
  const turn = (/** @type {number} */ v) => (log ? Math.log10(v) : v);
  const within = Math.min(max, Math.max(min, x));
  return (100 * (turn(within) - turn(min))) / (turn(max) - turn(min));
}

/** @param {Claim} claim */
function rule({ scale, band: [low, high], tolerance, value }) {
  const stretch = (/** @type {string} */ kind, /** @type {number} */ slack) => {
    const [from, to] = [low - slack, high + slack].map((x) => place(scale, x));
    return make("i", { class: kind, style: `left:${from}%;width:max(5px, ${to - from}%)` });
  };
  return make(
    "div",
    { class: "rule", "aria-hidden": "true" },
    // What the verdict allows beyond the band is lighter.
    tolerance > 0 ? stretch("band slack", tolerance) : null,
    stretch("band", 0),
    value === null ? null : make("i", { class: "dot", style: `left:${place(scale, value)}%` }),
    make("span", { text: powers(scale.ends[0]) }),
    make("span", { text: powers(scale.ends[1]) }),
  );
}

/**
 * Why there is no number, or why it differs. The name of a preset that measures the claim presses it.
 * @param {Claim} claim @param {(preset: string) => void} press
 */
function reason({ why, preset }, press) {
  const text = powers(why);
  const [before, ...after] = preset ? text.split(preset) : [text];
  if (!preset || after.length === 0) return make("p", { class: "why", text });
  const button = make("button", { class: "link-button", type: "button", text: preset, onclick: () => press(preset) });
  return make("p", { class: "why" }, before, button, after.join(preset));
}

/** @param {Element} card @param {Claim} claim @param {(preset: string) => void} press */
function fill(card, claim, press) {
  const whole = (/** @type {string} */ text) => powers(text).replaceAll(" ± ", "\u00a0±\u00a0");
  const measured = whole(claim.measured ?? strings.notTested);
  card.setAttribute("data-verdict", claim.verdict);
  card.replaceChildren(
    make("p", { class: "verdict" }, icon(claim.verdict), strings.verdicts[claim.verdict]),
    make("h3", { text: claim.says }),
    make("p", { class: "source", text: claim.source }),
    rule(claim),
    make(
      "dl",
      {},
      make("div", {}, make("dt", {}, make("i"), strings.expected), make("dd", { text: whole(claim.expected) || "–" })),
      make(
        "div",
        {},
        make("dt", {}, make("i", { class: claim.measured ? "dot" : "dot none" }), strings.thisRun),
        make("dd", { text: measured }),
      ),
    ),
    ...(claim.why ? [reason(claim, press)] : []),
  );
}

/**
 * Brings the cards up to date where they stand; a changed verdict is said aloud once.
 * @param {HTMLElement} list @param {HTMLElement} voice a polite live region @param {Claim[]} claims
 * @param {(preset: string) => void} press a preset, by its name
 */
export function showClaims(list, voice, claims, press) {
  /** @type {string[]} */
  const said = [];
  claims.forEach((claim, i) => {
    const card = list.children[i] ?? list.appendChild(make("li", { class: "claim" }));
    const text = JSON.stringify(claim);
    if (card.getAttribute("data-claim") === text) return;
    const before = card.getAttribute("data-verdict");
    card.setAttribute("data-claim", text);
    fill(card, claim, press);
    if (before && before !== claim.verdict) said.push(`${strings.verdicts[claim.verdict]}: ${claim.says}`);
  });
  while (list.children.length > claims.length) list.lastElementChild?.remove();
  if (said.length > 0) voice.textContent = said.join(" ");
}
