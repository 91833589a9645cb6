// Parameters and their values as text.

/** A number goes by ratios rather than by steps when its ends are further apart than this. */
export const WIDE = 50;

/** The default of a parameter as text, as links write it. @param {import("./types.js").Param} param */
export function defaultOf({ kind }) {
  if (kind.type === "toggle") return kind.default ? "on" : "off";
  return "default" in kind ? String(kind.default) : "";
}

/** A number without the last digits that doubling bits leaves. @param {number} x */
export const plain = (x) => String(Number(x.toPrecision(6)));

/**
 * A number as people type it: with a percent sign, with commas between thousands or one before the fraction.
 * @param {string} text
 */
export function bareNumber(text) {
  const bare = text.trim().replace(/\s*%$/, "");
  return /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(bare) ? bare.replaceAll(",", "") : bare.replace(",", ".");
}

/** @param {number} x a share */
export const percent = (x) => `${plain(100 * x)} %`;
