// Puts texts of the strings file where a page names them: `data-words="text title"` says that the text and the title of
// an element are keys. It waits for nothing but that file, and nothing is shown before it has run. A page with many words of
// its own names another file.
import { strings } from "./strings.js";

const file = document.documentElement.dataset.strings;
const words = /** @type {Record<string, unknown>} */ (file ? (await import(file)).strings : strings);
for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-words]"))) {
  for (const place of element.dataset.words?.split(" ") ?? []) {
    if (place === "text") element.textContent = String(words[element.textContent]);
    else element.setAttribute(place, String(words[element.getAttribute(place) ?? ""]));
  }
}
document.documentElement.dataset.worded = "";
