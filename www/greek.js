// Greek letters and their names find each other: few keyboards have the letters.

const LETTERS = [..."αβγδεζηθικλμνξοπρστυφχψω"];
const NAMES =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega".split(
    " ",
  );

/** As letters are looked for: small, and in one form where there are several. @param {string} text */
export const plainly = (text) => text.toLowerCase().normalize("NFKC");

/** A text to look in, with the name of each letter in it and the letter of each name. @param {string} text */
export function spelt(text) {
  const plain = plainly(text);
  const found = NAMES.filter((name, i) => plain.includes(LETTERS[i]) || new RegExp(`\\b${name}\\b`).test(plain));
  return [plain, ...found.map((name) => `${name} ${LETTERS[NAMES.indexOf(name)]}`)].join(" ");
}
