// The prose under the stage: what is shown, its formulas, its paper, its symbols, the keys.
import { make } from "./dom.js";
import { fade } from "./fade.js";
import { strings } from "./strings.js";

/** Markup that the build made from the catalogue's own TeX; nothing of the user's is in it. @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {string} html @param {Record<string, unknown>} [attributes] */
function markup(tag, html, attributes) {
  const element = make(tag, attributes);
  element.innerHTML = html;
  return element;
}

/** @param {HTMLElement} prose @param {HTMLElement} aside @param {import("./types.js").Entry} entry */
export function showAbout(prose, aside, entry) {
  const paragraphs = entry.about.map((html) => markup("p", html));
  const formulas = entry.formulas.map((mathml) => markup("div", mathml));
  const formula = make("div", { class: "formula", tabindex: 0, role: "group", "aria-label": entry.title }, ...formulas);
  const [first, ...rest] = paragraphs;
  prose.append(first, ...(formulas.length > 0 ? [fade(formula)] : []), ...rest);
  if (entry.paper) {
    const { title, authors, year, link } = entry.paper;
    aside.append(
      make("h3", { text: strings.paper }),
      make("p", { class: "paper" }, make("b", {}, make("a", { href: link, text: title })), `${authors}. ${year}.`),
    );
  }
  if (entry.symbols.length > 0) {
    const list = entry.symbols.flatMap(([sign, meaning]) => [markup("dt", sign), markup("dd", meaning)]);
    aside.append(make("h3", { text: strings.symbols }), make("dl", { class: "symbols" }, ...list));
  }
  const keys = strings.keyMap.flatMap(([names, what]) => [
    make("dt", {}, ...names.flatMap((name) => [make("kbd", { text: name }), " "])),
    make("dd", { text: what }),
  ]);
  aside.append(make("h3", { text: strings.keys }), make("dl", { class: "keymap" }, ...keys));
}
